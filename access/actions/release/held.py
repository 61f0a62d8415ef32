"""A release plan, held for a change: found, locked, its maker's right checked."""

from __future__ import annotations

from django.utils import timezone

from access import release, rights, rules, states
from access.models import ReleasePlan, Stage, StageEntry, StageGo
from access.queries.stages import facts_of, wanted_of
from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.outbox import queue
from repos.models import Repository

NO_PLAN = "This repository has no release plan yet. Write one first."


def repository_of(actor: Actor, repository_id: int) -> Repository:
    """The repository, for somebody who may change its release. NotFoundOrHiddenError, NotAllowedError, or
    WrongStateError where hubgate may not change the Hub."""
    found = Repository.objects.select_related("namespace").filter(pk=repository_id).first()
    if found is None or not rights.may(actor, "view", found):
        raise NotFoundOrHiddenError("There is no such repository, or it is not yours.")
    rights.require(actor, "release", found)
    if not found.namespace.changes_enabled:
        raise WrongStateError(rules.reading_only(found.namespace.name), code="reading_only")
    return found


def locked_plan(actor: Actor, repository_id: int) -> ReleasePlan:
    """The plan of a repository with its stage, locked until the transaction ends. As `repository_of`, and
    WrongStateError where there is no plan."""
    repository = repository_of(actor, repository_id)
    plan = lock(repository_id)
    if plan is None:
        raise WrongStateError(NO_PLAN, code="no_plan")
    plan.repository = repository
    return plan


def lock(repository_id: int) -> ReleasePlan | None:
    """The plan of a repository, locked; None where there is none. Requests are locked before it, never after."""
    if ReleasePlan.objects.select_for_update().filter(repository=repository_id).first() is None:
        return None
    return ReleasePlan.objects.select_related("stage", "repository__namespace").get(repository=repository_id)


def stages_of(plan: ReleasePlan) -> list[Stage]:
    """The stages in their order."""
    found = list(plan.stages.select_related("go").order_by("position"))
    for stage in found:
        stage.plan = plan
    return found


def changed(plan: ReleasePlan, *fields: str, tell: bool = True) -> None:
    """Keep these fields of a plan, count the change, and have the Hub told the gate, unless it need not be (`tell`)."""
    plan.version += 1
    if tell:
        plan.waits = wanted_of(plan) is not None
    plan.save(update_fields=["version", "waits", *fields])
    if tell and plan.waits:
        queue.enqueue(states.GATE, [plan.repository_id], scope=plan.repository_id)


def require_no_drift(plan: ReleasePlan) -> None:
    """WrongStateError while a gate that somebody set on the Hub by hand is to be settled: it is never run over in
    passing."""
    if plan.drift_at is not None:
        word = release.GATE_WORDS.get(plan.hub_gate, plan.hub_gate)
        raise WrongStateError(
            f"The gate was changed on the Hub itself: it is {word} there. Put the plan's gate back or take theirs "
            "first.",
            code="gate_drift",
            data={"hub": plan.hub_gate},
        )


def enter(plan: ReleasePlan, stage: Stage) -> None:
    """Put a stage in force from now on, or from when the one before it began: a clock may step back."""
    now = timezone.now()
    before = StageEntry.objects.filter(stage=plan.stage_id or 0, ended_at=None).first()
    if before is not None:
        now = max(now, before.began_at)
        StageEntry.objects.filter(pk=before.pk).update(ended_at=now)
    StageEntry.objects.create(stage=stage, began_at=now)
    plan.stage = stage


def forget_goes(plan: ReleasePlan, *, after: int) -> None:
    """A go that was said before an incident counts no more: those for stages from position `after` on are forgotten."""
    StageGo.objects.filter(stage__plan=plan, stage__position__gte=after).delete()


def gate_word(plan: ReleasePlan) -> str:
    """The gate that the plan now has, in words."""
    to = wanted_of(plan)
    if to is None:
        return "left to the Hub"
    return release.GATE_WORDS.get(to.word, to.word)


def stage_word(stage: Stage) -> str:
    """The gate that a stage sets, in words."""
    word = release.setting_of(facts_of(stage)).word
    return release.GATE_WORDS.get(word, word)
