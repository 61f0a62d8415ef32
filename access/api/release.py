"""The release plan of a repository."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import release
from access.actions import release as actions
from access.actions.bulk import REASON_LIMIT
from access.queries.recall import MOST_IDS, WAYS, Chosen
from access.queries.release import ReleaseState, StageLine, preview_recall, release_of
from hubgate.accounts.rest import Operation
from hubgate.errors import NotAllowedError
from hubgate.http.rest import shapes

_STATES = ("done", "in_force", "later")
_CHANGED = ("plan_changed", "stage_in_force", "stage_was_in_force", "gate_drift")
_HELD = ("no_plan", "recalled", "plan_paused", "gate_drift", "stage_changed")


class StageIn(shapes.Body):
    """A stage of a plan. One that is known keeps its history: by its `id`, else by its name."""

    id = shapes.Id(required=False, allow_null=True, default=None)
    name = shapes.Text(max_length=release.NAME_LENGTH)
    gate = serializers.ChoiceField(choices=release.GATES)
    audience = serializers.ChoiceField(choices=release.AUDIENCES, required=False, default=release.ANYONE)
    members = serializers.ListField(
        child=shapes.Text(max_length=200),
        required=False,
        default=list,
        max_length=release.MOST_MEMBERS,
        help_text="User names, verified organisations or mail domains, as `audience` says.",
    )
    grant_days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=release.MOST_DAYS
    )
    capacity = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=release.MOST_PLACES
    )
    opens_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="It is not opened before, and by itself then."
    )
    needs_license = serializers.BooleanField(required=False, default=False)
    needs_tag_ruling = serializers.BooleanField(required=False, default=False)
    needs_evaluation = serializers.BooleanField(required=False, default=False)
    needs_go = serializers.BooleanField(required=False, default=False)


class PlanIn(shapes.Body):
    """A plan as a whole. The same plan again changes nothing."""

    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The version that you read: if it has changed since, nothing is written.",
    )
    stages = serializers.ListField(child=StageIn(), max_length=release.MOST_STAGES)


class ConditionOut(serializers.Serializer[Any]):
    """What has to be in place before a stage is opened."""

    key = serializers.ChoiceField(choices=("date", "license", "tag", "go"))
    holds = serializers.BooleanField()
    sentence = serializers.CharField()


class StageOut(serializers.Serializer[Any]):
    """A stage and how it stands."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    gate = serializers.ChoiceField(choices=release.GATES)
    audience = serializers.ChoiceField(choices=release.AUDIENCES)
    members = serializers.ListField(child=serializers.CharField())
    grant_days = serializers.IntegerField(allow_null=True)
    capacity = serializers.IntegerField(allow_null=True)
    opens_at = serializers.DateTimeField(allow_null=True)
    needs_license = serializers.BooleanField()
    needs_tag_ruling = serializers.BooleanField()
    needs_evaluation = serializers.BooleanField()
    needs_go = serializers.BooleanField()
    state = serializers.ChoiceField(choices=_STATES)
    let_in = serializers.IntegerField(allow_null=True, help_text="People; null where it never was in force.")
    conditions = ConditionOut(many=True)


class HubOut(serializers.Serializer[Any]):
    """The gate on the Hub."""

    gate = serializers.CharField(help_text="As the Hub was last read.")
    wanted = serializers.CharField(help_text="As the plan has it; empty where hubgate leaves it alone.")
    waits = serializers.BooleanField(help_text="The Hub has not been told yet.")
    refused = serializers.BooleanField()
    error = serializers.CharField()
    changed_by_hand = serializers.ChoiceField(
        choices=("", "open", "closed", "other"),
        help_text="More `open` than the plan, more `closed`, or `other`.",
    )


class ReleaseOut(serializers.Serializer[Any]):
    """The release of a repository."""

    repository_id = serializers.IntegerField()
    repository = serializers.CharField()
    version = serializers.IntegerField(help_text="0 where there is no plan.")
    in_force = serializers.IntegerField(allow_null=True, help_text="A stage's id.")
    next = serializers.IntegerField(allow_null=True, help_text="A stage's id.")
    recalled_at = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(allow_null=True)
    in_line = serializers.IntegerField(help_text="Who wait for hubgate to let them in.")
    outside = serializers.IntegerField(help_text="Who wait and are not in the audience of the stage in force.")
    hub = HubOut()
    stages = StageOut(many=True)


