"""Differences with the Hub: what it changed on its own, and what stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from access import rights, states
from access.models import AccessRequest, Drift
from access.queries.counts import COUNT_UP_TO, Count
from access.queries.lists import read_cursor
from access.queries.scope import concealed
from access.subjects import label
from hubgate.actors import Actor
from hubgate.audit import timeline
from repos import events as repo_events
from repos.models import Repository

PAGE = 25
OPEN, PASSED, SETTLED = "open", "passed", "settled"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF_REPOSITORIES = (
    repo_events.REPOSITORY_RENAMED,
    repo_events.REPOSITORY_MISSING,
    repo_events.REPOSITORY_BACK,
    repo_events.GATE_CHANGED,
    repo_events.VISIBILITY_CHANGED,
    repo_events.FORM_CHANGED,
    repo_events.CARD_UNREADABLE,
    repo_events.TAG_CHANGED,
)
# The decision that the Hub made still stands, and so does ours; else the request changed since.
_STANDING = (
    Q(stands=Drift.Stands.THEIRS, request__cause="hub")
    & (Q(request__status=F("theirs")) | Q(theirs=states.NONE, request__status=states.WITHDRAWN))
) | (Q(stands=Drift.Stands.OURS, request__status=F("ours_status")) & ~Q(request__cause="hub"))


@dataclass(frozen=True)
class Wanted:
    """What the desk shows: `open`, `passed` (the request changed since) or `settled`; of one repository by id, or of
    all (None)."""

    state: str = OPEN
    repository: int | None = None


@dataclass(frozen=True)
class DriftLine:
    """A difference with the Hub as the desk shows it. `ours` and `theirs` are statuses, `now` is the request's;
    `passed` says that the request changed since, `may_settle` that the actor decides there. The two sentences say
    why a way is not open, empty where it is."""

    drift: Drift
    name: str
    username: str
    ours: str
    ours_by: str
    theirs: str
    now: str
    now_by: str
    passed: bool
    why_not_theirs: str
    why_not_ours: str
    may_settle: bool


@dataclass(frozen=True)
class DriftPage:
    """One page of the desk, newest first; `older` and `newer` are cursors, empty where no page is."""

    lines: list[DriftLine]
    older: str
    newer: str


def matching(actor: Actor, wanted: Wanted) -> QuerySet[Drift]:
    """The drifts of the actor's repositories that a filter lets through, in no order."""
    found = Drift.objects.filter(repository__in=rights.repositories_for(actor, "view")).annotate(
        ours_status=KeyTextTransform("status", "ours")
    )
    if wanted.repository is not None:
        found = found.filter(repository=wanted.repository)
    if wanted.state == SETTLED:
        return found.filter(settled_at__isnull=False)
    found = found.filter(settled_at=None)
    return found.exclude(_STANDING) if wanted.state == PASSED else found.filter(_STANDING)


def page(actor: Actor, wanted: Wanted, *, cursor: str = "", size: int = PAGE) -> DriftPage:
    """One page of the desk by keyset, in one query. InvalidInputError for a cursor that no page gave."""
    rows = matching(actor, wanted)
    backwards, at, pk = read_cursor(cursor)
    if at is not None and pk is not None:
        if backwards:
            rows = rows.filter(Q(found_at__gt=at) | Q(found_at=at, pk__gt=pk))
        else:
            rows = rows.filter(Q(found_at__lt=at) | Q(found_at=at, pk__lt=pk))
    order = ("found_at", "pk") if backwards else ("-found_at", "-pk")
    found = list(_with_facts(rows).order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, bool(found)) if backwards else (at is not None and bool(found), more)
    return DriftPage(
        lines=[line_of(actor, drift) for drift in found],
        older=_cursor("o", found[-1]) if has_older else "",
        newer=_cursor("n", found[0]) if has_newer else "",
    )


def count(actor: Actor, wanted: Wanted) -> Count:
    """How many there are, honest about where counting stopped."""
    number = matching(actor, wanted).order_by()[: COUNT_UP_TO + 1].count()
    return Count(min(number, COUNT_UP_TO), number > COUNT_UP_TO)


def repositories(actor: Actor) -> list[Repository]:
    """The actor's repositories that have a drift, by name: what the desk can be narrowed to."""
    drifted = Drift.objects.filter(repository__in=rights.repositories_for(actor, "view")).values("repository")
    return list(Repository.objects.filter(pk__in=drifted).only("name").order_by("name"))


