"""A person's own requests, over all namespaces: found by who the account is on the Hub, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from access import ends, events, own, rules, states
from access.models import AccessRequest, Renewal
from access.queries.lists import FORM_TEXTS, beyond, cursor_of, read_cursor
from access.queries.waits import waits_of
from hubgate.actors import Actor
from hubgate.audit.models import AuditEvent
from hubgate.errors import NotFoundOrHiddenError
from hubgate.notify import queries as notify

PAGE = 40
_SHOWN_EVENTS = 100


@dataclass(frozen=True)
class Own:
    """A request of one's own. `since` is when its status began; `place` counts those that wait for the repository from
    1, 0 where it does not wait; `renewal` is empty, `asked`, `extended` or `refused`, of the end that stands."""

    id: int
    repository: str
    kind: str
    status: str
    asked_at: datetime
    since: datetime
    reason: str
    cause: str
    ends_at: datetime | None
    hub_status: str
    place: int
    waits: own.Waits
    renewal: str
    renewal_reason: str
    next_step: str
    may_withdraw: bool
    may_renew: bool
    usable: bool  # the Hub lets this person download now, as far as hubgate knows


@dataclass(frozen=True)
class OwnPage:
    """One page of one's own requests, those asked last first; `older` and `newer` are cursors, empty where none is."""

    rows: list[Own]
    older: str
    newer: str


@dataclass(frozen=True)
class OwnDetail:
    """One of one's own requests with one's answers, its history as far as the requester may see it, and what one was
    told of it."""

    request: Own
    answers: list[rules.Answered]
    history: list[own.Line]
    notices: list[notify.Told]
    nfaa: bool
    changes_enabled: bool


def of_actor(actor: Actor) -> QuerySet[AccessRequest]:
    """The actor's own requests."""
    if actor.user_id is None:
        return AccessRequest.objects.none()
    return AccessRequest.objects.filter(person__user=actor.user_id)


def has_own(actor: Actor) -> bool:
    """Whether the actor ever asked for anything. One query, none for who is nobody on the Hub."""
    return actor.hub_id is not None and of_actor(actor).exists()


def own_page(actor: Actor, *, cursor: str = "", size: int = PAGE) -> OwnPage:
    """The actor's own requests from a cursor on. Three queries at most, however many there are. InvalidInputError for a
    cursor that no page gave."""
    backwards, at, pk = read_cursor(cursor)
    rows = _with_facts(of_actor(actor))
    if at is not None and pk is not None:
        rows = rows.filter(beyond(at, pk, older=not backwards))
    found = list(rows.order_by(*(("asked_at", "pk") if backwards else ("-asked_at", "-pk")))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_newer, has_older = (more, bool(found)) if backwards else (at is not None and bool(found), more)
    return OwnPage(
        _told(found),
        cursor_of("o", found[-1]) if has_older else "",
        cursor_of("n", found[0]) if has_newer else "",
    )


def get_own(actor: Actor, request_id: int) -> Own:
    """One of the actor's own requests. NotFoundOrHiddenError for others and unknown ones alike."""
    return _told([_found(actor, request_id)])[0]


def own_detail(actor: Actor, request_id: int) -> OwnDetail:
    """One of the actor's own requests, with all that they may see of it. NotFoundOrHiddenError as `get_own`."""
    request = _found(actor, request_id)
    trail = AuditEvent.objects.filter(subject_type="request", subject_id=request.pk).order_by("-id")[:_SHOWN_EVENTS]
    lines = own.history([own.Happened(event.at, event.event, event.data) for event in trail])
    asked = own.SENTENCES[events.ASKED]
    if request.via == AccessRequest.Via.HUB and not any(line.sentence == asked for line in lines):
        lines.append(own.Line(request.asked_at, asked, "inbox", ""))
    return OwnDetail(
        request=_told([request])[0],
        answers=rules.answered(request.form.fields if request.form else [], request.answers),
        history=lines,
        notices=notify.notices_about(actor, "request", request.pk),
        nfaa=bool(request.repository.nfaa),
        changes_enabled=request.repository.namespace.changes_enabled,
    )


def _found(actor: Actor, request_id: int) -> AccessRequest:
    found = _with_facts(of_actor(actor)).filter(pk=request_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such request of yours.")
    return found


def _with_facts(rows: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    """With repository and form at hand, the place among those that wait, and what became of a renewal."""
    before = (
        AccessRequest.objects.filter(repository=OuterRef("repository"), status=states.PENDING)
        .filter(Q(asked_at__lt=OuterRef("asked_at")) | Q(asked_at=OuterRef("asked_at"), pk__lt=OuterRef("pk")))
        .order_by()
        .values("repository")
        .annotate(number=Count("pk"))
        .values("number")
    )
    renewal = Renewal.objects.filter(request=OuterRef("pk"), ends_at=OuterRef("ends_at"))
    return (
        rows.select_related("repository__namespace", "form")
        .defer("search_text", *(f"form__{text}" for text in FORM_TEXTS))
        .annotate(
            before_me=Coalesce(Subquery(before), Value(0)),
            renewal_asked_at=Subquery(renewal.values("asked_at")),
            ruling=Subquery(renewal.values("ruling")),
            ruling_reason=Subquery(renewal.values("reason")),
        )
    )


def _told(found: Sequence[AccessRequest]) -> list[Own]:
    now = timezone.now()
    waiting = {request.repository_id for request in found if request.status == states.PENDING}
    waits = waits_of(waiting, now)
    return [_own(request, waits.get(request.repository_id, own.Waits()), now) for request in found]


def _own(request: AccessRequest, waits: own.Waits, now: datetime) -> Own:
    facts = request.__dict__  # with what `_with_facts` added
    pending = request.status == states.PENDING
    renewal = (facts["ruling"] or "asked") if facts["renewal_asked_at"] else ""
    changes = request.repository.namespace.changes_enabled
    return Own(
        id=request.pk,
        repository=request.repository.name,
        kind=request.repository.kind,
        status=request.status,
        asked_at=request.asked_at,
        since=request.asked_at if pending or request.decided_at is None else request.decided_at,
        reason=request.reason,
        cause=request.cause,
        ends_at=request.ends_at,
        hub_status=request.hub_status,
        place=facts["before_me"] + 1 if pending else 0,
        waits=waits,
        renewal=renewal,
        renewal_reason=facts["ruling_reason"] or "",
        next_step=own.next_step(
            status=request.status,
            cause=request.cause,
            hub_status=request.hub_status,
            ends_at=request.ends_at,
            private=request.repository.private,
            renewal=renewal,
            now=now,
        ),
        may_withdraw=pending and changes,
        may_renew=not renewal and ends.may_renew(request.status, request.ends_at, now),
        usable=request.status == request.hub_status == states.ACCEPTED
        and not ends.has_ended(request.status, request.ends_at, now)
        and not request.repository.private,
    )
