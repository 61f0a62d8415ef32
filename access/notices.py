"""What people are told about access requests, and who."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from access import ends, rights, states
from access.models import AccessRequest, Renewal
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
ENDED = "access.ended"
END_SET = "access.end-set"
ENDING = "access.ending"
RENEWAL_ASKED = "access.renewal-asked"
RENEWAL_REFUSED = "access.renewal-refused"
_TO_REQUESTER = "You get this because you asked for access to {repository}."
_WITH_ACCESS = "You get this because you have access to {repository}, or had it."
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
ENDS = Topic("ends", "Your access ends soon", "Access of yours ends in 14 or 3 days.", rules.AT_ONCE)
TOPICS = (REQUESTS, MINE, REFUSED, UNDELIVERED, CHANGES, AUTOMATIC, ENDS)

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
    "ends_on": "3 Mar 2027",
    "days": 14,
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
    ENDED: Message(
        "Your access to {repository} has ended: you may ask again",
        "access/mail/ended.txt",
        _WITH_ACCESS,
        sample=_SAMPLE,
    ),
    END_SET: Message(
        "When your access to {repository} ends was changed", "access/mail/end_set.txt", _WITH_ACCESS, sample=_SAMPLE
    ),
    RENEWAL_REFUSED: Message(
        "Your access to {repository} is not renewed",
        "access/mail/renewal_refused.txt",
        _WITH_ACCESS,
        sample={**_SAMPLE, "reason": "The evaluation that you needed it for is over."},
    ),
    NOW_PRIVATE: Message(
        "{repository} is private now; your access is kept",
        "access/mail/now_private.txt",
        _WITH_ACCESS,
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
    RENEWAL_ASKED: Message(
        "{person} asks to renew access to {repository}",
        "access/mail/renewal_asked.txt",
        _TO_AUTHOR,
        topic=REQUESTS.key,
        line=_PERSON,
        one="1 request to renew access",
        many="requests to renew access",
        sample=_SAMPLE,
    ),
    ENDING: Message(
        "Your access to {repository} ends on {ends_on}",
        "access/mail/ending.txt",
        _WITH_ACCESS,
        topic=ENDS.key,
        line="It ends on {ends_on}.",
        one="1 access of yours that ends soon",
        many="accesses of yours that end soon",
        sample=_SAMPLE,
    ),
}


def decided(request: AccessRequest, *, mail_after: datetime | None = None, at: datetime | None = None) -> Notice:
    """The requester learns what was decided and why. Nobody is told where the Hub hides who they are."""
    when = at or request.decided_at
    kind = ENDED if request.cause == "expiry" else f"access.{request.status}"
    occasion = f"{when:%Y%m%dT%H%M%S%f}" if when else "once"
    return _to_requester(kind, request, occasion, mail_after=mail_after, reason=request.reason)


def end_set(request: AccessRequest, *, at: datetime) -> Notice:
    """The person learns that the end of their access was changed, at a time (UTC)."""
    return _to_requester(END_SET, request, f"{at:%Y%m%dT%H%M%S%f}")


def ending(request: AccessRequest, days: int) -> Notice:
    """The person is reminded, `days` before, that their access ends: once for each end. Whoever has an account here is
    told as they chose."""
    notice = _to_requester(ENDING, request, f"{request.ends_at:%Y%m%dT%H%M%S%f}:{days}", days=days)
    account = request.person.user if request.person else None
    if account is None or not account.email:
        return notice
    told = tuple(replace(recipient, user_id=account.pk) for recipient in notice.recipients)
    # It belongs to no namespace of theirs: what a digest says of those is for who decides.
    return replace(notice, recipients=told, namespace_id=None, repository_id=None)


def renewal_refused(request: AccessRequest, renewal: Renewal) -> Notice:
    """The person learns that their access ends as it would have, and why."""
    return _to_requester(RENEWAL_REFUSED, request, f"r{renewal.pk}", reason=renewal.reason)


def renewal_asked(request: AccessRequest, renewal: Renewal, reviewers: Iterable[User]) -> Notice:
    """Those who decide learn that somebody asks for more time."""
    return _to_reviewers(RENEWAL_ASKED, request, reviewers, f"r{renewal.pk}")


def withdraw_about_end(request_ids: Iterable[int]) -> None:
    """The end of access is another one: what was to be told of the former one and no mail has carried yet is untrue,
    and nobody need rule on a request to renew any more."""
    notify.settle([RENEWAL_ASKED], "request", request_ids, withdrawing=[ENDING, END_SET, RENEWAL_REFUSED])


def settle_renewal(request_ids: Iterable[int]) -> None:
    """Somebody ruled on a request to renew: a digest that waits need not ask for it."""
    notify.settle([RENEWAL_ASKED], "request", request_ids)


def now_private(request: AccessRequest, occasion: str) -> Notice:
    """Somebody who was let in learns that the repository turned private, once each time (`occasion`) it does."""
    return _to_requester(NOW_PRIVATE, request, occasion)


def withdraw_stale(request_ids: Iterable[int]) -> None:
    """A newer decision makes earlier notices that no mail has carried yet untrue, and leaves nothing to do where a
    digest was about to ask for one."""
    ids = list(request_ids)
    stale = [f"access.{status}" for status in (*states.DECIDED, states.PENDING)]
    stale += [ENDED, END_SET, ENDING, RENEWAL_REFUSED]
    notify.settle([NEW_REQUEST, ASSIGNED, RENEWAL_ASKED], "request", ids, withdrawing=stale)


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


def _to_requester(
    kind: str, request: AccessRequest, occasion: str, *, mail_after: datetime | None = None, **facts: Any
) -> Notice:
    """Somebody learns of their own request. Nobody is told where the Hub hides who they are."""
    told: tuple[Recipient, ...] = ()
    if request.person_id is not None:
        address = request.email if request.repository.namespace.mail_requesters else ""
        told = (Recipient(identity_id=request.person_id, address=address),)
    return Notice(
        kind=kind,
        subject_type="request",
        subject_id=request.pk,
        occasion=occasion,
        recipients=told,
        data={**_facts(request), "link": f"{settings.PUBLIC_URL}/my/access/{request.pk}/", **facts},
        mail_after=mail_after,
        namespace_id=request.repository.namespace_id,
        repository_id=request.repository_id,
    )


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
        "ends_on": ends.day_of(request.ends_at) if request.ends_at else "",
    }
