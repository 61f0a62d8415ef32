"""Lists of access requests: what an inbox shows, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from access import rights, rules, states
from access.models import AccessRequest
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError
from hubgate.outbox import queries as outbox
from repos import rights as repo_rights
from repos.models import FormVersion, Repository

PAGE = 40
COUNT_UP_TO = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
FORM_TEXTS = ("heading", "description", "prompt", "button")


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
    backwards, at, pk = read_cursor(cursor)
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
        rows=rows_of(found),
        older=cursor_of("o", found[-1]) if has_older else "",
        newer=cursor_of("n", found[0]) if has_newer else "",
    )


def count(actor: Actor, wanted: Filter) -> Count:
    """How many requests a filter lets through, honest about where counting stopped."""
    number = matching(actor, wanted).order_by()[: COUNT_UP_TO + 1].count()
    return Count(min(number, COUNT_UP_TO), number > COUNT_UP_TO)


def oldest(actor: Actor, wanted: Filter) -> datetime | None:
    """When the request that waits longest was asked."""
    return matching(actor, wanted).order_by("asked_at", "pk").values_list("asked_at", flat=True).first()


def repository_choices(actor: Actor) -> list[Repository]:
    """The actor's repositories that anybody asked for, by name: what a list can be narrowed to."""
    asked = AccessRequest.objects.filter(repository=OuterRef("pk"))
    return list(repo_rights.visible_to(actor).filter(Exists(asked)).only("name").order_by("name"))


def neighbour(actor: Actor, within: Filter | None, request: AccessRequest, *, older: bool) -> int | None:
    """The id of the next older or newer request within a list, None at its end."""
    at, pk = request.asked_at, request.pk
    rows = matching(actor, within or Filter(status=""))
    if older:
        rows = rows.filter(Q(asked_at__lt=at) | Q(asked_at=at, pk__lt=pk)).order_by("-asked_at", "-pk")
    else:
        rows = rows.filter(Q(asked_at__gt=at) | Q(asked_at=at, pk__gt=pk)).order_by("asked_at", "pk")
    return rows.values_list("pk", flat=True).first()


def rows_of(requests: Sequence[AccessRequest]) -> list[Row]:
    """Requests as rows of a list, with one query for how far their pushes are."""
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


def cursor_of(direction: str, request: AccessRequest) -> str:
    """The cursor for the rows older (`o`) or newer (`n`) than a request."""
    return f"{direction}{(request.asked_at - _EPOCH) // timedelta(microseconds=1)}-{request.pk}"


def read_cursor(cursor: str) -> tuple[bool, datetime | None, int | None]:
    """What a cursor says: whether it leads to newer rows, and beyond which time (UTC) and id. InvalidInputError for a
    text that `cursor_of` never gave."""
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
