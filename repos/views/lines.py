"""The audit trail's lines as a timeline shows them."""

from __future__ import annotations

from collections.abc import Iterable

from hubgate.audit.timeline import Line
from hubgate.http.web import TimelineEntry

_ICONS = {"user": "account", "hub": "cloud", "system": "settings"}


def entries(lines: Iterable[Line]) -> list[TimelineEntry]:
    """A line's icon says who acted: a person, the Hub, or hubgate itself."""
    return [TimelineEntry(line.sentence, line.at, _ICONS.get(line.actor_kind, "circle"), line.detail) for line in lines]