class GoIn(shapes.Body):
    """Your word on a stage."""

    stage = shapes.Id()
    go = serializers.BooleanField(required=False, default=True, help_text="False takes it back.")


class ToIn(shapes.Body):
    """The stage that is to be in force, by its id: nobody opens one they did not see."""

    to = shapes.Id()


class GateIn(shapes.Body):
    """What to do: put the plan's gate back, take the Hub's and pause the plan, or try again to tell the Hub."""

    way = serializers.ChoiceField(choices=("ours", "theirs", "retry"))


class RecallIn(shapes.Body):
    """How far to close the gate, whose grants to reset, and why."""

    gate = serializers.ChoiceField(choices=release.RECALL_GATES)
    whose = serializers.ChoiceField(choices=WAYS)
    stage = shapes.Id(required=False, allow_null=True, default=None, help_text="For `stage`.")
    requests = serializers.ListField(
        child=shapes.Id(), required=False, default=list, max_length=MOST_IDS, help_text="For `selection`."
    )
    organisation = shapes.Text(required=False, default="", allow_blank=True, max_length=200)
    domain = shapes.Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=253,
        help_text="Of the e-mail address; needs the scope `personal`.",
    )
    reason = shapes.Text(required=False, default="", allow_blank=True, max_length=REASON_LIMIT, trim_whitespace=False)
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Only say what would happen.")


class RecallOut(serializers.Serializer[Any]):
    """What a recall did, or with `dry_run` would do."""

    gate_before = serializers.CharField()
    gate_after = serializers.CharField()
    reset = serializers.IntegerField(help_text="Grants.")
    keep = serializers.IntegerField(help_text="People who keep their access.")
    bulk_decision = serializers.UUIDField(
        allow_null=True, help_text="That resets the grants; null where there are none."
    )


class Release(Operation):
    """The release plan of a repository."""

    scopes = {"PUT": "decide"}
    refusals = {"PUT": ("bad_plan", *_CHANGED, "reading_only", "not_allowed")}

    @extend_schema(operation_id="getRelease", responses=ReleaseOut)
    def get(self, request: Request, repository_id: int) -> Response:
        return Response(_told(release_of(self.actor, repository_id)))

    @extend_schema(operation_id="replaceRelease", request=PlanIn, responses=ReleaseOut)
    def put(self, request: Request, repository_id: int) -> Response:
        """Write the plan as a whole. It changes nothing on the Hub unless the stage in force gets another gate."""
        wish = self.body(PlanIn)
        stages = [release.as_facts(stage) for stage in wish["stages"]]
        actions.save_plan(actor=self.actor, repository_id=repository_id, stages=stages, seen_version=wish["version"])
        return Response(_told(release_of(self.actor, repository_id)))


class Go(Operation):
    """Say that a stage may be opened, or take that back."""

    refusals = {"POST": ("no_plan", "no_go_needed", "reading_only", "not_allowed")}

    @extend_schema(operation_id="giveGo", request=GoIn, responses=ReleaseOut)
    def post(self, request: Request, repository_id: int) -> Response:
        wish = self.body(GoIn)
        say = actions.give_go if wish["go"] else actions.take_back_go
        say(actor=self.actor, repository_id=repository_id, stage_id=wish["stage"])
        return Response(_told(release_of(self.actor, repository_id)))


class Advance(Operation):
    """Open the next stage. The Hub is told next; opened already, nothing changes."""

    refusals = {"POST": ("conditions_unmet", *_HELD, "reading_only", "not_allowed")}

    @extend_schema(operation_id="advanceRelease", request=ToIn, responses=ReleaseOut)
    def post(self, request: Request, repository_id: int) -> Response:
        actions.advance(actor=self.actor, repository_id=repository_id, to=self.body(ToIn)["to"])
        return Response(_told(release_of(self.actor, repository_id)))


class StepBack(Operation):
    """Put the stage before in force again. Who was let in keeps access."""

    refusals = {"POST": (*(code for code in _HELD if code != "recalled"), "reading_only", "not_allowed")}

    @extend_schema(operation_id="stepReleaseBack", request=ToIn, responses=ReleaseOut)
    def post(self, request: Request, repository_id: int) -> Response:
        actions.step_back(actor=self.actor, repository_id=repository_id, to=self.body(ToIn)["to"])
        return Response(_told(release_of(self.actor, repository_id)))


