"""What a bulk decision writes into all of its requests at once, as expressions that the database works out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, Func, Value, When
from django.db.models.functions import JSONObject

from access import ends, states
from access.ends import USUAL, Wish
from access.models import BulkDecision
from access.queries.lengths import lengths_of
from repos.models import Repository

Repositories = dict[int, tuple[Repository, bool]]


class _Iso(Func):
    """A time in ISO 8601 with its zone, as text in JSON."""

    output_field = CharField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="replace(%(expressions)s, ' ', 'T') || '+00:00'", **context)


def before() -> JSONObject:
    """What a decision replaces, as `AccessRequest.before` keeps it."""
    return JSONObject(
        status=F("status"),
        cause=F("cause"),
        reason=F("reason"),
        decided_at=_Iso(F("decided_at")),
        decided_by=F("decided_by_id"),
        decided_by_label=F("decided_by_label"),
        ends_at=_Iso(F("ends_at")),
    )


def ends_by_repository(
    bulk: BulkDecision, target: str, repositories: Repositories, now: datetime
) -> dict[int, datetime | None]:
    """When the access that a bulk decision gives ends, by repository; empty for other decisions."""
    if target != states.ACCEPTED:
        return {}
    wish = USUAL if bulk.ends_as_usual else Wish(bulk.ends_at)
    lengths = lengths_of(repository for repository, _ in repositories.values())
    return {pk: ends.capped_end(wish, length, now) for pk, length in lengths.items()}


def time_by_repository(times: dict[int, datetime | None]) -> Case:
    """A time for the requests of each repository, in one expression."""
    alike: dict[datetime, list[int]] = {}
    for pk, at in times.items():
        if at is not None:
            alike.setdefault(at, []).append(pk)
    return Case(
        *(When(repository__in=pks, then=Value(at)) for at, pks in alike.items()),
        default=Value(None),
        output_field=DateTimeField(null=True),
    )
