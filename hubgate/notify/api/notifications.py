"""One's own notifications."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import paging, shapes
from hubgate.notify import actions, queries
from hubgate.notify.queries import Told


class NotificationOut(serializers.Serializer[Any]):
    """One thing that you were told."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="Such as `access.new-request`.")
    title = serializers.CharField()
    body = serializers.CharField()
    link = serializers.CharField(help_text="The page of what it is about; empty for none.")
    subject_type = serializers.CharField()
    subject_id = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NotificationPage(serializers.Serializer[Any]):
    """A page of notifications, the newest first."""

    results = NotificationOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class NotificationQuery(paging.PageQuery):
    """Which notifications."""

    unread = serializers.BooleanField(required=False, default=False, help_text="Only those that you have not read.")


class ReadIn(shapes.Body):
    """Up to which."""

    up_to = shapes.Id(help_text="The newest notification that you have read: this one and all before are marked.")


class ReadOut(serializers.Serializer[Any]):
    """How many were new."""

    marked = serializers.IntegerField()


class Notifications(Operation):
    """What you were told, the newest first."""

    refusals = {"GET": ("invalid_input", "bad_cursor")}

    @extend_schema(operation_id="listNotifications", parameters=[NotificationQuery], responses=NotificationPage)
    def get(self, request: Request) -> Response:
        asked = self.query(NotificationQuery)
        found = queries.notifications(self.actor, unread=asked["unread"], cursor=asked["cursor"], size=asked["limit"])
        return paging.page(request, [_told(one) for one in found.rows], older=found.older, newer=found.newer)


class MarkRead(Operation):
    """Mark notifications as read, up to one that you name: what came since stays new."""

    @extend_schema(operation_id="markNotificationsRead", request=ReadIn, responses=ReadOut)
    def post(self, request: Request) -> Response:
        up_to = self.body(ReadIn)["up_to"]
        return Response({"marked": actions.mark_read(actor=self.actor, up_to=up_to)})


def _told(told: Told) -> dict[str, Any]:
    row = told.notification
    return {
        "id": row.pk,
        "kind": row.kind,
        "title": told.title,
        "body": told.body,
        "link": told.link,
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "created_at": row.created_at,
        "read_at": row.read_at,
    }
