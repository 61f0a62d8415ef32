"""How an event reads: sentences are registered by the app that records the event, next to its name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hubgate.audit.models import AuditEvent

PAGE = 50
_sentences: dict[str, str] = {}


@dataclass(frozen=True)
class Kind:
    """Events that a history can be narrowed to together: a word for addresses, one for readers, and their names."""

    key: str
    label: str
    events: tuple[str, ...]


_kinds: dict[str, Kind] = {}


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


def register_kind(key: str, label: str, events: Iterable[str]) -> None:
    """Teach the timeline a kind of events, under which a repository's history can be filtered."""
    kind = Kind(key, label, tuple(events))
    if _kinds.setdefault(key, kind) != kind:
        raise ValueError(f"The kind of events {key} is registered twice.")


def kinds() -> list[Kind]:
    """All kinds of events, in the order of their registration."""
    return list(_kinds.values())


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


def of_subjects(type_: str, ids: Collection[int], *, events: Collection[str], limit: int) -> list[Line]:
    """The newest lines of these events about some things of one type, newest first."""
    return _lines(
        AuditEvent.objects.filter(subject_type=type_, subject_id__in=ids, event__in=events).order_by("-id")[:limit]
    )


@dataclass(frozen=True)
class Page:
    """One page of a history, newest first; `older` and `newer` are cursors, empty where no page is."""

    lines: list[Line]
    older: str
    newer: str


def repository_page(repository_id: int, *, kind: str = "", cursor: str = "", size: int = PAGE) -> Page:
    """One page of what happened to a repository and its requests, of one kind of events or of all (an empty or unknown
    `kind`). `cursor` is what an earlier page gave; any other text shows the first page."""
    events = AuditEvent.objects.filter(repository_id=repository_id)
    if kind in _kinds:
        events = events.filter(event__in=_kinds[kind].events)
    direction, number = cursor[:1], cursor[1:]
    at = int(number) if direction in ("o", "n") and number.isdecimal() and len(number) < 19 else None
    backwards = at is not None and direction == "n"
    if at is not None:
        events = events.filter(id__gt=at) if backwards else events.filter(id__lt=at)
    found = list(events.order_by("id" if backwards else "-id")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, bool(found)) if backwards else (at is not None and bool(found), more)
    older, newer = (f"o{found[-1].pk}", f"n{found[0].pk}") if found else ("", "")
    return Page(_lines(found), older if has_older else "", newer if has_newer else "")


def of_namespace(namespace_id: int, *, limit: int = 100) -> list[Line]:
    """The newest lines about a namespace itself, newest first."""
    return _lines(AuditEvent.objects.filter(namespace_id=namespace_id, repository_id=None).order_by("-id")[:limit])


def _lines(events: Iterable[AuditEvent]) -> list[Line]:
    return [line(event) for event in events]
