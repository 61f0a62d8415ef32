"""Bulk decisions: what one would do, how far it is, and what became of each request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.utils import timezone

from access import rights, rules, states
from access.models import BulkDecision, BulkRow
from access.queries.filters import Filter, matching
from access.queries.stages import places_left
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from hubgate.outbox import queries as outbox
from repos import rights as repo_rights
from repos.models import Repository

BULK_LIMIT = 10_000
RESULTS = 100
RECENT = 50


@dataclass(frozen=True)
class Progress:
    """How far a bulk decision is. Numbers are of requests: `waiting` for hubgate, `decided` here, of these `on_hub`,
    `behind` (on their way there) and `parked` (the Hub refused). `rate` is those a second that reach the Hub, and
    `seconds_left` what that means for the rest; None where nothing can be said yet."""

    total: int
    waiting: int
    decided: int
    refused: int
    cancelled: int
    behind: int
    parked: int
    rate: float | None
    seconds_left: int | None

    @property
    def on_hub(self) -> int:
        """How many the Hub has been told."""
        return self.decided - self.behind - self.parked

    @property
    def running(self) -> bool:
        """Whether anything is still to happen by itself."""
        return bool(self.waiting or self.behind)


@dataclass(frozen=True)
class Result:
    """What became of one request. `hub` is `told`, `waiting` or `refused` for what was decided, else empty."""

    request_id: int
    name: str
    username: str
    repository: str
    seen_status: str
    outcome: str
    sentence: str
    hub: str


@dataclass(frozen=True)
class Results:
    """One page of results, what needs a look first. Pages count from 1."""

    rows: list[Result]
    page: int
    pages: int


def get_bulk(actor: Actor, key: UUID) -> BulkDecision:
    """A bulk decision of the actor's own. NotFoundOrHiddenError for others and unknown ones alike."""
    found = BulkDecision.objects.filter(key=key, user_id=actor.user_id or 0).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such bulk decision, or it is not yours.")
    return found


def recent_bulks(actor: Actor) -> list[BulkDecision]:
    """The actor's newest bulk decisions, previews left out."""
    mine = BulkDecision.objects.filter(user_id=actor.user_id or 0).exclude(state=BulkDecision.State.PREVIEW)
    return list(mine.order_by("-created_at")[:RECENT])


def count_for_bulk(actor: Actor, wanted: Filter) -> int:
    """How many requests a filter lets through, counted up to one more than a bulk decision takes."""
    return matching(actor, wanted).order_by()[: BULK_LIMIT + 1].count()


def gate_of(actor: Actor, repository_id: int) -> str:
    """The gate of one of the actor's repositories; empty for others and unknown ones alike."""
    return repo_rights.visible_to(actor).filter(pk=repository_id).values_list("gate", flat=True).first() or ""


def repositories_of(actor: Actor, bulk_id: int) -> dict[int, tuple[Repository, bool]]:
    """The repositories of a bulk decision's requests with their namespaces, and whether the actor decides for each."""
    of_bulk = BulkRow.objects.filter(bulk=bulk_id, request__repository=OuterRef("pk"))
    mine = rights.repositories_for(actor, states.ACCEPT).filter(pk=OuterRef("pk"))
    found = (
        Repository.objects.select_related("namespace", "release_plan__stage")
        .only(
            "name", "kind", "private", "gate", "grant_days", "most_grant_days", "release_plan__stage__grant_days",
            "namespace__name", "namespace__changes_enabled", "namespace__mail_requesters",
        )
        .filter(Exists(of_bulk))
        .annotate(mine=Exists(mine))
    )  # fmt: skip
    return {repository.pk: (repository, repository.mine) for repository in found}


def plan_of_bulk(actor: Actor, bulk: BulkDecision) -> rules.BulkPlan:
    """What a bulk decision would do if it were carried out now. Three queries, and one more for each repository whose
    stage counts places."""
    repositories = repositories_of(actor, bulk.pk)
    stand = (
        BulkRow.objects.filter(bulk=bulk, outcome=BulkRow.Outcome.WAITING)
        .annotate(own=Case(When(request__person__user=actor.user_id or 0, then=True), default=False))
        .values_list("request__repository_id", "seen_status", "request__status", "own")
        .annotate(number=Count("pk"))
        .order_by()
    )
    places = places_left(list(repositories)) if bulk.verb == states.ACCEPT else {}
    lots = [
        rules.Lot(
            repository=repositories[pk][0].name,
            number=number,
            seen=seen,
            status=status,
            may=repositories[pk][1],
            changes_enabled=repositories[pk][0].namespace.changes_enabled,
            own=own,
            places=places.get(pk),
        )
        for pk, seen, status, own, number in stand
    ]
    return rules.plan_bulk(bulk.verb, sorted(lots, key=lambda lot: lot.repository))


