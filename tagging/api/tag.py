"""The content tag of one repository: how it stands, and an author's word on it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes
from hubgate.hub.card import NFAA_TAG
from tagging import actions, queries, rules
from tagging.models import Ruling
from tagging.queries import TagState


class RulingOut(serializers.Serializer[Any]):
    """A ruling on the tag, with its public reason."""

    outcome = serializers.ChoiceField(choices=Ruling.Outcome.choices)
    cause = serializers.ChoiceField(choices=Ruling.Cause.choices)
    reason = serializers.CharField()
    made_by = serializers.CharField(source="made_by_label")
    made_at = serializers.DateTimeField()


class TagOut(serializers.Serializer[Any]):
    """“Not For All Eyes” on a repository: hubgate's word and the card's."""

    repository_id = serializers.IntegerField(source="repository.pk")
    repository = serializers.CharField(source="repository.name")
    tag = serializers.SerializerMethodField()
    tagged = serializers.BooleanField(help_text="Whether readers are asked first: one of the two sides says so.")
    is_set = serializers.BooleanField(allow_null=True, help_text="What was ruled here; else what the card says.")
    on_the_hub = serializers.BooleanField(
        source="hub", allow_null=True, help_text="What the card says; null: not yet read"
    )
    waits = serializers.BooleanField(help_text="The card does not say yet what was ruled here.")
    error = serializers.CharField(help_text="Why the Hub refused the change of the card; empty where it did not.")
    commit = serializers.CharField(source="commit_url")
    lookalikes = serializers.SerializerMethodField(help_text="Tags of the card that were meant as this one.")
    may = serializers.SerializerMethodField(help_text="What you may do with it.")
    rulings = serializers.SerializerMethodField(help_text="How it was ruled on, the newest first.")

    def get_tag(self, state: TagState) -> str:
        return NFAA_TAG

    def get_lookalikes(self, state: TagState) -> list[str]:
        return [look.text for look in state.looks]

    def get_may(self, state: TagState) -> list[str]:
        return sorted(state.may)

    @extend_schema_field(RulingOut(many=True))
    def get_rulings(self, state: TagState) -> list[Any]:
        return shapes.many(RulingOut, queries.rulings(state.repository))


class TagIn(shapes.Body):
    """Your word on the tag. The reason is public, and goes into the commit on the Hub."""

    is_set = serializers.BooleanField()
    reason = shapes.Text(max_length=rules.REASON_LIMIT)


class OneTag(Operation):
    """The content tag of a repository: of your own, and of every public one."""

    refusals = {"PUT": ("not_allowed", "reading_only", "missing", "already_so")}

    @extend_schema(operation_id="getTag", responses=TagOut)
    def get(self, request: Request, repository_id: int) -> Response:
        return Response(told(self, repository_id))

    @extend_schema(operation_id="setTag", request=TagIn, responses=TagOut)
    def put(self, request: Request, repository_id: int) -> Response:
        """Set or clear it. hubgate then writes it into the card on the Hub, in a commit of one line."""
        given = self.body(TagIn)
        actions.decide(actor=self.actor, repository_id=repository_id, **given)
        return Response(told(self, repository_id))


class RetryTag(Operation):
    """Try once more to change a card whose change the Hub refused."""

    refusals = {"POST": ("not_allowed", "reading_only", "missing", "nothing_to_push")}

    @extend_schema(operation_id="retryTag", request=None, responses=TagOut)
    def post(self, request: Request, repository_id: int) -> Response:
        actions.retry(actor=self.actor, repository_id=repository_id)
        return Response(told(self, repository_id))


def told(operation: Operation, repository_id: int) -> dict[str, Any]:
    """How the tag of a repository stands for who calls. NotFoundOrHiddenError where they cannot see it."""
    repository = queries.get_visible(operation.actor, repository_id)
    return dict(TagOut(queries.state_of(operation.actor, repository)).data)
