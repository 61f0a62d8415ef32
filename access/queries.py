"""Named reads of access requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count as Count_
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from access import rights, rules, states
from access.models import AccessRequest, ListWalk, OddRow, PastAnswers, RequestMirror
from hubgate.actors import Actor
from hubgate.audit import timeline
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify import queries as notify_queries
from hubgate.notify.models import Delivery
from hubgate.outbox import queries as outbox
from repos import rights as repo_rights
from repos.models import FormVersion, Repository

PAGE = 40
COUNT_UP_TO = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Filter:
    """What an inbox shows: a status ("" for all), repositories by id (none for all) and free text over people and
    answers."""

    status: str = states.PENDING
    repositories: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Row:
    """A request in a list: what the reader needs to tell it from the next."""

    id: int
    name: str
    username: str
    asked_at: datetime
    status: str
    words: str
    repository_id: int
    repository: str
    nfaa: bool
    email_domain: str
    email_kind: str
    organisation: str
    behind: bool
    parked: bool


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first. `older` and `newer` are cursors for the pages beside it, empty where none
    is."""

    rows: list[Row]
    older: str
    newer: str


@dataclass(frozen=True)
class Count:
    """How many there are, counted up to `COUNT_UP_TO`; `more` says that there are more than that."""

    number: int
    more: bool


_ROW = (
    "asked_at",
    "status",
    "answers",
    "form_id",
    "email_domain",
    "email_kind",
    "repository__name",
    "repository__nfaa",
    "person__username",
    "person__fullname",
    "person__verified_orgs",
)
_FORM_TEXTS = ("heading", "description", "prompt", "button")


def matching(actor: Actor, wanted: Filter) -> QuerySet[AccessRequest]:
    """The actor's requests that a filter lets through, in no order."""
    found = rights.visible_to(actor)
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.repositories:
        found = found.filter(repository__in=wanted.repositories)
    for word in wanted.text.lower().split()[:8]:
        found = found.filter(Q(search_text__contains=word) | Q(repository__name__icontains=word))
    return found


def page(actor: Actor, wanted: Filter, *, cursor: str = "", size: int = PAGE) -> Page:
    """One page of the actor's requests by keyset: `cursor` is what an earlier page gave. InvalidInputError for a
    cursor that no page gave. Three queries, however many rows there are; neither cards nor forms' texts are loaded."""
    rows = matching(actor, wanted)
    backwards, at, pk = _read_cursor(cursor)
    if at is not None and pk is not None:
        if backwards:
            rows = rows.filter(Q(asked_at__gt=at) | Q(asked_at=at, pk__gt=pk))
        else:
            rows = rows.filter(Q(asked_at__lt=at) | Q(asked_at=at, pk__lt=pk))
    order = ("asked_at", "pk") if backwards else ("-asked_at", "-pk")
    found = list(rows.select_related("repository", "person").only(*_ROW).order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, bool(found)) if backwards else (at is not None and bool(found), more)
    return Page(
        rows=_rows(found),
        older=_cursor("o", found[-1]) if has_older else "",
        newer=_cursor("n", found[0]) if has_newer else "",
    )


def count(actor: Actor, wanted: Filter) -> Count:
    """How many requests a filter lets through, honest about where counting stopped."""
    number = matching(actor, wanted).order_by()[: COUNT_UP_TO + 1].count()
    return Count(min(number, COUNT_UP_TO), number > COUNT_UP_TO)


def oldest(actor: Actor, wanted: Filter) -> datetime | None:
    """When the request that waits longest was asked."""
    return matching(actor, wanted).order_by("asked_at", "pk").values_list("asked_at", flat=True).first()


