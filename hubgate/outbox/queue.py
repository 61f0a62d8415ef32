"""The only writer of new outbox work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from hubgate.outbox.models import OutboxItem

_nudges: list[Callable[[str], None]] = []
_ROWS = 500  # rows a statement: SQLite takes a bounded number of parameters


def on_enqueued(nudge: Callable[[str], None]) -> None:
    """Register who is told the kind after a commit that enqueued work. A failing nudge is logged, never raised."""
    _nudges.append(nudge)


def enqueue(kind: str, keys: Iterable[int | str], *, due_at: datetime | None = None, scope: int | str = "") -> None:
    """Note that each key of this kind has to be carried out again, not before `due_at` (UTC; default now).
    Call inside the transaction of the change; a key already waiting is counted up and takes the new due time. Keys of
    one `scope`, such as a repository, never occupy more than one worker, so that a slow one leaves the others to the
    rest."""
    ordered = sorted({str(key) for key in keys})
    due = due_at or timezone.now()
    for start in range(0, len(ordered), _ROWS):
        _upsert(kind, ordered[start : start + _ROWS], due, str(scope))
    if ordered and due <= timezone.now():
        for nudge in _nudges:
            transaction.on_commit(lambda nudge=nudge: nudge(kind), robust=True)  # type: ignore[misc]


def retry(kind: str, key: int | str) -> bool:
    """Give a parked or waiting key another try now. False where there is nothing to do for it."""
    now = timezone.now()
    found = OutboxItem.objects.filter(kind=kind, key=str(key), done__lt=F("wanted")).update(
        parked_at=None, due_at=now, attempts=0, last_error=""
    )
    if found:
        for nudge in _nudges:
            transaction.on_commit(lambda nudge=nudge: nudge(kind), robust=True)  # type: ignore[misc]
    return bool(found)


def _upsert(kind: str, keys: list[str], due: datetime, scope: str) -> None:
    table = connection.ops.quote_name(OutboxItem._meta.db_table)
    when = connection.ops.adapt_datetimefield_value(due)
    values = ", ".join(["(%s, %s, %s, 1, 0, 0, %s, '', NULL, 0, '', NULL)"] * len(keys))
    parameters: list[str | datetime | None] = []
    for key in keys:
        parameters += [kind, key, scope, when]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (kind, key, scope, wanted, done, claimed, due_at, lease, leased_until,"  # noqa: S608
            " attempts, last_error, parked_at)"
            f" VALUES {values}"
            f" ON CONFLICT (kind, key) DO UPDATE SET wanted = {table}.wanted + 1, due_at = excluded.due_at,"
            " scope = excluded.scope, attempts = 0, last_error = '', parked_at = NULL",
            parameters,
        )
