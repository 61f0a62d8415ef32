"""How an event reads: sentences are registered by the app that records the event, next to its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hubgate.audit.models import AuditEvent

_sentences: dict[str, str] = {}


@dataclass(frozen=True)
class Line:
    """One line of a timeline: when (UTC), which event, the sentence, the reason where one was given, and what it is
    about (`subject_type`, and its name then)."""

    at: datetime
    event: str
    sentence: str
    detail: str
    actor_kind: str
    subject_type: str
    subject: str


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def register(sentences: Mapping[str, str]) -> None:
    """Teach the timeline an app's events: dotted name → sentence with `{actor}`, `{subject}` and the event's facts."""
    for name, sentence in sentences.items():
        if _sentences.setdefault(name, sentence) != sentence:
            raise ValueError(f"The event {name} is registered twice with different sentences.")


def is_known(event: str) -> bool:
    """Whether some app registered a sentence for this event."""
    return event in _sentences


def line(event: AuditEvent) -> Line:
    """The event as a person reads it. A fact that old data lacks shows as an ellipsis."""
    facts = _Facts(event.data, actor=event.actor_label, subject=event.subject_label)
    sentence = _sentences.get(event.event, "{actor}: " + event.event).format_map(facts)
    return Line(
        at=event.at,
        event=event.event,
        sentence=sentence,
        detail=str(event.data.get("reason") or ""),
        actor_kind=event.actor_kind,
        subject_type=event.subject_type,
        subject=event.subject_label,
    )


def of_subject(type_: str, id_: int, *, limit: int = 100) -> list[Line]:
    """The newest lines about one thing, newest first."""
    return _lines(AuditEvent.objects.filter(subject_type=type_, subject_id=id_).order_by("-id")[:limit])


def of_repository(repository_id: int, *, limit: int = 100) -> list[Line]:
    """The newest lines about a repository and its requests, newest first."""
    return _lines(AuditEvent.objects.filter(repository_id=repository_id).order_by("-id")[:limit])


def of_namespace(namespace_id: int, *, limit: int = 100) -> list[Line]:
    """The newest lines about a namespace itself, newest first."""
    return _lines(AuditEvent.objects.filter(namespace_id=namespace_id, repository_id=None).order_by("-id")[:limit])


def _lines(events: Iterable[AuditEvent]) -> list[Line]:
    return [line(event) for event in events]
