"""What goes in and out: serializers that say shapes, never rules. A name that is not known is refused, not dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from rest_framework import serializers


class _Strict(serializers.Serializer[Any]):
    """Refuses names it does not know: a misspelt filter must not widen a list, nor a misspelt word of a decision be
    lost."""

    noun = "member"

    def to_internal_value(self, data: Any) -> Any:
        known = set(self.fields)
        unknown = sorted(str(name) for name in data if name not in known) if hasattr(data, "keys") else []
        if unknown:
            there = ", ".join(sorted(known)) or "none"
            raise serializers.ValidationError(
                {name[:80]: f"There is no {self.noun} of this name here. There is: {there}." for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class Body(_Strict):
    """A JSON object that somebody sends."""


class Query(_Strict):
    """The parameters of an address."""

    noun = "parameter"

    def to_internal_value(self, data: Any) -> Any:
        for name, value in data.items() if isinstance(data, QueryDict) else ():
            if "\0" in str(value) or "\0" in name:
                raise serializers.ValidationError({name.replace("\0", "")[:80]: "This value holds a zero byte."})
        return super().to_internal_value(data)


def many(kind: type[serializers.Serializer[Any]], rows: Sequence[Any], **context: Any) -> list[Any]:
    """Rows in a shape, as plain data; `context` is what the shape needs beside a row."""
    shaped: Any = kind(rows, many=True, context=context)
    return list(shaped.data)


class Text(serializers.CharField):
    """Text as JSON text: a number or a truth value is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Id(serializers.IntegerField):
    """An id: a JSON number from 1, as the answers of the API give it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))
