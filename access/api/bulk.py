"""Bulk decisions: choose, see what would happen, start, watch, cancel."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import actions, queries, states
from access.actions.bulk import REASON_LIMIT
from access.api.requests import FilterQuery, wanted_by
from access.api.shapes import ends_field, wish_of
from access.forms import MOST_TICKED
from access.models import BulkDecision, BulkRow
from hubgate.accounts.rest import Operation
from hubgate.errors import InvalidInputError
from hubgate.http.rest import paging, shapes


class ProgressOut(serializers.Serializer[Any]):
    """How far a bulk decision is; numbers are of requests."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="For hubgate.")
    decided = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Left as they were; the results say why.")
    cancelled = serializers.IntegerField()
    on_hub = serializers.IntegerField(help_text="Of those decided: the Hub has been told.")
    behind = serializers.IntegerField(help_text="Of those decided: on their way to the Hub.")
    parked = serializers.IntegerField(help_text="Of those decided: refused by the Hub.")


class RefusedOut(serializers.Serializer[Any]):
    """Requests that would be left alone, all for one reason."""

    code = serializers.CharField()
    status = serializers.CharField()
    number = serializers.IntegerField()


class PlanOut(serializers.Serializer[Any]):
    """What a bulk decision would do if it were started now."""

    will = serializers.IntegerField(help_text="Requests that would be decided.")
    lose_access = serializers.IntegerField(help_text="People who would lose access by it.")
    refused = RefusedOut(many=True)


class BulkOut(serializers.Serializer[Any]):
    """A bulk decision."""

    key = serializers.UUIDField()
    verb = serializers.ChoiceField(choices=states.REVIEWER_VERBS)
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=BulkDecision.State.choices)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    progress = ProgressOut()
    plan = PlanOut(allow_null=True, help_text="Only before it is started.")


class BulkList(serializers.Serializer[Any]):
    """Your newest bulk decisions."""

    results = BulkOut(many=True)


class ResultOut(serializers.Serializer[Any]):
    """What became of one request."""

    request_id = serializers.IntegerField()
    username = serializers.CharField()
    repository = serializers.CharField()
    seen_status = serializers.CharField()
    outcome = serializers.ChoiceField(choices=BulkRow.Outcome.choices)
    sentence = serializers.CharField(help_text="Why it was not decided.")
    hub = serializers.ChoiceField(choices=("told", "waiting", "refused", ""))


class ResultPage(serializers.Serializer[Any]):
    """A page of results, in the order in which they were chosen."""

    results = ResultOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True, help_text="Always null: results are read forwards.")


class FilterIn(FilterQuery, shapes.Body):
    """All requests of a list, as `listRequests` filters it."""

    noun = "member"
    repository = serializers.ListField(child=shapes.Id(), required=False, help_text="Ids.")


class ChoiceIn(shapes.Body):
    """What is to be done, and with which: `requests` or `filter`."""

    verb = serializers.ChoiceField(choices=states.REVIEWER_VERBS)
    requests = serializers.ListField(child=shapes.Id(), required=False, max_length=MOST_TICKED, min_length=1)
    filter = FilterIn(required=False)


class StartIn(shapes.Body):
    """The one reason that everybody is given, due for `reject` and `reset`; and when access ends that `accept` gives:
    sooner where a repository allows less."""

    reason = shapes.Text(required=False, default="", allow_blank=True, max_length=REASON_LIMIT, trim_whitespace=False)
    ends_at = ends_field()


class ResultQuery(paging.PageQuery):
    """Which results."""

    outcome = serializers.ChoiceField(choices=BulkRow.Outcome.choices, required=False)


