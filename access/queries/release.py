"""A repository's release as its page and the API show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from access import release, rights, rules, states
from access.models import AccessRequest, ReleasePlan, Stage, StageGo
from access.queries.recall import Chosen, chosen
from access.queries.stages import facts_of, in_audience, let_in_by, lets_in, setting_of, taken, waiting, wanted_of
from access.release import Change, Condition, InPlace, Setting, StageFacts
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.outbox import queries as outbox
from repos import queries as repo_queries
from repos.models import Repository
from tagging import queries as tags

DONE = "done"
IN_FORCE = "in_force"
LATER = "later"


@dataclass(frozen=True)
class StageLine:
    """A stage as it is shown: its `place` counts from 1; `state` is `done` (it stands before the one in force),
    `in_force` or `later`. `taken` places, or people let in where nobody counts; None where it never was in force."""

    stage: Stage
    facts: StageFacts
    place: int
    state: str
    taken: int | None
    conditions: list[Condition]
    go_by: str

    @property
    def gate_word(self) -> str:
        """Its gate in words."""
        return release.GATE_WORDS[self.facts.gate]

    @property
    def short(self) -> str:
        """How far it is, in a few words."""
        facts, people = self.facts, self.taken
        if facts.gate in release.ASKED and people is not None:
            if facts.capacity is not None:
                return f"{people:,} of {facts.capacity:,} places"
            return "1 person let in" if people == 1 else f"{people:,} people let in"
        if self.state == LATER and facts.opens_at is not None:
            return f"not before {facts.opens_at:%-d %b %Y}"
        if facts.capacity is not None:
            return "1 place" if facts.capacity == 1 else f"{facts.capacity:,} places"
        return {DONE: "over", IN_FORCE: "now", LATER: ""}[self.state]

    @property
    def audience_word(self) -> str:
        """Whom it is for, in words; a short list is told."""
        if self.facts.gate not in release.ASKED:
            return {release.PRIVATE: "members only", release.OPEN: "everybody, without asking"}[self.facts.gate]
        words = release.AUDIENCE_WORDS[self.facts.audience]
        shown = ", ".join(self.facts.members[:4])
        more = len(self.facts.members) - 4
        return f"{words}: {shown}{f' and {more} more' if more > 0 else ''}" if shown else words

    @property
    def ready(self) -> bool:
        """Whether all conditions hold."""
        return not release.unmet(self.conditions)


@dataclass(frozen=True)
class ReleaseState:
    """A release. `hub` is how the Hub holds the repository as last read, `wanted` how the plan has it (None: hubgate
    leaves it alone). `waits`: the Hub has not been told yet; `parked` once it refused, `error` says why. `difference`
    is that of `release.difference`, where somebody changed the gate by hand. `in_line` wait for hubgate to let them in,
    `outside` wait whom the stage is not for. `reading_only` says why nothing can be changed, empty where it can;
    `may_change` whether the reader has the right."""

    repository: Repository
    plan: ReleasePlan | None
    lines: list[StageLine] = field(default_factory=list)
    current: StageLine | None = None
    next: StageLine | None = None
    previous: StageLine | None = None
    hub: Setting = Setting(release.MANUAL, private=False)
    wanted: Setting | None = None
    waits: bool = False
    parked: bool = False
    error: str = ""
    difference: str = ""
    in_line: int = 0
    outside: int = 0
    reading_only: str = ""
    may_change: bool = True

    @property
    def hub_word(self) -> str:
        """The gate on the Hub, in words."""
        return release.GATE_WORDS.get(self.hub.word, self.hub.word)

    @property
    def wanted_word(self) -> str:
        """The gate that the plan has, in words."""
        return release.GATE_WORDS[self.wanted.word] if self.wanted else ""

    @property
    def can_open(self) -> bool:
        """Whether the next stage may be opened now."""
        plan = self.plan
        held = plan is None or plan.recalled_gate or plan.paused_at or plan.drift_at or self.reading_only
        return not held and self.next is not None and self.next.ready


def release_of(actor: Actor, repository_id: int) -> ReleaseState:
    """The release of one of the actor's repositories. NotFoundOrHiddenError for others and unknown ones alike."""
    repository = repo_queries.get_visible(actor, repository_id)
    namespace = repository.namespace
    may_change = rights.may(actor, "release", repository)
    if not may_change:
        reading_only = f"Only an author of {namespace.name} may change its release plan."
    else:
        reading_only = "" if namespace.changes_enabled else rules.reading_only(namespace.name)
    plan = ReleasePlan.objects.select_related("stage").filter(repository=repository).first()
    if plan is None:
        return ReleaseState(
            repository, None, hub=setting_of(repository), reading_only=reading_only, may_change=may_change
        )
    plan.repository = repository
    lines = _lines(plan)
    place = next((line.place for line in lines if line.state == IN_FORCE), 0)
    push = outbox.states(states.GATE, [repository.pk]).get(str(repository.pk), outbox.SETTLED)
    to = wanted_of(plan)
    waits = plan.waits and to is not None and push.behind
    in_line, outside = _queue(plan)
    return ReleaseState(
        repository=repository,
        plan=plan,
        lines=lines,
        current=lines[place - 1] if place else None,
        next=lines[place] if place < len(lines) else None,
        previous=lines[place - 2] if place > 1 else None,
        hub=setting_of(repository),
        wanted=to,
        waits=waits,
        parked=waits and push.parked,
        error=push.error if waits else "",
        difference=release.difference(setting_of(repository), to) if plan.drift_at and to else "",
        in_line=in_line,
        outside=outside,
        reading_only=reading_only,
        may_change=may_change,
    )


