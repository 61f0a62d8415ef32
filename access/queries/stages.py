"""Stages of a release: which is in force, who was let in by it, who waits for it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from access import release, states
from access.models import AccessRequest, ListWalk, ReleasePlan, Stage, StageEntry
from access.release import InPlace, Setting, StageFacts
from hubgate.outbox import queries as outbox
from repos.models import Repository
from tagging import queries as tags

# Who was put back to pending, by a person or on the Hub, waits for a person.
_ASKED = ("", "requester")


def grant_days(repository_ids: Sequence[int]) -> dict[int, int | None]:
    """How many days a grant lasts by the stage in force, of those repositories that have one; None for no end. One
    query."""
    found = ReleasePlan.objects.filter(repository__in=repository_ids, stage__isnull=False)
    return dict(found.values_list("repository_id", "stage__grant_days"))


def in_force(repository_ids: Sequence[int]) -> Mapping[int, ReleasePlan]:
    """The plans of those repositories of which a stage is in force, by repository, each with its stage. One query."""
    found = ReleasePlan.objects.select_related("stage").filter(repository__in=repository_ids, stage__isnull=False)
    return {plan.repository_id: plan for plan in found}


def read_and_released(repository: Repository) -> tuple[datetime | None, ReleasePlan | None]:
    """When the pending list of a repository was last read (UTC), and its release plan with the stage in force. One
    query."""
    walk = ListWalk.objects.filter(repository=OuterRef("pk"), status=states.PENDING)
    found = (
        Repository.objects.annotate(read_at=Subquery(walk.values("read_at")))
        .select_related("release_plan__stage")
        .only("pk", "release_plan__recalled_gate", "release_plan__stage__name", "release_plan__stage__grant_days")
        .get(pk=repository.pk)
    )
    return found.read_at, getattr(found, "release_plan", None)


def facts_of(stage: Stage) -> StageFacts:
    """A stage as plain data."""
    return StageFacts(
        name=stage.name,
        gate=stage.gate,
        audience=stage.audience,
        members=tuple(stage.members),
        grant_days=stage.grant_days,
        capacity=stage.capacity,
        opens_at=stage.opens_at,
        needs_license=stage.needs_license,
        needs_tag_ruling=stage.needs_tag_ruling,
        needs_evaluation=stage.needs_evaluation,
        needs_go=stage.needs_go,
        id=stage.pk,
    )


def wanted_of(plan: ReleasePlan) -> Setting | None:
    """How the Hub has to hold the plan's repository now; None where hubgate leaves that to the Hub."""
    if plan.paused_at is not None:
        return None
    return release.wanted(facts_of(plan.stage) if plan.stage else None, plan.recalled_gate)


def setting_of(repository: Repository) -> Setting:
    """How the Hub holds a repository, as last read."""
    return Setting(repository.gate, repository.private)


def in_place(stage: Stage, repository: Repository, *, now: datetime | None = None) -> InPlace:
    """What a stage's conditions are held against, `now` (UTC). Three queries at most."""
    go = getattr(stage, "go", None) if stage.needs_go else None
    ruled, proposals = False, 0
    if stage.needs_tag_ruling:
        proposals = tags.open_proposals(repository)
        ruled = bool(repository.nfaa) or repository.tag_rulings.exists()
    return InPlace(
        license=repository.license,
        tag_ruled=ruled,
        proposals=proposals,
        go_by=go.given_by_label if go else "",
        now=now or timezone.now(),
        evaluations=tags.count_evaluations(repository) if stage.needs_evaluation else 0,
    )


def conditions(stage: Stage, repository: Repository, *, now: datetime | None = None) -> list[release.Condition]:
    """What has to be in place before a stage is opened, and what is."""
    return release.conditions(facts_of(stage), in_place(stage, repository, now=now))


def decided_during(stage: Stage) -> QuerySet[AccessRequest]:
    """The requests of the repository whose last decision fell into a time when the stage was in force."""
    entries = StageEntry.objects.filter(stage=stage, began_at__lte=OuterRef("decided_at")).filter(
        Q(ended_at=None) | Q(ended_at__gt=OuterRef("decided_at"))
    )
    return AccessRequest.objects.filter(Exists(entries), repository=stage.plan.repository_id, decided_at__isnull=False)


