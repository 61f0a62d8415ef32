"""The history of a repository or a namespace as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hubgate.accounts.queries import actor_of
from hubgate.audit import timeline
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError
from hubgate.http import exports
from repos import queries

_COLUMNS = (
    "id",
    "at",
    "event",
    "sentence",
    "actor",
    "actor_kind",
    "subject_type",
    "subject_id",
    "subject",
    "cause",
    "reason",
    "group",
)


@login_required
@require_safe
def of_repository(request: HttpRequest, repository_id: int) -> StreamingHttpResponse:
    """All that happened to a repository and its requests, the oldest first."""
    return _file(request, queries.all_events(actor_of(request.user), repository_id=repository_id))


@login_required
@require_safe
def of_namespace(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """All that happened to a namespace and everything in it, the oldest first."""
    return _file(request, queries.all_events(actor_of(request.user), namespace=name))


def _file(request: HttpRequest, events: Iterator[AuditEvent]) -> StreamingHttpResponse:
    kind = request.GET.get("format", exports.CSV)
    if kind not in exports.TYPES:
        raise InvalidInputError("Choose CSV or JSON lines.", code="bad_format")
    if kind == exports.CSV:
        content = exports.csv_lines(_COLUMNS, ([facts[name] for name in _COLUMNS] for facts in map(_facts, events)))
    else:
        content = exports.json_lines(map(_facts, events))
    name = f"history-{timezone.now():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(content, content_type=exports.TYPES[kind], headers=headers)


def _facts(event: AuditEvent) -> dict[str, Any]:
    """A line of the file. JSON lines have the event's own facts too, which differ from event to event."""
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "event": event.event,
        "sentence": timeline.line(event).sentence,
        "actor": event.actor_label,
        "actor_kind": event.actor_kind,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "subject": event.subject_label,
        "namespace_id": event.namespace_id,
        "repository_id": event.repository_id,
        "cause": event.cause,
        "reason": event.data.get("reason", ""),
        "data": event.data,
        "group": str(event.group) if event.group else None,
    }
