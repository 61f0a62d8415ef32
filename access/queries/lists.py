"""Lists of access requests: what an inbox shows, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from access import rules, states
from access.models import AccessRequest
from access.queries.filters import Filter, matching
from access.queries.renewals import renewals_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError
from hubgate.outbox import queries as outbox

PAGE = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROW = (
    "asked_at",
    "status",
    "ends_at",
    "answers",
    "form__fields",
    "email_domain",
    "email_kind",
    "repository__name",
    "repository__nfaa",
    "repository__first_question",
    "person__username",
    "person__fullname",
    "person__verified_orgs",
)
FORM_TEXTS = ("heading", "description", "prompt", "button")


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
    ends_at: datetime | None
    renewal_asked: bool


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first. `older` and `newer` are cursors for the pages beside it, empty where none
    is."""

    rows: list[Row]
    older: str
    newer: str


def page(actor: Actor, wanted: Filter, *, cursor: str = "", size: int = PAGE) -> Page:
    """One page of the actor's requests by keyset: `cursor` is what an earlier page gave. InvalidInputError for a
    cursor that no page gave. Two queries beside that of `scope`, however many rows there are; neither cards nor
    forms' texts are loaded."""
    rows = matching(actor, wanted)
    backwards, at, pk = read_cursor(cursor)
    if at is not None and pk is not None:
        rows = rows.filter(beyond(at, pk, older=not backwards))
    order = ("asked_at", "pk") if backwards else ("-asked_at", "-pk")
    found = list(rows.select_related("repository", "person", "form").only(*_ROW).order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, bool(found)) if backwards else (at is not None and bool(found), more)
    return Page(
        rows=rows_of(found),
        older=cursor_of("o", found[-1]) if has_older else "",
        newer=cursor_of("n", found[0]) if has_newer else "",
    )


def neighbour(actor: Actor, within: Filter | None, request: AccessRequest, *, older: bool) -> int | None:
    """The id of the next older or newer request within a list, None at its end."""
    at, pk = request.asked_at, request.pk
    rows = matching(actor, within or Filter(status=""))
    order = ("-asked_at", "-pk") if older else ("asked_at", "pk")
    return rows.filter(beyond(at, pk, older=older)).order_by(*order).values_list("pk", flat=True).first()


def beyond(at: datetime, pk: int, *, older: bool) -> Q:
    """The rows on one side of a place in a list. The time is said by itself too: that part an index can begin at."""
    if older:
        return Q(asked_at__lte=at) & (Q(asked_at__lt=at) | Q(pk__lt=pk))
    return Q(asked_at__gte=at) & (Q(asked_at__gt=at) | Q(pk__gt=pk))


def rows_of(requests: Sequence[AccessRequest]) -> list[Row]:
    """Requests, with person, repository and form at hand, as rows of a list: one query for how far their pushes are,
    and one for renewals where access of any has an end."""
    renewals = renewals_of([request.pk for request in requests if request.ends_at])
    pushes = outbox.states(states.PUSH, [request.pk for request in requests])
    rows = []
    for request in requests:
        person, push = request.person, pushes.get(str(request.pk), outbox.SETTLED)
        fields = request.form.fields if request.form else []
        first = request.repository.first_question
        rows.append(
            Row(
                id=request.pk,
                name=(person.fullname or person.username) if person else "Hidden by the Hub",
                username=person.username if person else "",
                asked_at=request.asked_at,
                status=request.status,
                words=rules.first_words(fields, request.answers, first=first),
                repository_id=request.repository_id,
                repository=request.repository.name,
                nfaa=bool(request.repository.nfaa),
                email_domain=request.email_domain,
                email_kind=request.email_kind,
                organisation=person.verified_orgs[0] if person and person.verified_orgs else "",
                behind=push.behind and not push.parked,
                parked=push.parked,
                ends_at=request.ends_at,
                renewal_asked=request.pk in renewals,
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
