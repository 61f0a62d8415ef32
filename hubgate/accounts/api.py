"""Who calls."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts import queries, scopes
from hubgate.accounts.models import AccessToken
from hubgate.accounts.rest import Operation


class TokenOut(serializers.Serializer[Any]):
    """The access token of this call."""

    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=tuple(scopes.SCOPES)))
    expires_at = serializers.DateTimeField()


class MeOut(serializers.Serializer[Any]):
    """The account that calls, and what it may do."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    hub_username = serializers.CharField(allow_null=True, help_text="On the Hub; null for a purely local account.")
    is_operator = serializers.BooleanField()
    administers = serializers.ListField(
        child=serializers.CharField(), help_text="Namespaces whose admin you are on the Hub, as your sign-in told."
    )
    token = TokenOut(allow_null=True, help_text="null where you call with a session.")


class Me(Operation):
    """Who you are here."""

    @extend_schema(operation_id="getMe", responses=MeOut)
    def get(self, request: Request) -> Response:
        user, token, actor = request.user, request.auth, self.actor
        identity = getattr(user, "hub_identity", None)
        return Response(
            {
                "id": user.pk,
                "username": user.username,
                "name": str(user),
                "hub_username": identity.username if identity else None,
                "is_operator": user.is_superuser,
                "administers": queries.administered_by(actor.user_id or 0),
                "token": TokenOut(token).data if isinstance(token, AccessToken) else None,
            }
        )
