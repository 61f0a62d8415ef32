"""The audit trail's lines as a timeline shows them."""

from __future__ import annotations

from collections.abc import Iterable

from hubgate.audit.timeline import Line
from hubgate.http.web import TimelineEntry

_ICONS = {"user": "account", "hub": "cloud", "system": "settings"}


def entries(lines: Iterable[Line]) -> list[TimelineEntry]:
    """A line's icon says who acted: a person, the Hub, or hubgate itself. Of lines about different things, each names
    its own: "lvirt: Mara Keller rejected the request"."""
    return [TimelineEntry(_named(line), line.at, _ICONS.get(line.actor_kind, "circle"), line.detail) for line in lines]


def _named(line: Line) -> str:
    is_named = line.subject_type in ("namespace", "repository") or line.subject in line.sentence
    return line.sentence if is_named else f"{line.subject}: {line.sentence}"
