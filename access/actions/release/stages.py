"""Opening stages, by hand and on their date; stepping back; and whose word on the gate counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from access import events, release, release_notices, rights, states
from access.actions.release.held import (
    changed,
    enter,
    forget_goes,
    gate_word,
    lock,
    locked_plan,
    require_no_drift,
    stages_of,
)
from access.models import ReleasePlan, Stage, StageGo
from access.queries.stages import conditions
from hubgate.actors import SYSTEM, Actor
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos.subjects import of_repository

_AT_ONCE = 200  # stages that one tick looks at


@begins_again
def give_go(*, actor: Actor, repository_id: int, stage_id: int) -> Stage:
    """An author's word that a stage may be opened; a second one changes nothing."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        stage = _stage(plan, stage_id)
        if not stage.needs_go:
            raise WrongStateError(f"The stage “{stage.name}” asks for no go.", code="no_go_needed")
        _, fresh = StageGo.objects.get_or_create(
            stage=stage, defaults={"given_by_id": actor.user_id, "given_by_label": actor.label[:200]}
        )
        if fresh:
            _note(actor, plan, events.GO_GIVEN, stage)
    return stage


@begins_again
def take_back_go(*, actor: Actor, repository_id: int, stage_id: int) -> Stage:
    """Take the go for a stage back; where there is none, nothing changes."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        stage = _stage(plan, stage_id)
        if StageGo.objects.filter(stage=stage).delete()[0]:
            _note(actor, plan, events.GO_TAKEN_BACK, stage)
    return stage


@begins_again
def advance(*, actor: Actor, repository_id: int, to: int) -> ReleasePlan:
    """Open the next stage, whose id the maker names, so that nobody opens one they did not see. Where it is in force
    already nothing changes. WrongStateError where it is not the next one, where a condition does not hold (each with
    its sentence in `data`), during a recall, and while the plan is paused."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        stage = _stage(plan, to)
        if plan.stage_id == stage.pk:
            return plan
        _require_running(plan)
        _require_neighbour(plan, stage, release.following(_ids(plan), plan.stage_id))
        _require_conditions(plan, stage)
        _open(actor, plan, stage, cause="")
    return plan


@begins_again
def step_back(*, actor: Actor, repository_id: int, to: int) -> ReleasePlan:
    """Put the stage before in force again; the goes for later stages are forgotten, and dates that are over open none
    of them. Who was let in stays in: a recall takes access away. As `advance`, without conditions."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        stage = _stage(plan, to)
        if plan.stage_id == stage.pk:
            return plan
        _require_not_paused(plan)
        require_no_drift(plan)
        _require_neighbour(plan, stage, release.preceding(_ids(plan), plan.stage_id))
        enter(plan, stage)
        forget_goes(plan, after=stage.position + 1)
        plan.held_at = timezone.now()
        changed(plan, "stage", "held_at")
        _note(actor, plan, events.STEPPED_BACK, stage, gate=gate_word(plan))
    return plan


@begins_again
def reopen(*, actor: Actor, repository_id: int) -> ReleasePlan:
    """End a recall: the stage in force is opened again. WrongStateError where nothing was recalled or where its
    conditions do not hold."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        if not plan.recalled_gate or plan.stage is None:
            raise WrongStateError("This release is not recalled.", code="not_recalled")
        _require_not_paused(plan)
        require_no_drift(plan)
        stage = _stage(plan, plan.stage.pk)
        _require_conditions(plan, stage)
        plan.recalled_gate, plan.recalled_at, plan.recalled_reason, plan.held_at = "", None, "", timezone.now()
        changed(plan, "recalled_gate", "recalled_at", "recalled_reason", "held_at")
        _note(actor, plan, events.REOPENED, stage)
    return plan


@begins_again
def put_ours_back(*, actor: Actor, repository_id: int) -> ReleasePlan:
    """Somebody changed the gate on the Hub by hand, or the plan is paused: the Hub is told the plan's gate again.
    WrongStateError where no stage is in force."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        if plan.stage is None:
            raise WrongStateError("No stage of this plan is in force: open one.", code="no_stage")
        if plan.drift_at is None and plan.paused_at is None:
            return plan
        plan.drift_at = plan.paused_at = None
        changed(plan, "drift_at", "paused_at")
        release_notices.settle_gate_drift(repository_id)
        _note(actor, plan, events.GATE_PUT_BACK, plan.stage, ours=gate_word(plan))
    return plan


@begins_again
def take_theirs(*, actor: Actor, repository_id: int) -> ReleasePlan:
    """Somebody changed the gate on the Hub by hand: leave it so, and pause the plan. WrongStateError where the gate is
    as the plan has it."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        if plan.paused_at is not None:
            return plan
        if plan.drift_at is None or plan.stage is None:
            raise WrongStateError("The gate on the Hub is as the plan has it.", code="no_gate_drift")
        plan.drift_at, plan.paused_at = None, timezone.now()
        changed(plan, "drift_at", "paused_at")
        release_notices.settle_gate_drift(repository_id)
        theirs = release.GATE_WORDS.get(plan.hub_gate, plan.hub_gate)
        _note(actor, plan, events.GATE_TAKEN, plan.stage, theirs=theirs)
    return plan