def line_of_stage(state: ReleaseState, stage_id: int) -> StageLine:
    """One stage of a release. NotFoundOrHiddenError where the plan has it not."""
    found = next((line for line in state.lines if line.stage.pk == stage_id), None)
    if found is None:
        raise NotFoundOrHiddenError("There is no such stage in this release plan.")
    return found


@dataclass(frozen=True)
class Preview:
    """What going to a stage would mean: its gate's change on the Hub, how many keep their access, and how many hubgate
    would let in at once."""

    line: StageLine
    change: Change
    keep: int
    let_in: int


def preview(state: ReleaseState, line: StageLine) -> Preview:
    """What putting a stage of a release in force would mean. Two queries."""
    accepted = AccessRequest.objects.filter(repository=state.repository, status=states.ACCEPTED).count()
    return Preview(
        line, release.change(state.hub, release.setting_of(line.facts)), accepted, _would_let_in(line.stage, line.facts)
    )


@dataclass(frozen=True)
class RecallPreview:
    """What a recall would do: the gate's change on the Hub, how many grants it resets and how many are kept."""

    change: Change
    reset: int
    keep: int


def preview_recall(state: ReleaseState, gate: str, whose: Chosen) -> RecallPreview:
    """What recalling a release would do now, for who may do it. NotAllowedError for others, InvalidInputError as
    `recall.chosen`; WrongStateError where no stage is in force."""
    if not state.may_change:
        raise NotAllowedError(state.reading_only)
    if state.plan is None or state.current is None:
        raise WrongStateError("No stage of this plan is in force, so there is nothing to recall.", code="no_stage")
    found = chosen(state.plan, whose)
    reset = found.order_by().count() if found is not None else 0
    accepted = AccessRequest.objects.filter(repository=state.repository, status=states.ACCEPTED).count()
    to = release.wanted(state.current.facts, gate) or state.hub
    return RecallPreview(release.change(state.hub, to), reset, accepted - reset)


def _lines(plan: ReleasePlan) -> list[StageLine]:
    stages = list(plan.stages.order_by("position"))
    goes = dict(StageGo.objects.filter(stage__plan=plan).values_list("stage_id", "given_by_label"))
    entered = set(Stage.objects.filter(plan=plan, entries__isnull=False).values_list("pk", flat=True))
    facts = _in_place(plan.repository, stages)
    force = next((place for place, stage in enumerate(stages) if stage.pk == plan.stage_id), -1)
    lines = []
    for place, stage in enumerate(stages):
        stage.plan = plan
        told = facts_of(stage)
        here = InPlace(**facts, go_by=goes.get(stage.pk, ""), now=timezone.now())
        counted = None
        if stage.pk in entered:
            counted = taken(stage) if stage.capacity is not None else let_in_by(stage).count()
        lines.append(
            StageLine(
                stage=stage,
                facts=told,
                place=place + 1,
                state=IN_FORCE if place == force else DONE if place < force else LATER,
                taken=counted,
                conditions=release.conditions(told, here),
                go_by=goes.get(stage.pk, ""),
            )
        )
    return lines


def _in_place(repository: Repository, stages: list[Stage]) -> dict[str, Any]:
    asks = any(stage.needs_tag_ruling for stage in stages)
    return {
        "license": repository.license,
        "tag_ruled": asks and (bool(repository.nfaa) or repository.tag_rulings.exists()),
        "proposals": tags.open_proposals(repository) if asks else 0,
        "evaluations": tags.count_evaluations(repository) if any(one.needs_evaluation for one in stages) else 0,
    }


def _queue(plan: ReleasePlan) -> tuple[int, int]:
    """How many wait for hubgate to let them in by the stage in force, and how many wait whom it is not for."""
    stage = plan.stage
    if stage is None or not lets_in(plan):
        return 0, 0
    stage.plan = plan
    everybody = waiting(stage).count()
    fits = waiting(stage).filter(in_audience(stage)).count()
    return fits, everybody - fits


def _would_let_in(stage: Stage, facts: StageFacts) -> int:
    if not facts.hubgate_lets_in:
        return 0
    fits = waiting(stage).filter(in_audience(stage)).count()
    places = release.free(stage.capacity, taken(stage))
    return fits if places is None else min(fits, places)
