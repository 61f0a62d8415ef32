"""How far behind the outbox is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from hubgate.outbox.models import OutboxItem
from hubgate.rowsets import Many


@dataclass(frozen=True)
class State:
    """Where one key stands: `behind` while the world outside has not followed, `parked` once it refused for good."""

    behind: bool
    parked: bool
    error: str
    due_at: datetime | None
    attempts: int


SETTLED = State(behind=False, parked=False, error="", due_at=None, attempts=0)


def states(kind: str, keys: Iterable[int | str]) -> dict[str, State]:
    """The state of each key that has a row, in one query; a key without one is settled."""
    rows = OutboxItem.objects.filter(kind=kind, key__in=[str(key) for key in keys])
    return {
        row.key: State(
            behind=row.done < row.wanted,
            parked=row.parked_at is not None,
            error=row.last_error,
            due_at=row.due_at if row.done < row.wanted else None,
            attempts=row.attempts,
        )
        for row in rows
    }


def count_behind(kind: str) -> int:
    """How many keys of a kind still wait, parked ones left out."""
    return OutboxItem.objects.filter(kind=kind, done__lt=F("wanted"), parked_at=None).count()


def count_of(kind: str, keys: Iterable[int | str]) -> tuple[int, int]:
    """Of these keys, how many still wait and how many the world outside refused. The keys go along as a list: a join
    over them is guessed wrong by a database that has not counted the new rows yet."""
    late = OutboxItem.objects.filter(kind=kind, done__lt=F("wanted"), key__one_of=Many([str(key) for key in keys]))
    counts = late.aggregate(waiting=Count("pk", filter=Q(parked_at=None)), all=Count("pk"))
    return counts["waiting"], counts["all"] - counts["waiting"]


def lane_of(kind: str, keys: Iterable[int | str]) -> int:
    """The most urgent lane among these keys."""
    rows = OutboxItem.objects.filter(kind=kind, key__in=[str(key) for key in keys])
    return rows.order_by("lane").values_list("lane", flat=True).first() or 0


def keys_behind(kind: str, *, limit: int) -> list[str]:
    """Which keys of a kind still wait, parked ones left out; at most `limit`, in no order."""
    waiting = OutboxItem.objects.filter(kind=kind, done__lt=F("wanted"), parked_at=None)
    return list(waiting.values_list("key", flat=True)[:limit])
