"""One access request, with all that stands beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from access import ends, events, rights, rules, states
from access.models import AccessRequest, PastAnswers, Renewal
from access.queries.concealing import conceal
from access.queries.filters import Filter
from access.queries.lists import FORM_TEXTS, Row, neighbour, rows_of
from access.queries.renewals import open_renewal
from access.queries.scope import concealed
from access.queries.stages import line_of
from access.subjects import label
from hubgate.actors import HUB, Actor
from hubgate.audit import timeline
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.notify import queries as notify_queries
from hubgate.notify.models import Delivery
from hubgate.outbox import queries as outbox
from repos import queries as repo_queries
from repos import rights as repo_rights
from repos.models import Repository

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
    factor_due: bool  # that is why: the namespace asks for a second factor, which the reader lacks
    runs_namespace: bool  # whether the reader can open the page of the namespace where that is mended
    concealed: bool  # e-mail address, answers and notes are hidden from the reader
    own: bool  # the reader is who asked
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
    """One of the requests that the actor reads; what they may not read of it is left empty.
    NotFoundOrHiddenError for others and unknown ones alike."""
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
    if is_concealed(actor, found):
        conceal(found)
    return found


def is_concealed(actor: Actor, request: AccessRequest) -> bool:
    """Whether the actor reads a request without e-mail address, answers and notes, as an auditor."""
    return request.repository_id in concealed(actor)


def get_decidable(actor: Actor, request_id: int, verb: str) -> AccessRequest:
    """A request that the actor may take the decision `verb` on now. NotFoundOrHiddenError as `get_request`,
    NotAllowedError where the actor does not decide there or on their own request; WrongStateError where that decision
    does not apply, or where the namespace is only read."""
    request = get_to_decide(actor, request_id, verb)
    if _reading_only(request):
        raise WrongStateError(_reading_only(request), code="reading_only")
    if verb not in rights.allowed_verbs(actor, request):
        raise WrongStateError(f"This request is {request.status}: that decision does not apply to it.")
    return request


def get_to_decide(actor: Actor, request_id: int, verb: str) -> AccessRequest:
    """A request that the actor has the right to take the decision `verb` on, whatever its status is now.
    NotFoundOrHiddenError as `get_request`, NotAllowedError where the actor does not decide there, or asked
    themselves."""
    request = get_request(actor, request_id)
    rights.require(actor, verb, request.repository)
    rights.require_not_own(actor, request)
    return request


def get_grantable(actor: Actor, repository_id: int) -> Repository:
    """A repository that the actor may let people in to. NotFoundOrHiddenError where they do not see it, NotAllowedError
    where they do not decide there."""
    repository = repo_queries.get_visible(actor, repository_id)
    rights.require(actor, states.GRANT, repository)
    return repository


def undoable(actor: Actor, request_ids: Sequence[int]) -> AccessRequest | None:
    """Of these requests the first whose last decision the actor may still undo, None where there is none."""
    if not request_ids:
        return None
    found = {
        request.pk: request
        for request in rights.visible_to(actor, "undo").select_related("person").filter(pk__in=request_ids)
    }
    return next((found[pk] for pk in request_ids if pk in found and _may_undo(actor, found[pk])), None)


def next_after(actor: Actor, request: AccessRequest, within: Filter) -> int | None:
    """The request to go on with in a list: the next older one, else the next newer one, None at the end."""
    return neighbour(actor, within, request, older=True) or neighbour(actor, within, request, older=False)


def detail(actor: Actor, request_id: int, *, within: Filter | None = None) -> Detail:
    """A request with all that stands beside it. `within` is the list it was opened from: its neighbours there are
    told."""
    request = get_request(actor, request_id)
    hidden, why_blocked = is_concealed(actor, request), blocked(actor, request)
    fields = request.form.fields if request.form else []
    asked_now = request.repository.form.fields if request.repository.form else fields
    return Detail(
        request=request,
        row=rows_of(actor, [request])[0],
        answers=[] if hidden else rules.answered(fields, request.answers),
        past=[] if hidden else _past(request),
        hub=hub_state(request),
        verbs=rights.allowed_verbs(actor, request),
        verified_orgs=request.person.verified_orgs if request.person else [],
        earlier=_earlier(actor, request),
        same_domain=_same_domain(actor, request),
        timeline=_timeline(request),
        deliveries=[] if hidden else _deliveries(request),
        asked_before_questions=(
            not hidden
            and request.via != AccessRequest.Via.GRANT
            and rules.asked_before_questions(asked_now, request.answers)
        ),
        in_line=line_of(request),
        blocked=why_blocked,
        factor_due=repo_rights.lacks_factor(actor, request.repository.namespace),
        runs_namespace=bool(why_blocked) and repo_rights.may(actor, "view", request.repository.namespace),
        concealed=hidden,
        own=rights.is_own(actor, request),
        undoable=_may_undo(actor, request) and not why_blocked,
        renewal=None if hidden else open_renewal(request),
        ended=ends.has_ended(request.status, request.ends_at, timezone.now()),
        older_id=neighbour(actor, within, request, older=True),
        newer_id=neighbour(actor, within, request, older=False),
    )


def _past(request: AccessRequest) -> list[PastAnswers]:
    past = request.past_answers.select_related("form").defer(*(f"form__{text}" for text in FORM_TEXTS))
    return list(past.order_by("-asked_at"))


def _deliveries(request: AccessRequest) -> list[Delivery]:
    mails = notify_queries.deliveries_about("request", request.pk)
    return [mail for mail in mails if mail.notification and mail.notification.identity_id is not None]


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


def blocked(actor: Actor, request: AccessRequest) -> str:
    """Why the actor can decide nothing now, as a sentence; empty where they can."""
    if is_concealed(actor, request):
        return "As an auditor you read what is decided here, and decide nothing."
    namespace = request.repository.namespace
    if repo_rights.lacks_factor(actor, namespace):
        return repo_rights.factor_due(namespace).message
    return _reading_only(request)


def _reading_only(request: AccessRequest) -> str:
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
        rights.visible_to(actor, "personal")
        .filter(email_kind=rules.MailKind.INSTITUTIONAL, email_domain=request.email_domain)
        .exclude(pk=request.pk)
        .order_by("-asked_at", "-pk")[:MOST_OF_DOMAIN]
    )
    return dict(Counter(others.values_list("status", flat=True)))
