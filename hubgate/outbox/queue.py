"""The only writer of new outbox work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from hubgate import rows
from hubgate.outbox.models import OutboxItem
from hubgate.rowsets import Many

_nudges: list[Callable[[str], None]] = []
NOW, BULK = LANES = (0, 1)


def on_enqueued(nudge: Callable[[str], None]) -> None:
    """Register who is told the kind after a commit that enqueued work. A failing nudge is logged, never raised."""
    _nudges.append(nudge)


def enqueue(
    kind: str,
    keys: Iterable[int | str],
    *,
    due_at: datetime | None = None,
    scope: int | str = "",
    lane: int = NOW,
) -> None:
    """Note that each key of this kind has to be carried out again, not before `due_at` (UTC; default now).
    Call inside the transaction of the change; a key already waiting is counted up and takes the new due time. Keys of
    one `scope`, such as a repository, never occupy more than one worker, so that a slow one leaves the others to the
    rest. What has the lower `lane` goes first: `NOW` for what a person waits for, `BULK` for sets; a key already
    waiting keeps the more urgent of the two."""
    enqueue_scoped(kind, dict.fromkeys(keys, scope), due_at=due_at, lane=lane)


def enqueue_scoped(
    kind: str, scopes: Mapping[int | str, int | str], *, due_at: datetime | None = None, lane: int = NOW
) -> None:
    """`enqueue` for keys that each have a scope of their own, in one statement however many they are."""
    if not scopes:
        return
    due = due_at or timezone.now()
    _upsert(kind, sorted((str(key), str(scope)) for key, scope in scopes.items()), due, lane)
    if due <= timezone.now():
        _announce(kind)


def hold(kind: str, keys: Iterable[int | str]) -> set[str]:
    """Of these keys those that wait or are parked and that nobody carries just now. Until the transaction ends nobody
    takes them up."""
    now = timezone.now()
    free = (
        OutboxItem.objects.select_for_update(skip_locked=True)
        .filter(kind=kind, key__one_of=Many([str(key) for key in keys]), done__lt=F("wanted"))
        .filter(Q(leased_until=None) | Q(leased_until__lt=now))
    )
    return set(free.order_by("key").values_list("key", flat=True))


def retry(kind: str, key: int | str) -> bool:
    """Give a parked or waiting key another try now. False where there is nothing to do for it."""
    now = timezone.now()
    found = OutboxItem.objects.filter(kind=kind, key=str(key), done__lt=F("wanted")).update(
        parked_at=None, due_at=now, attempts=0, last_error=""
    )
    if found:
        _announce(kind)
    return bool(found)


def retry_failed(kind: str) -> int:
    """Give all of a kind that is parked, or failed before and waits, another try now, but for what somebody carries at
    this moment. Returns how many."""
    now = timezone.now()
    late = OutboxItem.objects.filter(kind=kind, done__lt=F("wanted"))
    failed = late.filter(Q(parked_at__isnull=False) | Q(attempts__gt=0))
    free = failed.filter(Q(leased_until=None) | Q(leased_until__lt=now)).select_for_update(skip_locked=True)
    with transaction.atomic():
        ids = list(free.order_by("key").values_list("pk", flat=True))
        OutboxItem.objects.filter(pk__one_of=Many(ids)).update(parked_at=None, due_at=now, attempts=0, last_error="")
        if ids:
            _announce(kind)
    return len(ids)


def _announce(kind: str) -> None:
    for nudge in _nudges:
        transaction.on_commit(lambda nudge=nudge: nudge(kind), robust=True)  # type: ignore[misc]


def _upsert(kind: str, pairs: list[tuple[str, str]], due: datetime, lane: int) -> None:
    """In the order of the keys, in which others lock them too."""
    table = connection.ops.quote_name(OutboxItem._meta.db_table)
    waits = f"{table}.done < {table}.wanted AND {table}.parked_at IS NULL AND {table}.lane < excluded.lane"
    rows.insert(
        OutboxItem,
        ("kind", "key", "scope", "lane", "due_at"),
        ((kind, key, scope, lane, due) for key, scope in pairs),
        conflict=(
            f"ON CONFLICT (kind, key) DO UPDATE SET wanted = {table}.wanted + 1, due_at = excluded.due_at,"
            f" scope = excluded.scope, lane = CASE WHEN {waits} THEN {table}.lane ELSE excluded.lane END,"
            " attempts = 0, last_error = '', parked_at = NULL"
        ),
    )
