"""Writing a release plan: as a whole, or stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from access import events, release
from access.actions.release.held import changed, lock, locked_plan, repository_of, require_no_drift, stages_of
from access.models import ReleasePlan, Stage
from access.queries.stages import facts_of, wanted_of
from access.release import StageFacts
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from repos.models import Repository
from repos.subjects import of_repository

_FIELDS = (
    "name", "gate", "audience", "members", "grant_days", "capacity", "opens_at", "needs_license", "needs_tag_ruling",
    "needs_evaluation", "needs_go",
)  # fmt: skip
_NEW_PLACES = 1000  # positions that no stage keeps: they are handed out anew in two steps, as each may be taken once
_NO_SPACE = (
    "A Space cannot have a release plan: the Hub does not say which gate a Space has, so hubgate could not see whether "
    "the plan is kept."
)


@begins_again
def save_plan(
    *, actor: Actor, repository_id: int, stages: Sequence[StageFacts], seen_version: int | None = None
) -> ReleasePlan:
    """Write the plan of a repository as a whole, the stages in their order. A stage is known again by its id, else by
    its name; the same plan again changes nothing. `seen_version` is the version that its maker read. Raises
    NotFoundOrHiddenError, NotAllowedError, InvalidInputError with each mistake, and WrongStateError where somebody
    changed the plan meanwhile, or where the stage in force would be gone."""
    found = release.cleaned(stages)
    with transaction.atomic(durable=True):
        repository = repository_of(actor, repository_id)
        if repository.kind == Repository.Kind.SPACE:
            raise InvalidInputError(_NO_SPACE, code="bad_plan", fields={"stages": _NO_SPACE})
        ReleasePlan.objects.get_or_create(repository=repository)
        plan = _held(actor, repository_id, seen_version)
        _write(actor, plan, found)
    return plan


@begins_again
def add_stage(*, actor: Actor, repository_id: int, stage: StageFacts) -> Stage:
    """Add a stage at the end of the plan, which is made where there is none. As `save_plan`; mistakes are named by the
    stage's own fields."""
    with transaction.atomic(durable=True):
        repository = repository_of(actor, repository_id)
        if repository.kind == Repository.Kind.SPACE:
            raise InvalidInputError(_NO_SPACE, code="bad_plan", fields={"name": _NO_SPACE})
        plan, _ = ReleasePlan.objects.get_or_create(repository=repository)
        plan = _held(actor, repository_id, None)
        facts = [facts_of(one) for one in stages_of(plan)]
        _write(actor, plan, _cleaned_one([*facts, replace(stage, id=None)], len(facts)))
        return plan.stages.order_by("-position")[0]


@begins_again
def edit_stage(*, actor: Actor, repository_id: int, stage_id: int, stage: StageFacts) -> Stage:
    """Change what a stage says. Where it is in force, the Hub is told next. As `add_stage`."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        facts = [facts_of(one) for one in stages_of(plan)]
        place = _place(facts, stage_id)
        facts[place] = replace(stage, id=stage_id)
        _write(actor, plan, _cleaned_one(facts, place))
        return plan.stages.get(pk=stage_id)


@begins_again
def move_stage(*, actor: Actor, repository_id: int, stage_id: int, by: int) -> None:
    """Move a stage earlier (`by` -1) or later (1); at the end of the line it stays."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        facts = [facts_of(one) for one in stages_of(plan)]
        place = _place(facts, stage_id)
        stage = facts.pop(place)
        facts.insert(min(max(place + by, 0), len(facts)), stage)
        _write(actor, plan, facts)


@begins_again
def remove_stage(*, actor: Actor, repository_id: int, stage_id: int) -> None:
    """Take a stage out of the plan. WrongStateError for the one in force and for those that were: who they let in is
    known by them."""
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        facts = [facts_of(one) for one in stages_of(plan)]
        facts.pop(_place(facts, stage_id))
        _write(actor, plan, facts)


