"""What is done with one request, and grants."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import actions, queries, states
from access.actions.decide import REASON_LIMIT
from access.api.shapes import DecidedOut, decided, ends_field, wish_of
from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes

_NOT_YOURS = ("not_allowed", "own_request", "second_factor_due")


class DecisionIn(shapes.Body):
    """A decision, and which status its maker saw."""

    verb = serializers.ChoiceField(choices=states.REVIEWER_VERBS)
    seen_status = serializers.ChoiceField(
        choices=states.OURS, help_text="The status as you read it: if it has changed since, nothing is decided."
    )
    reason = shapes.Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=REASON_LIMIT,
        trim_whitespace=False,
        help_text="The person reads it. Due for `reject` and `reset`.",
    )
    ends_at = ends_field()


class AssigneeIn(shapes.Body):
    """Whose the request is to decide."""

    assignee = shapes.Id(allow_null=True, help_text="The id of one of its `reviewers`; null for nobody.")


class GrantIn(shapes.Body):
    """Somebody who is let in without having asked."""

    username = shapes.Text(max_length=200, help_text="On the Hub.")
    over_capacity = serializers.BooleanField(
        required=False, default=False, help_text="Also where the stage in force has no place left."
    )
    ends_at = ends_field()


class Decide(Operation):
    """Accept, reject, reset or put back a request. The same decision of the same account again changes nothing."""

    refusals = {"POST": ("decided_meanwhile", "stage_full", "reading_only", *_NOT_YOURS)}

    @extend_schema(operation_id="decideRequest", request=DecisionIn, responses=DecidedOut)
    def post(self, request: Request, request_id: int) -> Response:
        wish = self.body(DecisionIn)
        done = actions.decide(
            actor=self.actor,
            request_id=request_id,
            verb=wish["verb"],
            seen_status=wish["seen_status"],
            reason=wish["reason"],
            ends_at=wish_of(wish),
        )
        return Response(decided(self.actor, done))


class Undo(Operation):
    """Take your own last decision back, within 15 seconds."""

    refusals = {
        "POST": (
            *("decided_meanwhile", "nothing_to_undo", "undo_too_late", "stage_full", "reading_only"),
            *("not_allowed", "second_factor_due"),
        )
    }

    @extend_schema(operation_id="undoDecision", request=None, responses=DecidedOut)
    def post(self, request: Request, request_id: int) -> Response:
        self.body(shapes.Body)
        return Response(decided(self.actor, actions.undo(actor=self.actor, request_id=request_id)))


class Retry(Operation):
    """Try once more to tell the Hub what it refused or did not hear."""

    refusals = {"POST": ("nothing_to_push", "reading_only", "not_allowed", "second_factor_due")}

    @extend_schema(operation_id="retryPush", request=None, responses=DecidedOut)
    def post(self, request: Request, request_id: int) -> Response:
        self.body(shapes.Body)
        actions.retry_push(actor=self.actor, request_id=request_id)
        return Response(decided(self.actor, queries.get_request(self.actor, request_id)))


class Assign(Operation):
    """Say whose a request is to decide."""

    refusals = {"POST": ("not_allowed", "second_factor_due")}

    @extend_schema(operation_id="assignRequest", request=AssigneeIn, responses=DecidedOut)
    def post(self, request: Request, request_id: int) -> Response:
        wish = self.body(AssigneeIn)
        done = actions.assign(actor=self.actor, request_id=request_id, user_id=wish["assignee"])
        return Response(decided(self.actor, done))


class Grant(Operation):
    """Let somebody in to a repository who has not asked."""

    refusals = {"POST": ("asked_already", "not_gated", "stage_full", "reading_only", *_NOT_YOURS)}

    @extend_schema(operation_id="grantAccess", request=GrantIn, responses={201: DecidedOut})
    def post(self, request: Request, repository_id: int) -> Response:
        wish = self.body(GrantIn)
        granted = actions.grant(
            actor=self.actor,
            repository_id=repository_id,
            username=wish["username"],
            over_capacity=wish["over_capacity"],
            ends_at=wish_of(wish),
        )
        place = request.build_absolute_uri(reverse("api:request", args=[granted.pk]))
        return Response(decided(self.actor, granted), 201, headers={"Location": place})
