"""One access request, with all that stands beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from access import ends, events, rights, rules, states
from access.models import AccessRequest, PastAnswers, Renewal
from access.queries.filters import Filter
from access.queries.lists import FORM_TEXTS, Row, neighbour, rows_of
from access.queries.renewals import open_renewal
from access.queries.stages import line_of
from access.subjects import label
from hubgate.actors import HUB, Actor
from hubgate.audit import timeline
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.notify import queries as notify_queries
from hubgate.notify.models import Delivery
from hubgate.outbox import queries as outbox

MOST_OF_DOMAIN = 1_000


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
    in_line: str  # why the request waits for the stage in force; empty where a person decides
    blocked: str
    renewal: Renewal | None  # what the person asks who wants to keep access longer
    ended: bool  # access is over by its date, and the Hub does not know yet
    undoable: bool  # whether the reader may still undo their decision
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
        .select_related(
            *("repository__namespace", "repository__form", "repository__release_plan__stage"),
            *("person", "form", "decided_by"),
        )
        .defer(*(f"{form}__{text}" for form in ("form", "repository__form") for text in FORM_TEXTS))
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


def undoable(actor: Actor, request_ids: Sequence[int]) -> AccessRequest | None:
    """Of these requests the first whose last decision the actor may still undo, None where there is none."""
    if not request_ids:
        return None
    found = {
        request.pk: request for request in rights.visible_to(actor).select_related("person").filter(pk__in=request_ids)
    }
    return next((found[pk] for pk in request_ids if pk in found and _may_undo(actor, found[pk])), None)


def next_after(actor: Actor, request: AccessRequest, within: Filter) -> int | None:
    """The request to go on with in a list: the next older one, else the next newer one, None at the end."""
    return neighbour(actor, within, request, older=True) or neighbour(actor, within, request, older=False)


def detail(actor: Actor, request_id: int, *, within: Filter | None = None) -> Detail:
    """A request with all that stands beside it. `within` is the list it was opened from: its neighbours there are
    told."""
    request = get_request(actor, request_id)
    fields = request.form.fields if request.form else []
    asked_now = request.repository.form.fields if request.repository.form else fields
    return Detail(
        request=request,
        row=rows_of([request])[0],
        answers=rules.answered(fields, request.answers),
        past=list(
            request.past_answers.select_related("form")
            .defer(*(f"form__{text}" for text in FORM_TEXTS))
            .order_by("-asked_at")
        ),
        hub=hub_state(request),
        verbs=rights.allowed_verbs(actor, request),
        verified_orgs=request.person.verified_orgs if request.person else [],
        earlier=_earlier(actor, request),
        same_domain=_same_domain(actor, request),
        timeline=_timeline(request),
        deliveries=[
            mail
            for mail in notify_queries.deliveries_about("request", request.pk)
            if mail.notification and mail.notification.identity_id is not None
        ],
        asked_before_questions=(
            request.via != AccessRequest.Via.GRANT and rules.asked_before_questions(asked_now, request.answers)
        ),
        in_line=line_of(request),
        blocked=_blocked(request),
        renewal=open_renewal(request),
        ended=ends.has_ended(request.status, request.ends_at, timezone.now()),
        undoable=_may_undo(actor, request) and not _blocked(request),
        older_id=neighbour(actor, within, request, older=True),
        newer_id=neighbour(actor, within, request, older=False),
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


def _timeline(request: AccessRequest) -> list[timeline.Line]:
    """The events of a request, and that it was asked: requests from before the namespace was connected have no event of
    their own for that."""
    lines = timeline.of_subject("request", request.pk)
    known = any(line.event in (events.ASKED, events.GRANTED) for line in lines)
    if known or request.via == AccessRequest.Via.GRANT:
        return lines
    first = min([request.asked_at, *request.past_answers.values_list("asked_at", flat=True)])
    asked = timeline.Line(
        at=first,
        event=events.ASKED,
        sentence=f"{label(request)} asked on the Hub",
        detail="",
        actor_kind=HUB.kind,
        subject_type="request",
        subject=label(request),
    )
    return [*lines, asked]


def _may_undo(actor: Actor, request: AccessRequest) -> bool:
    return rules.may_undo(
        before=request.before,
        decided_by=request.decided_by_id,
        decided_at=request.decided_at,
        user=actor.user_id,
        now=timezone.now(),
    )


def _blocked(request: AccessRequest) -> str:
    namespace = request.repository.namespace
    return "" if namespace.changes_enabled else rules.reading_only(namespace.name)


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
    """How the newest requests from the same institution ended; nothing for free mail: its users have nothing in
    common."""
    if request.email_kind != rules.MailKind.INSTITUTIONAL:
        return {}
    others = (
        rights.visible_to(actor)
        .filter(email_kind=rules.MailKind.INSTITUTIONAL, email_domain=request.email_domain)
        .exclude(pk=request.pk)
        .order_by("-asked_at", "-pk")[:MOST_OF_DOMAIN]
    )
    return dict(Counter(others.values_list("status", flat=True)))
