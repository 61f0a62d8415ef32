"""JSON in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def dumps(data: Any) -> bytes:
    """Plain data as JSON; times in UTC end in Z."""
    return orjson.dumps(data, option=_OPTIONS, default=str)


class Parser(BaseParser):
    """A body that is a JSON object, as RFC 8259 has it: no NaN, no lone surrogates, no bottomless nesting."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            data = orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(
                f"The body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            ) from None
        if not isinstance(data, dict):
            raise ParseError("The body has to be a JSON object, such as {}.")
        return data


class Renderer(BaseRenderer):
    """Every answer is JSON in UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON has no such parameter

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else dumps(data)