class BulkDecisions(Operation):
    """Decisions on many requests at once."""

    refusals = {"POST": ("bad_list", "insufficient_scope")}

    @extend_schema(operation_id="listBulkDecisions", responses=BulkList)
    def get(self, request: Request) -> Response:
        """Your newest bulk decisions."""
        return Response({"results": [_told(bulk) for bulk in queries.recent_bulks(self.actor)]})

    @extend_schema(operation_id="prepareBulkDecision", request=ChoiceIn, responses={201: BulkOut})
    def post(self, request: Request) -> Response:
        """Choose requests and see what would happen to them. Nothing is decided until it is started."""
        wish = self.body(ChoiceIn)
        if ("requests" in wish) == ("filter" in wish):
            message = "Name either requests or a filter."
            raise InvalidInputError(message, fields={"requests": message})
        chosen = {name: _texts(value) for name, value in wish.get("filter", {}).items()}
        bulk = actions.prepare_bulk(
            actor=self.actor,
            key=uuid4(),
            verb=wish["verb"],
            wanted=wanted_by(chosen, personal=self.personal) if "filter" in wish else None,
            request_ids=wish.get("requests", ()),
            query=f"?{urlencode(chosen, doseq=True)}" if chosen else "",
        )
        place = request.build_absolute_uri(reverse("api:bulk-decision", args=[bulk.key]))
        return Response(_told(bulk, queries.plan_of_bulk(self.actor, bulk)), 201, headers={"Location": place})


class OneBulkDecision(Operation):
    """A bulk decision of yours: what it would do, then how far it is."""

    @extend_schema(operation_id="getBulkDecision", responses=BulkOut)
    def get(self, request: Request, key: UUID) -> Response:
        bulk = queries.get_bulk(self.actor, key)
        is_preview = bulk.state == BulkDecision.State.PREVIEW
        return Response(_told(bulk, queries.plan_of_bulk(self.actor, bulk) if is_preview else None))


class BulkResults(Operation):
    """What became of each request of a bulk decision."""

    refusals = {"GET": ("invalid_input", "bad_cursor")}

    @extend_schema(operation_id="listBulkResults", parameters=[ResultQuery], responses=ResultPage)
    def get(self, request: Request, key: UUID) -> Response:
        asked = self.query(ResultQuery)
        bulk = queries.get_bulk(self.actor, key)
        found = queries.results_after(
            self.actor, bulk, outcome=asked.get("outcome", ""), cursor=asked["cursor"], size=asked["limit"]
        )
        return paging.page(request, shapes.many(ResultOut, found.rows), older=found.next, newer="")


class StartBulk(Operation):
    """Have it carried out. Started again, it goes on as before."""

    @extend_schema(operation_id="startBulkDecision", request=StartIn, responses={202: BulkOut})
    def post(self, request: Request, key: UUID) -> Response:
        wish = self.body(StartIn)
        started = actions.start_bulk(actor=self.actor, key=key, reason=wish["reason"], ends_at=wish_of(wish))
        return Response(_told(started), 202)


class CancelBulk(Operation):
    """Stop it, as far as that goes: what the Hub knows already stays."""

    refusals = {"POST": ("nothing_to_cancel",)}

    @extend_schema(operation_id="cancelBulkDecision", request=None, responses=BulkOut)
    def post(self, request: Request, key: UUID) -> Response:
        self.body(shapes.Body)
        return Response(_told(actions.cancel_bulk(actor=self.actor, key=key)))


def _texts(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _told(bulk: BulkDecision, plan: Any = None) -> dict[str, Any]:
    refused = plan.refused.items() if plan else ()
    return {
        "key": str(bulk.key),
        "verb": bulk.verb,
        "reason": bulk.reason,
        "state": bulk.state,
        "created_at": bulk.created_at,
        "started_at": bulk.started_at,
        "ended_at": bulk.ended_at,
        "progress": ProgressOut(queries.progress_of_bulk(bulk)).data,
        "plan": {
            "will": plan.will,
            "lose_access": plan.lose_access,
            "refused": [{"code": code, "status": status, "number": number} for (code, status), number in refused],
        }
        if plan
        else None,
    }
