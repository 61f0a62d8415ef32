"""What the operations on access requests give: shapes that several share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from access import queries, rules, states
from access.ends import USUAL, Wish
from access.models import AccessRequest
from access.subjects import label
from hubgate.actors import Actor

HUB_WORDS = ("in_step", "waiting", "refused")
PERSONAL = "null unless the token has the scope `personal`."


ENDS_AT = "When access ends; null for never. Left out: as is usual for the repository."


def ends_field() -> serializers.DateTimeField:
    """When access ends that a body gives."""
    return serializers.DateTimeField(required=False, allow_null=True, help_text=ENDS_AT)


def wish_of(body: Mapping[str, Any]) -> Wish:
    """The end that a body with `ends_at` wishes for."""
    return Wish(body["ends_at"]) if "ends_at" in body else USUAL


class DecidedOut(serializers.Serializer[Any]):
    """How a request stands, and whether the Hub knows."""

    id = serializers.IntegerField()
    repository_id = serializers.IntegerField()
    repository = serializers.CharField()
    username = serializers.CharField(help_text="On the Hub.")
    status = serializers.ChoiceField(choices=states.OURS)
    reason = serializers.CharField()
    cause = serializers.CharField(help_text="`reviewer`, `hub`, `requester` …; empty where nobody decided.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When access ends; null for never, or without any.")
    assigned_to = serializers.IntegerField(allow_null=True, help_text="The id of an account.")
    undo_until = serializers.DateTimeField(allow_null=True, help_text="Until when you may undo it.")
    hub = serializers.ChoiceField(choices=HUB_WORDS, help_text="`waiting`: the Hub has not been told yet.")
    hub_status = serializers.ChoiceField(choices=states.THEIRS, help_text="What the Hub last said.")
    hub_error = serializers.CharField()


def decided(actor: Actor, request: AccessRequest) -> dict[str, Any]:
    """A request as `DecidedOut` says; nothing of it is personal data beyond a name on the Hub."""
    hub = queries.hub_state(request)
    undoable = queries.undoable(actor, [request.pk]) is not None and request.decided_at is not None
    return {
        "id": request.pk,
        "repository_id": request.repository_id,
        "repository": request.repository.name,
        "username": label(request) if request.person else "",
        "status": request.status,
        "reason": request.reason,
        "cause": request.cause,
        "decided_at": request.decided_at,
        "decided_by": request.decided_by_label,
        "ends_at": request.ends_at,
        "assigned_to": request.assigned_to_id,
        "undo_until": request.decided_at + rules.UNDO if undoable and request.decided_at else None,
        "hub": hub.word,
        "hub_status": request.hub_status,
        "hub_error": hub.error,
    }