class Recall(Operation):
    """Close the gate and reset grants, for an incident. The gate is closed on the Hub before anybody is reset."""

    refusals = {"POST": ("bad_recall", "no_plan", "no_stage", "insufficient_scope", "reading_only", "not_allowed")}

    @extend_schema(operation_id="recallRelease", request=RecallIn, responses=RecallOut)
    def post(self, request: Request, repository_id: int) -> Response:
        wish = self.body(RecallIn)
        if wish["domain"] and not self.personal:
            raise NotAllowedError("Choosing by mail domain needs the scope `personal`.", code="insufficient_scope")
        whose = Chosen(
            wish["whose"],
            stage_id=wish["stage"],
            request_ids=tuple(wish["requests"]),
            organisation=wish["organisation"],
            domain=wish["domain"],
        )
        state = release_of(self.actor, repository_id)
        shown = preview_recall(state, wish["gate"], whose)
        facts = {"gate_before": shown.change.before, "gate_after": shown.change.after}
        if wish["dry_run"]:
            return Response({**facts, "reset": shown.reset, "keep": shown.keep, "bulk_decision": None})
        done = actions.recall(
            actor=self.actor,
            repository_id=repository_id,
            key=uuid4(),
            gate=wish["gate"],
            whose=whose,
            reason=wish["reason"],
        )
        number = done.bulk.total if done.bulk else 0
        key = done.bulk.key if done.bulk else None
        keep = max(0, shown.keep + shown.reset - number)
        return Response({**facts, "reset": number, "keep": keep, "bulk_decision": key})


class Reopen(Operation):
    """End a recall: open the stage in force again."""

    refusals = {
        "POST": (
            "no_plan",
            "not_recalled",
            "plan_paused",
            "gate_drift",
            "conditions_unmet",
            "reading_only",
            "not_allowed",
        )
    }

    @extend_schema(operation_id="reopenRelease", request=None, responses=ReleaseOut)
    def post(self, request: Request, repository_id: int) -> Response:
        self.body(shapes.Body)
        actions.reopen(actor=self.actor, repository_id=repository_id)
        return Response(_told(release_of(self.actor, repository_id)))


class Gate(Operation):
    """Settle a gate that somebody changed on the Hub, or try again to tell the Hub ours."""

    refusals = {"POST": ("no_plan", "no_stage", "no_gate_drift", "nothing_to_push", "reading_only", "not_allowed")}

    @extend_schema(operation_id="settleReleaseGate", request=GateIn, responses=ReleaseOut)
    def post(self, request: Request, repository_id: int) -> Response:
        way = self.body(GateIn)["way"]
        if way == "retry":
            actions.retry_gate(actor=self.actor, repository_id=repository_id)
        elif way == "ours":
            actions.put_ours_back(actor=self.actor, repository_id=repository_id)
        else:
            actions.take_theirs(actor=self.actor, repository_id=repository_id)
        return Response(_told(release_of(self.actor, repository_id)))


def _told(state: ReleaseState) -> dict[str, Any]:
    plan = state.plan
    return {
        "repository_id": state.repository.pk,
        "repository": state.repository.name,
        "version": plan.version if plan else 0,
        "in_force": plan.stage_id if plan else None,
        "next": state.next.stage.pk if state.next else None,
        "recalled_at": plan.recalled_at if plan else None,
        "paused_at": plan.paused_at if plan else None,
        "in_line": state.in_line,
        "outside": state.outside,
        "hub": {
            "gate": state.hub.word,
            "wanted": state.wanted.word if state.wanted else "",
            "waits": state.waits,
            "refused": state.parked,
            "error": state.error,
            "changed_by_hand": state.difference,
        },
        "stages": [_stage(line) for line in state.lines],
    }


def _stage(line: StageLine) -> dict[str, Any]:
    facts = line.facts
    return {
        "id": line.stage.pk,
        "name": facts.name,
        "gate": facts.gate,
        "audience": facts.audience,
        "members": list(facts.members),
        "grant_days": facts.grant_days,
        "capacity": facts.capacity,
        "opens_at": facts.opens_at,
        "needs_license": facts.needs_license,
        "needs_tag_ruling": facts.needs_tag_ruling,
        "needs_evaluation": facts.needs_evaluation,
        "needs_go": facts.needs_go,
        "state": line.state,
        "let_in": line.taken,
        "conditions": [{"key": one.key, "holds": one.holds, "sentence": one.sentence} for one in line.conditions],
    }
