"""The only writer of audit events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hubgate.actors import Actor
from hubgate.audit.models import AuditEvent


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


def record(
    actor: Actor, event: str, subject: Subject, *, cause: str = "", data: dict[str, Any] | None = None
) -> AuditEvent:
    """Add one event, in the transaction of the change that it tells of."""
    return record_many(actor, [Entry(event, subject, cause, data or {})])[0]


def record_many(actor: Actor, entries: Iterable[Entry], *, group: UUID | None = None) -> list[AuditEvent]:
    """Add several events by one actor with one insert. `group` ties the events of one gesture together."""
    return AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                event=entry.event,
                actor_kind=actor.kind,
                actor_id=actor.user_id,
                actor_label=actor.label[:200],
                subject_type=entry.subject.type,
                subject_id=entry.subject.id,
                subject_label=entry.subject.label[:300],
                repository_id=entry.subject.repository_id,
                namespace_id=entry.subject.namespace_id,
                cause=entry.cause,
                data=entry.data,
                group=group,
            )
            for entry in entries
        ],
        batch_size=1000,
    )
