"""What happened, as a feed: the audit trail of namespaces and repositories."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.audit import timeline
from hubgate.audit.models import AuditEvent
from hubgate.http.rest import paging, shapes
from repos import queries


class EventOut(serializers.Serializer[Any]):
    """One thing that happened. No e-mail and no answer ever stands in it."""

    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    event = serializers.CharField(help_text="A dotted name, such as `access.request.accepted`.")
    sentence = serializers.SerializerMethodField()
    actor = serializers.CharField(source="actor_label")
    actor_kind = serializers.CharField(help_text="`user`, `system` or `hub`.")
    subject_type = serializers.CharField()
    subject_id = serializers.IntegerField()
    subject = serializers.CharField(source="subject_label")
    namespace_id = serializers.IntegerField(allow_null=True)
    repository_id = serializers.IntegerField(allow_null=True)
    cause = serializers.CharField()
    data = serializers.DictField(  # type: ignore[assignment]  # a member of the answer, not of the class
        help_text="Facts of this event, such as the reason and the status before."
    )
    group = serializers.UUIDField(allow_null=True, help_text="The same for all events of one gesture.")

    def get_sentence(self, event: AuditEvent) -> str:
        return timeline.line(event).sentence


class EventPage(serializers.Serializer[Any]):
    """Events by id, the oldest first."""

    results = EventOut(many=True)
    next = serializers.URLField(help_text="What comes after these, now or later: ask it again to go on.")
    previous = serializers.URLField(allow_null=True, help_text="Always null: a feed is read forwards.")


class EventQuery(shapes.Query):
    """Whose events, and after which."""

    namespace = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=128,
        help_text="All of one namespace; without it and `repository`, of all.",
    )
    repository = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Of one repository, by id."
    )
    cursor = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=20,
        help_text="What a `next` carries; without it, from the beginning.",
    )
    limit = serializers.IntegerField(required=False, default=paging.DEFAULT, min_value=1, max_value=paging.MOST)


class Events(Operation):
    """What happened in your namespaces, the oldest first. `next` is there also at the end: asked again later, it gives
    what has happened since, and misses nothing."""

    refusals = {"GET": ("invalid_input", "bad_cursor", "not_found")}

    @extend_schema(operation_id="listEvents", parameters=[EventQuery], responses=EventPage)
    def get(self, request: Request) -> Response:
        asked = self.query(EventQuery)
        found = queries.events_after(
            self.actor,
            cursor=asked["cursor"],
            namespace=asked["namespace"],
            repository_id=asked.get("repository"),
            limit=asked["limit"],
        )
        return paging.page(request, shapes.many(EventOut, found.rows), older=found.next, newer="")