def progress_of_bulk(bulk: BulkDecision) -> Progress:
    """How far a bulk decision is, here and on the Hub. Three queries, however many requests it has."""
    counts = dict(BulkRow.objects.filter(bulk=bulk).values_list("outcome").annotate(number=Count("pk")).order_by())
    keys = BulkRow.objects.filter(bulk=bulk, outcome=BulkRow.Outcome.DECIDED).values_list("request_id", flat=True)
    behind, parked = outbox.count_of(states.PUSH, keys)
    decided = counts.get(BulkRow.Outcome.DECIDED, 0)
    rate, left = _speed(bulk.ended_at, timezone.now(), done=decided - behind - parked, behind=behind)
    return Progress(
        total=bulk.total,
        waiting=counts.get(BulkRow.Outcome.WAITING, 0),
        decided=decided,
        refused=counts.get(BulkRow.Outcome.REFUSED, 0),
        cancelled=counts.get(BulkRow.Outcome.CANCELLED, 0),
        behind=behind,
        parked=parked,
        rate=rate,
        seconds_left=left,
    )


def results_of_bulk(actor: Actor, bulk: BulkDecision, *, outcome: str = "", page: int = 1) -> Results:
    """One page of what became of each request, what was refused first; `outcome` narrows it. Requests that the actor
    no longer decides are left out. Three queries."""
    rows = _visible(actor, bulk)
    if outcome:
        rows = rows.filter(outcome=outcome)
    pages = max(1, -(-rows.count() // RESULTS))
    page = min(max(page, 1), pages)
    first = Case(
        When(outcome=BulkRow.Outcome.REFUSED, then=Value(0)),
        When(outcome=BulkRow.Outcome.CANCELLED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = list(
        rows.select_related("request__person", "request__repository")
        .only(
            "seen_status", "outcome", "sentence", "request__repository__name",
            "request__person__username", "request__person__fullname",
        )
        .order_by(first, "pk")[(page - 1) * RESULTS : page * RESULTS]
    )  # fmt: skip
    return Results([*_told(found)], page, pages)


@dataclass(frozen=True)
class ResultsOnwards:
    """Results in the order in which the requests were chosen; `next` is the cursor to go on with, empty at the end."""

    rows: list[Result]
    next: str


def results_after(
    actor: Actor, bulk: BulkDecision, *, outcome: str = "", cursor: str = "", size: int = RESULTS
) -> ResultsOnwards:
    """What became of each request, from a cursor on; `outcome` narrows it. Requests that the actor no longer decides
    are left out. Two queries. InvalidInputError for a cursor that no page gave."""
    digits = cursor or "0"
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise InvalidInputError("That is no page of these results. Start again at the beginning.", code="bad_cursor")
    rows = _visible(actor, bulk).filter(pk__gt=int(digits))
    if outcome:
        rows = rows.filter(outcome=outcome)
    found = list(
        rows.select_related("request__person", "request__repository")
        .only(
            "seen_status", "outcome", "sentence", "request__repository__name",
            "request__person__username", "request__person__fullname",
        )
        .order_by("pk")[: size + 1]
    )  # fmt: skip
    following = str(found[size - 1].pk) if len(found) > size else ""
    return ResultsOnwards([*_told(found[:size])], following)


def _visible(actor: Actor, bulk: BulkDecision) -> QuerySet[BulkRow]:
    return BulkRow.objects.filter(bulk=bulk, request__repository__in=rights.repositories_for(actor, "view"))


def _told(rows: Iterable[BulkRow]) -> Iterable[Result]:
    found = list(rows)
    pushes = outbox.states(states.PUSH, [row.request_id for row in found])
    for row in found:
        person, push = row.request.person, pushes.get(str(row.request_id), outbox.SETTLED)
        hub = "refused" if push.parked else "waiting" if push.behind else "told"
        yield Result(
            request_id=row.request_id,
            name=(person.fullname or person.username) if person else "Hidden by the Hub",
            username=person.username if person else "",
            repository=row.request.repository.name,
            seen_status=row.seen_status,
            outcome=row.outcome,
            sentence=row.sentence,
            hub=hub if row.outcome == BulkRow.Outcome.DECIDED else "",
        )


def _speed(since: datetime | None, now: datetime, *, done: int, behind: int) -> tuple[float | None, int | None]:
    """How many a second, and how many seconds for the rest."""
    seconds = (now - since).total_seconds() if since else 0.0
    if seconds < 1 or done <= 0 or not behind:
        return None, None
    rate = done / seconds
    return rate, round(behind / rate)
