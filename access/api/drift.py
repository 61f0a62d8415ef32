"""What the Hub changed on its own, to be settled."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import actions, queries, states
from access.queries.drift import OPEN, PASSED, SETTLED, DriftLine, Wanted
from hubgate.accounts.rest import Operation
from hubgate.http.rest import paging, shapes

WAYS = tuple(way.value for way in actions.Way)
_PASS = "pass"  # noqa: S105 (a word of the body)


class DriftOut(serializers.Serializer[Any]):
    """A change that the Hub made on its own."""

    id = serializers.IntegerField()
    request_id = serializers.IntegerField()
    repository_id = serializers.IntegerField()
    repository = serializers.CharField()
    username = serializers.CharField()
    ours = serializers.CharField(help_text="The status that we had.")
    ours_by = serializers.CharField()
    theirs = serializers.CharField(help_text="What the Hub says.")
    theirs_by = serializers.CharField()
    theirs_at = serializers.DateTimeField(allow_null=True)
    stands = serializers.ChoiceField(choices=WAYS, help_text="Whose word stood when it was found.")
    now = serializers.ChoiceField(choices=states.OURS, help_text="The request's status.")
    passed = serializers.BooleanField(help_text="Whether the request changed since.")
    found_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_as = serializers.ChoiceField(choices=(*WAYS, ""))
    settled_by = serializers.CharField()
    why_not_theirs = serializers.CharField(help_text="Why theirs cannot be taken; empty where it can.")
    why_not_ours = serializers.CharField(help_text="Why ours cannot be put back; empty where it can.")


class DriftPage(serializers.Serializer[Any]):
    """A page of the desk, the newest first."""

    results = DriftOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class DriftQuery(paging.PageQuery):
    """Which drift."""

    state = serializers.ChoiceField(choices=(OPEN, PASSED, SETTLED), required=False, default=OPEN)
    repository = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, help_text="An id.")


class WayIn(shapes.Body):
    """How to settle it: take theirs, put ours back, or pass over what has changed since."""

    way = serializers.ChoiceField(choices=(*WAYS, _PASS))


class Drifts(Operation):
    """What the Hub changed on its own over all your repositories."""

    refusals = {"GET": ("invalid_input", "bad_cursor")}

    @extend_schema(operation_id="listDrift", parameters=[DriftQuery], responses=DriftPage)
    def get(self, request: Request) -> Response:
        asked = self.query(DriftQuery)
        wanted = Wanted(asked["state"], asked.get("repository"))
        found = queries.drift.page(self.actor, wanted, cursor=asked["cursor"], size=asked["limit"])
        return paging.page(request, [_told(line) for line in found.lines], older=found.older, newer=found.newer)


class SettleDrift(Operation):
    """Settle one. Putting ours back is a decision of yours, and the Hub is told."""

    refusals = {
        "POST": (
            "not_this_way",
            "settled_meanwhile",
            "changed_since",
            "still_open",
            "decided_meanwhile",
            "reading_only",
            "asked_already",
            "stage_full",
            "not_gated",
            "not_allowed",
            "own_request",
            "second_factor_due",
        )
    }

    @extend_schema(operation_id="settleDrift", request=WayIn, responses=DriftOut)
    def post(self, request: Request, drift_id: int) -> Response:
        way = self.body(WayIn)["way"]
        if way == _PASS:
            settled = actions.pass_over(actor=self.actor, drift_id=drift_id)
        else:
            settled = actions.settle(actor=self.actor, drift_id=drift_id, way=actions.Way(way))
        return Response(_told(queries.drift.line_of(self.actor, settled)))


def _told(line: DriftLine) -> dict[str, Any]:
    drift = line.drift
    return {
        "id": drift.pk,
        "request_id": drift.request_id,
        "repository_id": drift.repository_id,
        "repository": drift.request.repository.name,
        "username": line.username,
        "ours": line.ours,
        "ours_by": line.ours_by,
        "theirs": line.theirs,
        "theirs_by": drift.theirs_by,
        "theirs_at": drift.theirs_at,
        "stands": drift.stands,
        "now": line.now,
        "passed": line.passed,
        "found_at": drift.found_at,
        "settled_at": drift.settled_at,
        "settled_as": drift.settled_as,
        "settled_by": drift.settled_by_label,
        "why_not_theirs": line.why_not_theirs,
        "why_not_ours": line.why_not_ours,
    }
