"""What you chose about tagged repositories."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes
from tagging import actions, queries
from tagging.models import ContentPreference


class PreferenceOut(serializers.Serializer[Any]):
    """Hide tagged repositories in your lists, ask before their pages show content, or show them."""

    choice = serializers.ChoiceField(choices=ContentPreference.Choice.choices)


class PreferenceIn(shapes.Body):
    """Your choice."""

    choice = serializers.ChoiceField(choices=ContentPreference.Choice.choices)


class Preference(Operation):
    """Your choice about repositories tagged “Not For All Eyes”. It is kept with your account."""

    @extend_schema(operation_id="getContentPreference", responses=PreferenceOut)
    def get(self, request: Request) -> Response:
        return Response({"choice": queries.choice_of(self.actor)})

    @extend_schema(operation_id="setContentPreference", request=PreferenceIn, responses=PreferenceOut)
    def put(self, request: Request) -> Response:
        choice = self.body(PreferenceIn)["choice"]
        actions.choose(actor=self.actor, choice=choice)
        return Response({"choice": choice})
