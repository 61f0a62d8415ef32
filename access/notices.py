"""What people are told about access requests, and who."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from access import rights, states
from access.models import AccessRequest
from access.subjects import label
from hubgate.accounts.models import User
from hubgate.notify import actions as notify
from hubgate.notify import rules
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.catalogue import Message, Topic
from hubgate.notify.models import Notification
from repos import rules as repo_rules
from repos.models import Repository
from repos.notices import recipients

NEW_REQUEST = "access.new-request"
LET_IN = "access.let-in"
PUSH_REFUSED = "access.push-refused"
NOT_DELIVERED = "access.not-delivered"
NOW_PRIVATE = "access.now-private"
ASSIGNED = "access.assigned"
DRIFT = "access.drift"
_TO_REQUESTER = "You get this because you asked for access to {repository}."
_TO_AUTHOR = "You get this because you decide for {repository}."

REQUESTS = Topic("requests", "New requests", "Somebody asks for one of your repositories.", rules.HOURLY)
REFUSED = Topic("refused", "Decisions that the Hub did not take", "A decision of yours waits for you.", rules.AT_ONCE)
UNDELIVERED = Topic(
    "undelivered", "Mail that did not arrive", "A mail to a requester was refused by their mail server.", rules.HOURLY
)
MINE = Topic("assigned", "Requests assigned to you", "Somebody made a request yours to decide.", rules.AT_ONCE)
CHANGES = Topic("changes", "Changes on the Hub", "Somebody decided on the Hub itself; you settle it.", rules.HOURLY)
AUTOMATIC = Topic(
    "automatic",
    "Let in by an automatic gate",
    "There is nothing to decide, so these never count as new.",
    rules.DAILY,
    news=False,
)
TOPICS = (REQUESTS, MINE, REFUSED, UNDELIVERED, CHANGES, AUTOMATIC)

_SAMPLE = {
    "repository": "aurora-lab/tiny-gated",
    "kind": "model",
    "person": "Riley Park",
    "username": "riley",
    "status": "accepted",
    "hub_link": f"{settings.HUB_URL}/aurora-lab/tiny-gated",
    "private": False,
    "tokens_link": f"{settings.HUB_URL}/settings/tokens",
    "link": f"{settings.PUBLIC_URL}/inbox/",
    "reason": "",
}
_PERSON = "{person} ({username})"

CATALOGUE = {
    "access.accepted": Message(
        "You have access to {repository}", "access/mail/accepted.txt", _TO_REQUESTER, sample=_SAMPLE
    ),
    "access.rejected": Message(
        "Your request for {repository} was rejected",
        "access/mail/rejected.txt",
        _TO_REQUESTER,
        sample={**_SAMPLE, "reason": "The form asks for an institutional address."},
    ),
    "access.reset": Message(
        "Your request for {repository} was reset: you may ask again",
        "access/mail/reset.txt",
        _TO_REQUESTER,
        sample={**_SAMPLE, "reason": "Please name the project that you need it for."},
    ),
    "access.pending": Message(
        "Your request for {repository} is being looked at again",
        "access/mail/put_back.txt",
        _TO_REQUESTER,
        sample=_SAMPLE,
    ),
    NOW_PRIVATE: Message(
        "{repository} is private now; your access is kept",
        "access/mail/now_private.txt",
        "You get this because you have access to {repository}.",
        sample=_SAMPLE,
    ),
    NEW_REQUEST: Message(
        "{person} asks for {repository}",
        "access/mail/new_request.txt",
        _TO_AUTHOR,
        topic=REQUESTS.key,
        line=_PERSON,
        one="1 new request",
        many="new requests",
        sample=_SAMPLE,
    ),
    ASSIGNED: Message(
        "{by} assigned a request for {repository} to you",
        "access/mail/assigned.txt",
        "You get this because the request was assigned to you.",
        topic=MINE.key,
        line=_PERSON + ", by {by}",
        one="1 request assigned to you",
        many="requests assigned to you",
        sample={**_SAMPLE, "by": "Mara Lind"},
    ),
    PUSH_REFUSED: Message(
        "The Hub did not take a decision on {repository}",
        "access/mail/push_refused.txt",
        _TO_AUTHOR,
        topic=REFUSED.key,
        line=_PERSON + ": {sentence}",
        one="1 decision that the Hub did not take",
        many="decisions that the Hub did not take",
        sample={**_SAMPLE, "sentence": "The token may not decide for this repository."},
    ),
    NOT_DELIVERED: Message(
        "A mail to {person} about {repository} did not arrive",
        "access/mail/not_delivered.txt",
        _TO_AUTHOR,
        topic=UNDELIVERED.key,
        line=_PERSON,
        one="1 mail that did not arrive",
        many="mails that did not arrive",
        sample=_SAMPLE,
    ),
    DRIFT: Message(
        "Requests for {repository} were changed on the Hub itself",
        "access/mail/drift.txt",
        _TO_AUTHOR,
        topic=CHANGES.key,
        line="Somebody decided on the Hub itself; settle it here.",
        one="1 reading that found changes on the Hub",
        many="readings that found changes on the Hub",
        sample={**_SAMPLE, "link": f"{settings.PUBLIC_URL}/drift/"},
    ),
    LET_IN: Message(
        "{person} was let in to {repository} by its automatic gate",
        "access/mail/let_in.txt",
        _TO_AUTHOR,
        topic=AUTOMATIC.key,
        line=_PERSON,
        one="1 person let in by the automatic gate",
        many="people let in by the automatic gate",
        sample=_SAMPLE,
    ),
}


def decided(request: AccessRequest, *, mail_after: datetime | None = None, at: datetime | None = None) -> Notice:
    """The requester learns what was decided and why. Nobody is told where the Hub hides who they are."""
    when = at or request.decided_at
    told: tuple[Recipient, ...] = ()
    if request.person is not None:
        address = request.email if request.repository.namespace.mail_requesters else ""
        told = (Recipient(identity_id=request.person_id, address=address),)
    return Notice(
        kind=f"access.{request.status}",
        subject_type="request",
        subject_id=request.pk,
        occasion=f"{when:%Y%m%dT%H%M%S%f}" if when else "once",
        recipients=told,
        data={**_facts(request), "reason": request.reason},
        mail_after=mail_after,
        namespace_id=request.repository.namespace_id,
        repository_id=request.repository_id,
    )


def now_private(request: AccessRequest, occasion: str) -> Notice:
    """Somebody who was let in learns that the repository turned private, once each time (`occasion`) it does."""
    address = request.email if request.repository.namespace.mail_requesters else ""
    return Notice(
        kind=NOW_PRIVATE,
        subject_type="request",
        subject_id=request.pk,
        occasion=occasion,
        recipients=(Recipient(identity_id=request.person_id, address=address),),
        data=_facts(request),
        namespace_id=request.repository.namespace_id,
        repository_id=request.repository_id,
    )


def withdraw_stale(request_ids: Iterable[int]) -> None:
    """A newer decision makes earlier notices that no mail has carried yet untrue, and leaves nothing to do where a
    digest was about to ask for one."""
    ids = list(request_ids)
    stale = [f"access.{status}" for status in (*states.DECIDED, states.PENDING)]
    notify.settle([NEW_REQUEST, ASSIGNED], "request", ids, withdrawing=stale)


def resume_asking(request_ids: Iterable[int]) -> None:
    """A decision was undone: whoever was not told of the request because of it is asked after all."""
    notify.resume([NEW_REQUEST, ASSIGNED], "request", request_ids)


def new_request(request: AccessRequest, reviewers: Iterable[User]) -> Notice:
    """Those who decide learn of a new request."""
    return _to_reviewers(NEW_REQUEST, request, reviewers, f"{request.asked_at:%Y%m%dT%H%M%S%f}")


def let_in(request: AccessRequest, reviewers: Iterable[User]) -> Notice:
    """Those who decide learn that an automatic gate let somebody in."""
    return _to_reviewers(LET_IN, request, reviewers, f"{request.asked_at:%Y%m%dT%H%M%S%f}")


def push_refused(request: AccessRequest, reviewers: Iterable[User], sentence: str) -> Notice:
    """Those who decide learn that a decision did not reach the Hub, and why."""
    return _to_reviewers(PUSH_REFUSED, request, reviewers, _decision(request), sentence=sentence)


def not_delivered(request: AccessRequest, reviewers: Iterable[User], notification_id: int) -> Notice:
    """Those who decide learn that the mail of a notice to the requester did not arrive. The address stands only on the
    page that lists it."""
    link = f"{settings.PUBLIC_URL}/undelivered/"
    return _to_reviewers(NOT_DELIVERED, request, reviewers, f"n{notification_id}", link=link)


def undelivered(notification: Notification) -> Notice | None:
    """Whom to tell that the mail of a notice did not arrive: those who decide, where it went to a requester."""
    if notification.subject_type != "request" or notification.subject_id is None or notification.identity_id is None:
        return None
    found = AccessRequest.objects.select_related("repository__namespace", "person")
    request = found.filter(pk=notification.subject_id).first()
    return not_delivered(request, rights.reviewers_of(request.repository), notification.pk) if request else None


def _to_reviewers(kind: str, request: AccessRequest, reviewers: Iterable[User], occasion: str, **facts: str) -> Notice:
    link = f"{settings.PUBLIC_URL}/requests/{request.pk}/"
    return Notice(
        kind=kind,
        subject_type="request",
        subject_id=request.pk,
        occasion=occasion,
        recipients=recipients(reviewers),
        data={**_facts(request), "link": link, **facts},
        namespace_id=request.repository.namespace_id,
        repository_id=request.repository_id,
    )


def assigned(request: AccessRequest, assignee: User, *, by: str, at: datetime) -> Notice:
    """Somebody learns that a request is theirs to decide; `by` is who said so."""
    return _to_reviewers(ASSIGNED, request, [assignee], f"{at:%Y%m%dT%H%M%S%f}", by=by)


def withdraw_assigned(request_ids: Iterable[int]) -> None:
    """Whoever was assigned before and has not heard of it need not hear of it."""
    notify.withdraw([ASSIGNED], "request", request_ids)


def drift(repository: Repository, reviewers: Iterable[User], occasion: str) -> Notice:
    """Those who decide learn that the Hub changed requests of a repository on its own; `occasion` names the reading
    that showed it."""
    return Notice(
        kind=DRIFT,
        subject_type="repository",
        subject_id=repository.pk,
        occasion=occasion,
        recipients=recipients(reviewers),
        data={
            "repository": repository.name,
            "kind": repository.kind,
            "link": f"{settings.PUBLIC_URL}/drift/?repository={repository.pk}",
        },
        namespace_id=repository.namespace_id,
        repository_id=repository.pk,
    )


def settle_drift(repository_id: int) -> None:
    """All that the Hub changed in a repository is settled: a digest that waits need not ask for it."""
    notify.settle([DRIFT], "repository", [repository_id])


def _decision(request: AccessRequest) -> str:
    return f"{request.decided_at:%Y%m%dT%H%M%S%f}" if request.decided_at else "once"


def _facts(request: AccessRequest) -> dict[str, Any]:
    repository = request.repository
    return {
        "repository": repository.name,
        "kind": repository.kind,
        "person": (request.person.fullname or request.person.username) if request.person else label(request),
        "username": label(request),
        "status": request.status,
        "hub_link": settings.HUB_URL + repo_rules.web_path(repository.kind, repository.name),
        "private": repository.private,
        "tokens_link": f"{settings.HUB_URL}/settings/tokens",
    }