def open_of(actor: Actor, request: AccessRequest) -> DriftLine | None:
    """The difference with the Hub that is to be settled for a request, if there is one."""
    drifts = Drift.objects.filter(request=request, settled_at=None).order_by("-found_at", "-pk")
    found = _with_facts(drifts).first()
    return line_of(actor, found) if found is not None and not has_passed(found) else None


def of_repositories(actor: Actor, wanted: Wanted, *, limit: int = 15) -> list[timeline.Line]:
    """What else the Hub changed: names, gates, visibility, forms of the actor's repositories; newest first."""
    visible = rights.repositories_for(actor, "view")
    if wanted.repository is not None:
        visible = visible.filter(pk=wanted.repository)
    ids = list(visible.values_list("pk", flat=True))
    return timeline.of_subjects("repository", ids, events=_OF_REPOSITORIES, limit=limit)


def line_of(actor: Actor, drift: Drift) -> DriftLine:
    """A drift as the desk shows it; needs its request with person and repository at hand."""
    request, person = drift.request, drift.request.person
    return DriftLine(
        drift=drift,
        name=(person.fullname or person.username) if person else label(request),
        username=person.username if person else "",
        ours=ours_of(drift),
        ours_by=str(drift.ours.get("decided_by_label") or ""),
        theirs=drift.theirs,
        now=request.status,
        now_by=request.decided_by_label,
        passed=has_passed(drift),
        why_not_theirs=why_not_theirs(drift),
        why_not_ours=why_not_ours(drift),
        may_settle=drift.repository_id not in concealed(actor),
    )


def ours_of(drift: Drift) -> str:
    """The status that our decision had before."""
    return str(drift.ours.get("status") or states.PENDING)


def has_passed(drift: Drift) -> bool:
    """Whether the request is no longer as the drift left it: decided, asked or changed again since."""
    request = drift.request
    if drift.stands == Drift.Stands.OURS:
        return request.status != ours_of(drift) or request.cause == "hub"
    return request.status != states.as_ours(drift.theirs) or request.cause != "hub"


def is_held_there(drift: Drift) -> bool:
    """Whether the Hub still holds its own word, as far as hubgate has read."""
    return drift.request.hub_status == drift.theirs


def why_not_theirs(drift: Drift) -> str:
    """Why the Hub's word cannot be taken with one click; empty where it can."""
    if drift.stands == Drift.Stands.THEIRS or is_held_there(drift):
        return ""
    verb = states.verb_between(drift.request.status, states.as_ours(drift.theirs))
    if verb is None:
        return f"The Hub was told {drift.request.hub_status} since, and nobody can make it {drift.theirs} from here."
    if verb in (states.REJECT, states.RESET_VERB):
        return f"The Hub was told {drift.request.hub_status} since: open the request to {verb} it with a reason."
    return _reading_only(drift)


def why_not_ours(drift: Drift) -> str:
    """Why our decision cannot be put back with one click; empty where it can."""
    if drift.stands == Drift.Stands.OURS:
        return ""
    verb = states.verb_between(drift.request.status, ours_of(drift))
    if verb is None:
        where = "gone there" if drift.theirs == states.NONE else f"{drift.theirs} there"
        return f"What is {where} cannot be made {ours_of(drift)} from here."
    if verb == states.GRANT and drift.request.person is None:
        return "The Hub hides who this is, and lets nobody in without a name."
    if verb in (states.REJECT, states.RESET_VERB) and not drift.ours.get("reason"):
        return f"No reason was kept with ours: open the request to {verb} it with one."
    return _reading_only(drift)


def _reading_only(drift: Drift) -> str:
    namespace = drift.request.repository.namespace
    return "" if namespace.changes_enabled else f"hubgate only reads {namespace.name}, so it cannot tell the Hub."


def _with_facts(drifts: QuerySet[Drift]) -> QuerySet[Drift]:
    return drifts.select_related("request__person", "request__repository__namespace").only(
        *(field.name for field in Drift._meta.fields),
        *(f"request__{name}" for name in ("status", "cause", "hub_status", "decided_by_label", "via")),
        *(f"request__person__{name}" for name in ("username", "fullname")),
        "request__repository__name",
        "request__repository__namespace__name",
        "request__repository__namespace__changes_enabled",
    )


def _cursor(direction: str, drift: Drift) -> str:
    return f"{direction}{(drift.found_at - _EPOCH) // timedelta(microseconds=1)}-{drift.pk}"