def _held(actor: Actor, repository_id: int, seen_version: int | None) -> ReleasePlan:
    plan = lock(repository_id)
    if plan is None:
        raise NotFoundOrHiddenError("There is no such repository, or it is not yours.")
    if seen_version is not None and plan.version != seen_version:
        raise WrongStateError(
            "Somebody changed this release plan meanwhile. Read it again, then make your change.",
            code="plan_changed",
            data={"version": plan.version},
        )
    return plan


def _place(facts: Sequence[StageFacts], stage_id: int) -> int:
    for place, stage in enumerate(facts):
        if stage.id == stage_id:
            return place
    raise NotFoundOrHiddenError("There is no such stage in this release plan.")


def _cleaned_one(facts: Sequence[StageFacts], place: int) -> list[StageFacts]:
    """The plan, cleaned; the mistakes of one stage by the names of its own fields."""
    try:
        return release.cleaned(facts)
    except InvalidInputError as error:
        prefix = f"stages.{place}."
        own = {name.removeprefix(prefix): sentence for name, sentence in error.fields.items()}
        own = {(name if name in _FIELDS else "name"): sentence for name, sentence in own.items()}
        raise InvalidInputError(error.message, code=error.code, fields=own) from None


def _write(actor: Actor, plan: ReleasePlan, facts: Sequence[StageFacts]) -> None:
    """Bring the rows to the plan. Nothing is written where nothing differs."""
    held = {stage.pk: stage for stage in stages_of(plan)}
    by_name = {stage.name.lower(): stage for stage in held.values()}
    order: list[Stage] = []
    fresh: list[str] = []
    edited: list[str] = []
    known_ids = {one.id for one in facts}
    for one in facts:
        stage = held.get(one.id or 0)
        if stage is None:
            namesake = by_name.get(one.name.lower())
            stage = namesake if namesake is not None and namesake.pk not in known_ids else None
        if stage is None or stage in order:
            stage = Stage(plan=plan)
            fresh.append(one.name)
        elif facts_of(stage) != replace(one, id=stage.pk):
            edited.append(one.name)
        _take(stage, one)
        order.append(stage)
    gone = [stage for pk, stage in held.items() if stage not in order]
    _require_removable(plan, gone)
    moved = [stage.pk for stage in order if stage.pk] != [pk for pk in held if held[pk] not in gone]
    words = [f"{word} {', '.join(names)}" for word, names in (("added", fresh), ("changed", edited)) if names]
    words += [f"removed {', '.join(stage.name for stage in gone)}"] if gone else []
    words += ["changed the order"] if moved else []
    if not words:
        return
    before = wanted_of(plan)
    for stage in gone:
        stage.delete()
    # Names may be swapped between two stages too: neither is taken while they are handed out.
    for place, pk in enumerate(stage.pk for stage in order if stage.pk):
        plan.stages.filter(pk=pk).update(position=_NEW_PLACES + place, name=f"\x01{pk}")
    for place, stage in enumerate(order):
        stage.position = place
        stage.save()
    if plan.stage_id is not None:
        plan.stage = next(stage for stage in order if stage.pk == plan.stage_id)
    gate_changes = wanted_of(plan) != before
    if gate_changes:
        require_no_drift(plan)
    changed(plan, tell=gate_changes)
    log.record(
        actor, events.PLAN_SAVED, of_repository(plan.repository), data={"changes": "; ".join(words), "plan": plan.pk}
    )


def _take(stage: Stage, facts: StageFacts) -> None:
    if stage.opens_at != facts.opens_at:
        stage.held_back_at = None
    for name in _FIELDS:
        value = getattr(facts, name)
        setattr(stage, name, list(value) if name == "members" else value)


def _require_removable(plan: ReleasePlan, gone: Sequence[Stage]) -> None:
    for stage in gone:
        if stage.pk == plan.stage_id:
            raise WrongStateError(
                f"The stage “{stage.name}” is in force. Open another one first, then remove it.", code="stage_in_force"
            )
        if stage.entries.exists():
            raise WrongStateError(
                f"The stage “{stage.name}” was in force once: who was let in by it is known by it. Leave it in the "
                "plan.",
                code="stage_was_in_force",
            )