def let_in_by(stage: Stage) -> QuerySet[AccessRequest]:
    """The requests that were accepted while the stage was in force, and still are, whoever accepted them."""
    return decided_during(stage).filter(status=states.ACCEPTED)


def taken(stage: Stage) -> int:
    """How many places of a stage are taken. Somebody whose access was taken away holds theirs until the Hub has been
    told, so that an undo finds it free."""
    return decided_during(stage).filter(Q(status=states.ACCEPTED) | Q(hub_status=states.ACCEPTED)).count()


def places_left(repository_ids: Sequence[int]) -> dict[int, int]:
    """How many places are left in the stages in force that count them, by repository."""
    left: dict[int, int] = {}
    for repository_id, plan in in_force(repository_ids).items():
        if plan.stage is not None and plan.stage.capacity is not None:
            plan.stage.plan = plan
            left[repository_id] = release.free(plan.stage.capacity, taken(plan.stage)) or 0
    return left


def in_audience(stage: Stage) -> Q:
    """Whom a stage is for, as a question to the database about requests annotated by `waiting`."""
    members = [member.lower() for member in stage.members]
    if stage.audience == release.PEOPLE:
        return Q(lowered_name__in=members)
    one_of = Q(pk=None)
    if stage.audience == release.ORGANISATIONS:
        for member in members:
            one_of |= Q(organisations__contains=f"|{member}|")
        return one_of
    if stage.audience == release.DOMAINS:
        one_of |= Q(email_domain__in=members)
        for member in members:
            one_of |= Q(email_domain__endswith=f".{member}")
        return one_of
    return Q()


def waiting(stage: Stage) -> QuerySet[AccessRequest]:
    """Who asked for the repository of a stage and waits for hubgate to let them in, first come first served."""
    return (
        AccessRequest.objects.filter(
            repository=stage.plan.repository_id, status=states.PENDING, cause__in=_ASKED, decided_by=None
        )
        .annotate(lowered_name=Lower("person__username"))
        .order_by("asked_at", "pk")
    )


def lets_in(plan: ReleasePlan) -> bool:
    """Whether hubgate itself lets people in at present."""
    held = plan.stage is None or plan.paused_at is not None or plan.recalled_gate
    return not held and plan.stage is not None and facts_of(plan.stage).hubgate_lets_in


def line_of(request: AccessRequest) -> str:
    """Why a request waits for the stage in force; empty where a person decides. No query where the repository has no
    plan and is at hand with that."""
    if request.status != states.PENDING:
        return ""
    plan: ReleasePlan | None = getattr(request.repository, "release_plan", None)
    if plan is None or plan.stage is None or not lets_in(plan):
        return ""
    stage = plan.stage
    stage.plan = plan
    found = waiting(stage).filter(in_audience(stage))
    if not found.filter(pk=request.pk).exists():
        put_back = request.cause not in _ASKED or request.decided_by_id is not None
        return "" if put_back else release.outside(stage.name, stage.audience)
    before = Q(asked_at__lt=request.asked_at) | Q(asked_at=request.asked_at, pk__lt=request.pk)
    place = found.filter(before).count() + 1
    places = release.free(stage.capacity, taken(stage)) if stage.capacity is not None else place
    left = places if places is not None and place <= places else 0
    return release.in_line(place, found.count(), stage=stage.name, places_left=left)


def gate_goes_first(repository: Repository) -> bool:
    """Whether the Hub has to be told a more closed gate before it is told anything else about a repository. Not so once
    it refused the gate: then people's access is taken away all the same."""
    plan = (
        ReleasePlan.objects.select_related("stage")
        .filter(repository=repository, waits=True, paused_at=None, stage__isnull=False)
        .first()
    )
    if plan is None:
        return False
    to = wanted_of(plan)
    if to is None or not release.closes(setting_of(repository), to):
        return False
    state = outbox.states(states.GATE, [repository.pk]).get(str(repository.pk), outbox.SETTLED)
    return state.behind and not state.parked


def access_is_taken_away(repository: Repository) -> bool:
    """Whether the Hub still lets somebody in who lost their access here, and is about to be told: a gate is not opened
    before."""
    ids = list(
        AccessRequest.objects.filter(repository=repository, hub_status=states.ACCEPTED)
        .exclude(status=states.ACCEPTED)
        .values_list("pk", flat=True)
    )
    return bool(ids) and outbox.count_of(states.PUSH, ids)[0] > 0