@begins_again
def retry_gate(*, actor: Actor, repository_id: int) -> None:
    """Try once more to tell the Hub the gate. WrongStateError where nothing waits."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        if not plan.waits or not queue.retry(states.GATE, repository_id):
            raise WrongStateError("The Hub has been told the gate already.", code="nothing_to_push")
        log.record(actor, events.GATE_RETRIED, of_repository(plan.repository))


def due_plans(*, now: datetime) -> list[int]:
    """The repositories one of whose stages has its date behind it and may be opened by it, oldest date first."""
    found = (
        Stage.objects.filter(opens_at__lte=now, plan__repository__namespace__changes_enabled=True)
        .filter(plan__paused_at=None, plan__drift_at=None, plan__recalled_gate="")
        .filter(Q(plan__stage=None) | Q(position__gt=F("plan__stage__position")))
        .filter(Q(plan__held_at=None) | Q(opens_at__gt=F("plan__held_at")))
        .order_by(F("held_back_at").asc(nulls_first=True), "opens_at", "pk")
        .values_list("plan__repository_id", flat=True)
    )
    return list(dict.fromkeys(found[:_AT_ONCE]))


@begins_again
def open_due(*, repository_id: int, now: datetime) -> bool:
    """Open the next stage of a plan if its date has come (`now`, UTC) and its conditions hold; where they do not, its
    authors are told once. A date that was over when the plan was stepped back or recalled opens nothing. Returns
    whether a stage was opened."""
    with transaction.atomic(durable=True):
        plan = lock(repository_id)
        if plan is None or plan.paused_at or plan.drift_at or plan.recalled_gate:
            return False
        if not plan.repository.namespace.changes_enabled:
            return False
        stages = {stage.pk: stage for stage in stages_of(plan)}
        stage = stages.get(release.following(list(stages), plan.stage_id) or 0)
        if stage is None or stage.opens_at is None or stage.opens_at > now:
            return False
        if plan.held_at is not None and stage.opens_at <= plan.held_at:
            return False
        missing = release.unmet(conditions(stage, plan.repository, now=now))
        if not missing:
            _open(SYSTEM, plan, stage, cause="stage")
            authors = rights.reviewers_of(plan.repository)
            notify.send([release_notices.stage_opened(plan, stage, authors, gate=gate_word(plan))])
            return True
        if stage.held_back_at is None:
            stage.held_back_at = now
            stage.save(update_fields=["held_back_at"])
            why = " ".join(condition.sentence for condition in missing)
            _note(SYSTEM, plan, events.STAGE_HELD_BACK, stage, cause="stage", why=why)
            notify.send([release_notices.stage_held_back(plan, stage, rights.reviewers_of(plan.repository), why)])
    return False


def _open(actor: Actor, plan: ReleasePlan, stage: Stage, *, cause: str) -> None:
    enter(plan, stage)
    changed(plan, "stage")
    _note(actor, plan, events.STAGE_OPENED, stage, cause=cause, gate=gate_word(plan))


def _stage(plan: ReleasePlan, stage_id: int) -> Stage:
    stage = next((stage for stage in stages_of(plan) if stage.pk == stage_id), None)
    if stage is None:
        raise NotFoundOrHiddenError("There is no such stage in this release plan.")
    return stage


def _ids(plan: ReleasePlan) -> list[int]:
    return list(plan.stages.order_by("position").values_list("pk", flat=True))


def _require_running(plan: ReleasePlan) -> None:
    if plan.recalled_gate:
        raise WrongStateError("This release is recalled. Open its stage again first.", code="recalled")
    _require_not_paused(plan)
    require_no_drift(plan)


def _require_not_paused(plan: ReleasePlan) -> None:
    if plan.paused_at is not None:
        raise WrongStateError(
            "This plan is paused, because the gate was left as the Hub has it. Put the plan's gate back first.",
            code="plan_paused",
        )


def _require_neighbour(plan: ReleasePlan, stage: Stage, there: int | None) -> None:
    if stage.pk == there:
        return
    now = f"“{plan.stage.name}” is in force" if plan.stage else "no stage is in force yet"
    raise WrongStateError(
        f"“{stage.name}” is not the stage to go to from here: {now}. Read the plan again.",
        code="stage_changed",
        data={"in_force": plan.stage_id, "next": there},
    )


def _require_conditions(plan: ReleasePlan, stage: Stage) -> None:
    missing: Sequence[release.Condition] = release.unmet(conditions(stage, plan.repository))
    if missing:
        sentences = " ".join(f"{condition.label}: {condition.sentence}" for condition in missing)
        raise WrongStateError(
            f"“{stage.name}” cannot be opened yet. {sentences}",
            code="conditions_unmet",
            data={"conditions": [condition.key for condition in missing]},
        )


def _note(actor: Actor, plan: ReleasePlan, event: str, stage: Stage, *, cause: str = "", **data: str) -> None:
    facts = {"stage": stage.name, "stage_id": stage.pk, **data}
    log.record(actor, event, of_repository(plan.repository), cause=cause, data=facts)
