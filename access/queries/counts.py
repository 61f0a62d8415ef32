"""How many requests there are: counted up to a limit, so that no page waits for a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from access import states
from access.models import AccessRequest
from access.queries.filters import Filter, matching
from hubgate.actors import Actor

COUNT_UP_TO = 1000
_WAITING = "access.waiting"


@dataclass(frozen=True)
class Count:
    """How many there are, counted up to `COUNT_UP_TO`; `more` says that there are more than that."""

    number: int
    more: bool


@dataclass(frozen=True)
class Tally:
    """The numbers over a list. `by_status` counts the same filter for each status ("" for all); where words are looked
    for it has the list's own status alone, since each would be a search. `others` are the counts of other filters in
    their order. `oldest`: when the request that waits longest was asked, for lists of what waits without words."""

    count: Count
    by_status: dict[str, Count]
    others: list[Count]
    oldest: datetime | None


def count(actor: Actor, wanted: Filter) -> Count:
    """How many requests a filter lets through, honest about where counting stopped."""
    return _count(matching(actor, wanted).order_by()[: COUNT_UP_TO + 1].count())


def waiting(actor: Actor) -> Count:
    """How many of the actor's requests wait; known already where a `tally` was taken for the same page."""
    known: Count | None = actor.known.get(_WAITING)
    return known or count(actor, Filter())


def tally(actor: Actor, wanted: Filter, *, others: Sequence[Filter] = ()) -> Tally:
    """All numbers that an inbox shows, in one query."""
    statuses = [wanted.status] if wanted.text else [*states.OURS, ""]
    by_status = {status: replace(wanted, status=status) for status in statuses}
    filters = list(dict.fromkeys([Filter(), *by_status.values(), *others]))
    subject = wanted if wanted.status == states.PENDING and not wanted.text else None
    numbers, oldest = _ask(actor, filters, subject)
    actor.known[_WAITING] = numbers[Filter()]
    return Tally(
        count=numbers[wanted],
        by_status={status: numbers[one] for status, one in by_status.items()},
        others=[numbers[other] for other in others],
        oldest=oldest,
    )


def _count(number: int) -> Count:
    return Count(min(number, COUNT_UP_TO), number > COUNT_UP_TO)


def _ask(
    actor: Actor, filters: Sequence[Filter], subject: Filter | None
) -> tuple[dict[Filter, Count], datetime | None]:
    """Each count stops by itself, and all are asked for in one statement: the ORM has no such question, so that it
    only writes the parts."""
    columns: list[str] = []
    params: list[Any] = []

    def add(rows: Any, around: str) -> None:
        try:
            sql, args = rows.query.sql_with_params()
        except EmptyResultSet:
            columns.append("NULL")
        else:
            columns.append(around.format(sql))
            params.extend(args)

    for wanted in filters:
        add(
            matching(actor, wanted).order_by().values("pk")[: COUNT_UP_TO + 1],
            "(SELECT COUNT(*) FROM ({}) AS capped)",
        )
    if subject is not None:
        add(matching(actor, subject).order_by("asked_at", "pk").values("asked_at")[:1], "({})")
    found: list[Any] = [None] * len(columns)
    if any(column != "NULL" for column in columns):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", params)  # noqa: S608 (written by the ORM)
            found = list(cursor.fetchone())
    oldest = _as_time(found.pop()) if subject is not None else None
    return {wanted: _count(number or 0) for wanted, number in zip(filters, found, strict=True)}, oldest


def _as_time(value: Any) -> datetime | None:
    """A raw value of `asked_at` as the ORM would give it: SQLite has no times of its own."""
    column = AccessRequest._meta.get_field("asked_at").get_col("")
    for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection):
        value = convert(value, column, connection)
    return value