def waiting_by_repository(repository_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many requests of each status the given repositories have, in one query."""
    counts: dict[int, dict[str, int]] = {}
    rows = (
        AccessRequest.objects.filter(repository__in=repository_ids)
        .values_list("repository_id", "status")
        .annotate(number=Count_("pk"))
        .order_by()
    )
    for repository_id, status, number in rows:
        counts.setdefault(repository_id, {})[status] = number
    return counts


def walks_by_repository(repository_ids: Iterable[int]) -> dict[int, list[ListWalk]]:
    """How far the mirror is with the lists of the given repositories, in one query."""
    walks: dict[int, list[ListWalk]] = {}
    for walk in ListWalk.objects.filter(repository__in=repository_ids):
        walks.setdefault(walk.repository_id, []).append(walk)
    return walks


@dataclass(frozen=True)
class HubState:
    """Where the Hub stands with a request: `in_step`, `waiting` (accepted here, not yet there), or `refused`."""

    word: str
    hub_status: str
    seen_at: datetime | None
    error: str
    due_at: datetime | None


@dataclass(frozen=True)
class Earlier:
    """Another request of the same person."""

    id: int
    repository: str
    status: str
    asked_at: datetime


@dataclass(frozen=True)
class Detail:
    """Everything about one request, for those who decide."""

    request: AccessRequest
    row: Row
    answers: list[rules.Answered]
    past: list[PastAnswers]
    hub: HubState
    verbs: list[str]  # decisions, in the order of their buttons
    verified_orgs: list[str]
    earlier: list[Earlier]
    same_domain: dict[str, int]
    timeline: list[timeline.Line]
    deliveries: list[Delivery]
    asked_before_questions: bool
    blocked: str
    older_id: int | None
    newer_id: int | None

    @property
    def retryable(self) -> bool:
        """Whether another try at the Hub makes sense."""
        return self.hub.word == "refused" or bool(self.hub.error)

    @property
    def outcomes(self) -> dict[str, int]:
        """How the person's other requests ended, by status."""
        return dict(Counter(other.status for other in self.earlier))


def get_request(actor: Actor, request_id: int) -> AccessRequest:
    """One of the requests that the actor decides. NotFoundOrHiddenError for others and unknown ones alike."""
    found = (
        rights.visible_to(actor)
        .select_related("repository__namespace", "repository__form", "person", "form", "decided_by")
        .defer(*(f"{form}__{text}" for form in ("form", "repository__form") for text in _FORM_TEXTS))
        .filter(pk=request_id)
        .first()
    )
    if found is None:
        raise NotFoundOrHiddenError("There is no such request, or it is not yours to decide.")
    return found


def get_decidable(actor: Actor, request_id: int, verb: str) -> AccessRequest:
    """A request that the actor may take the decision `verb` on now. NotFoundOrHiddenError as `get_request`,
    WrongStateError where that decision does not apply, or where the namespace is only read."""
    request = get_request(actor, request_id)
    if blocked := _blocked(request):
        raise WrongStateError(blocked, code="reading_only")
    if verb not in rights.allowed_verbs(actor, request):
        raise WrongStateError(f"This request is {request.status}: that decision does not apply to it.")
    return request


def next_after(actor: Actor, request: AccessRequest, within: Filter) -> int | None:
    """The request to go on with in a list: the next older one, else the next newer one, None at the end."""
    return _neighbour(actor, within, request, older=True) or _neighbour(actor, within, request, older=False)


def detail(actor: Actor, request_id: int, *, within: Filter | None = None) -> Detail:
    """A request with all that stands beside it. `within` is the list it was opened from: its neighbours there are
    told."""
    request = get_request(actor, request_id)
    fields = request.form.fields if request.form else []
    asked_now = request.repository.form.fields if request.repository.form else fields
    return Detail(
        request=request,
        row=_rows([request])[0],
        answers=rules.answered(fields, request.answers),
        past=list(
            request.past_answers.select_related("form")
            .defer(*(f"form__{text}" for text in _FORM_TEXTS))
            .order_by("-asked_at")
        ),
        hub=hub_state(request),
        verbs=rights.allowed_verbs(actor, request),
        verified_orgs=request.person.verified_orgs if request.person else [],
        earlier=_earlier(actor, request),
        same_domain=_same_domain(actor, request),
        timeline=timeline.of_subject("request", request.pk),
        deliveries=[
            mail
            for mail in notify_queries.deliveries_about("request", request.pk)
            if mail.notification.identity_id is not None
        ],
        asked_before_questions=(
            request.via != AccessRequest.Via.GRANT and rules.asked_before_questions(asked_now, request.answers)
        ),
        blocked=_blocked(request),
        older_id=_neighbour(actor, within, request, older=True),
        newer_id=_neighbour(actor, within, request, older=False),
    )


def past_answered(past: PastAnswers) -> list[rules.Answered]:
    """Earlier answers beside the questions as they were asked then."""
    return rules.answered(past.form.fields if past.form else [], past.answers)


def hub_state(request: AccessRequest) -> HubState:
    """Where the Hub stands with a request, from what we last read and what the outbox still owes."""
    push = outbox.states(states.PUSH, [request.pk]).get(str(request.pk), outbox.SETTLED)
    wanted = states.wanted_push(request.status, request.hub_status, asked_on_hub=request.via == AccessRequest.Via.HUB)
    if push.parked:
        word = "refused"
    else:
        word = "waiting" if wanted is not None and push.behind else "in_step"
    return HubState(word, request.hub_status, request.hub_seen_at, push.error, push.due_at)


@dataclass(frozen=True)
class ListState:
    """How far the mirror is with one of the Hub's lists of a repository."""

    status: str
    read_at: datetime | None
    complete: bool | None
    rows: int
    error: str


@dataclass(frozen=True)
class MirrorState:
    """What hubgate knows of a repository's requests: the four lists, rows set aside, and whether one of the lists may
    be incomplete (`partial`): cut short by the Hub, or its last reading broke off."""

    lists: list[ListState]
    odd: list[OddRow]
    partial: bool
    compared_at: datetime | None
    error: str


def mirror_state(repository: Repository) -> MirrorState:
    """How far the mirror is with a repository."""
    walks = {walk.status: walk for walk in ListWalk.objects.filter(repository=repository)}
    mirror = RequestMirror.objects.filter(repository=repository).first()
    lists = [
        ListState(status, walk.read_at, walk.complete, walk.rows, walk.error)
        if (walk := walks.get(status))
        else ListState(status, None, None, 0, "")
        for status in states.HUB_LISTS
    ]
    return MirrorState(
        lists=lists,
        odd=list(OddRow.objects.filter(repository=repository).order_by("-last_seen_at")[:50]),
        partial=any(walk.complete is False or walk.error for walk in walks.values()),
        compared_at=mirror.compared_at if mirror else None,
        error=mirror.error if mirror else "",
    )


def last_read_at(actor: Actor) -> datetime | None:
    """When the mirror last read any pending list of the actor's repositories."""
    visible = repo_rights.visible_to(actor).values("pk")
    return (
        ListWalk.objects.filter(repository__in=visible, status=states.PENDING, read_at__lte=timezone.now())
        .order_by("-read_at")
        .values_list("read_at", flat=True)
        .first()
    )


def repository_choices(actor: Actor) -> list[Repository]:
    """The actor's repositories that anybody asked for, by name: what a list can be narrowed to."""
    asked = AccessRequest.objects.filter(repository=OuterRef("pk"))
    return list(repo_rights.visible_to(actor).filter(Exists(asked)).only("name").order_by("name"))


def pushes_waiting(actor: Actor) -> int:
    """How many of the actor's decisions are not on the Hub yet, refused ones left out, counted up to
    `COUNT_UP_TO`."""
    behind = outbox.keys_behind(states.PUSH, limit=COUNT_UP_TO)
    return rights.visible_to(actor).filter(pk__in=[int(key) for key in behind]).count() if behind else 0


def _blocked(request: AccessRequest) -> str:
    namespace = request.repository.namespace
    return "" if namespace.changes_enabled else rules.reading_only(namespace.name)


def _rows(requests: Sequence[AccessRequest]) -> list[Row]:
    pushes = outbox.states(states.PUSH, [request.pk for request in requests])
    forms = dict(
        FormVersion.objects.filter(pk__in={request.form_id for request in requests}).values_list("pk", "fields")
    )
    rows = []
    for request in requests:
        person, push = request.person, pushes.get(str(request.pk), outbox.SETTLED)
        fields = forms.get(request.form_id or 0, [])
        rows.append(
            Row(
                id=request.pk,
                name=(person.fullname or person.username) if person else "Hidden by the Hub",
                username=person.username if person else "",
                asked_at=request.asked_at,
                status=request.status,
                words=rules.first_words(fields, request.answers),
                repository_id=request.repository_id,
                repository=request.repository.name,
                nfaa=bool(request.repository.nfaa),
                email_domain=request.email_domain,
                email_kind=request.email_kind,
                organisation=person.verified_orgs[0] if person and person.verified_orgs else "",
                behind=push.behind and not push.parked,
                parked=push.parked,
            )
        )
    return rows


def _earlier(actor: Actor, request: AccessRequest) -> list[Earlier]:
    if request.person is None:
        return []
    others = (
        rights.visible_to(actor)
        .filter(person=request.person)
        .exclude(pk=request.pk)
        .select_related("repository")
        .order_by("-asked_at")[:20]
    )
    return [Earlier(other.pk, other.repository.name, other.status, other.asked_at) for other in others]


def _same_domain(actor: Actor, request: AccessRequest) -> dict[str, int]:
    """How requests from the same institution ended; nothing for free mail, whose users have nothing in common."""
    if request.email_kind != rules.MailKind.INSTITUTIONAL:
        return {}
    others = rights.visible_to(actor).filter(email_domain=request.email_domain).exclude(pk=request.pk)
    return dict(others.values_list("status").annotate(number=Count_("pk")).order_by())


def _neighbour(actor: Actor, within: Filter | None, request: AccessRequest, *, older: bool) -> int | None:
    at, pk = request.asked_at, request.pk
    rows = matching(actor, within or Filter(status=""))
    if older:
        rows = rows.filter(Q(asked_at__lt=at) | Q(asked_at=at, pk__lt=pk)).order_by("-asked_at", "-pk")
    else:
        rows = rows.filter(Q(asked_at__gt=at) | Q(asked_at=at, pk__gt=pk)).order_by("asked_at", "pk")
    return rows.values_list("pk", flat=True).first()


def _cursor(direction: str, request: AccessRequest) -> str:
    return f"{direction}{(request.asked_at - _EPOCH) // timedelta(microseconds=1)}-{request.pk}"


def _read_cursor(cursor: str) -> tuple[bool, datetime | None, int | None]:
    if not cursor:
        return False, None, None
    try:
        moment, pk = cursor[1:].rsplit("-", 1)
        at = _EPOCH + timedelta(microseconds=int(moment))
        if cursor[0] not in "on":
            raise ValueError
        return cursor[0] == "n", at, int(pk)
    except (ValueError, OverflowError):
        raise InvalidInputError(
            "That is no page of this list. Start again at its beginning.", code="bad_cursor"
        ) from None
