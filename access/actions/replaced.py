"""What decisions that are written as a set replace."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, Func
from django.db.models.functions import JSONObject


class _Iso(Func):
    """A time in ISO 8601 with its zone, as text in JSON."""

    output_field = CharField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="replace(%(expressions)s, ' ', 'T') || '+00:00'", **context)


def replaced() -> JSONObject:
    """What a decision replaces, as `AccessRequest.before` keeps it."""
    return JSONObject(
        status=F("status"),
        cause=F("cause"),
        reason=F("reason"),
        decided_at=_Iso(F("decided_at")),
        decided_by=F("decided_by_id"),
        decided_by_label=F("decided_by_label"),
    )
