"""The only writer of audit events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from hubgate import counters, rows
from hubgate.actors import Actor
from hubgate.audit.models import AuditEvent

_COLUMNS = (
    "at",
    "event",
    "actor_kind",
    "actor_id",
    "actor_label",
    "subject_type",
    "subject_id",
    "subject_label",
    "repository_id",
    "namespace_id",
    "cause",
    "data",
    "group",
)


@dataclass(frozen=True)
class Subject:
    """What an event is about: a stable type and id, the label that history keeps, and where it belongs."""

    type: str
    id: int
    label: str
    repository_id: int | None = None
    namespace_id: int | None = None


@dataclass(frozen=True)
class Entry:
    """One event to be recorded. `data` holds plain JSON facts, never an e-mail or an answer."""

    event: str
    subject: Subject
    cause: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def record(actor: Actor, event: str, subject: Subject, *, cause: str = "", data: dict[str, Any] | None = None) -> None:
    """Add one event, in the transaction of the change that it tells of."""
    record_many(actor, [Entry(event, subject, cause, data or {})])


def record_many(actor: Actor, entries: Iterable[Entry], *, group: UUID | None = None) -> None:
    """Add several events by one actor with one insert. `group` ties the events of one gesture together."""
    at, counted = timezone.now(), Counter[str]()
    rows.insert(
        AuditEvent,
        _COLUMNS,
        (
            (
                at,
                entry.event,
                actor.kind,
                actor.user_id,
                actor.label[:200],
                entry.subject.type,
                entry.subject.id,
                entry.subject.label[:300],
                entry.subject.repository_id,
                entry.subject.namespace_id,
                entry.cause,
                entry.data,
                group,
            )
            for entry in _counted(entries, counted)
        ),
    )

    def told() -> None:
        for event, number in counted.items():
            counters.add("audit_events", number, event=event, actor=actor.kind)

    transaction.on_commit(told, robust=True)


def _counted(entries: Iterable[Entry], counted: Counter[str]) -> Iterator[Entry]:
    """The entries, counted by event while they go by."""
    for entry in entries:
        counted[entry.event] += 1
        yield entry
