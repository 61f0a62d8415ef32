"""What people are told about access requests, and who."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from access import states
from access.models import AccessRequest
from access.subjects import label
from hubgate.accounts.models import User
from hubgate.notify import actions as notify
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.catalogue import Message
from repos import rules as repo_rules
from repos.models import Repository

NEW_REQUEST = "access.new-request"
PUSH_REFUSED = "access.push-refused"
NOW_PRIVATE = "access.now-private"
ASSIGNED = "access.assigned"
DRIFT = "access.drift"
_TO_REQUESTER = "You get this because you asked for access to {repository}."
_TO_AUTHOR = "You get this because you decide for {repository}."

CATALOGUE = {
    "access.accepted": Message("You have access to {repository}", "access/mail/accepted.txt", _TO_REQUESTER),
    "access.rejected": Message("Your request for {repository} was rejected", "access/mail/rejected.txt", _TO_REQUESTER),
    "access.reset": Message(
        "Your request for {repository} was reset: you may ask again", "access/mail/reset.txt", _TO_REQUESTER
    ),
    "access.pending": Message(
        "Your request for {repository} is being looked at again", "access/mail/put_back.txt", _TO_REQUESTER
    ),
    NOW_PRIVATE: Message(
        "{repository} is private now; your access is kept",
        "access/mail/now_private.txt",
        "You get this because you have access to {repository}.",
    ),
    NEW_REQUEST: Message("{person} asks for {repository}", "access/mail/new_request.txt", _TO_AUTHOR),
    PUSH_REFUSED: Message(
        "The Hub did not take a decision on {repository}", "access/mail/push_refused.txt", _TO_AUTHOR
    ),
    ASSIGNED: Message(
        "{by} assigned a request for {repository} to you",
        "access/mail/assigned.txt",
        "You get this because the request was assigned to you.",
    ),
    DRIFT: Message("Requests for {repository} were changed on the Hub itself", "access/mail/drift.txt", _TO_AUTHOR),
}


def decided(request: AccessRequest, *, mail_after: datetime | None = None, at: datetime | None = None) -> Notice:
    """The requester learns what was decided and why. Nobody is told where the Hub hides who they are."""
    when = at or request.decided_at
    recipients: tuple[Recipient, ...] = ()
    if request.person is not None:
        address = request.email if request.repository.namespace.mail_requesters else ""
        recipients = (Recipient(identity_id=request.person_id, address=address),)
    return Notice(
        kind=f"access.{request.status}",
        subject_type="request",
        subject_id=request.pk,
        occasion=f"{when:%Y%m%dT%H%M%S%f}" if when else "once",
        recipients=recipients,
        data={**_facts(request), "reason": request.reason},
        mail_after=mail_after,
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
    )


def withdraw_stale(request_ids: Iterable[int]) -> None:
    """A newer decision makes earlier notices that no mail has carried yet untrue."""
    notify.withdraw([f"access.{status}" for status in (*states.DECIDED, states.PENDING)], "request", request_ids)


def new_request(request: AccessRequest, reviewers: Iterable[User]) -> Notice:
    """Those who decide learn of a new request."""
    return Notice(
        kind=NEW_REQUEST,
        subject_type="request",
        subject_id=request.pk,
        occasion=f"{request.asked_at:%Y%m%dT%H%M%S%f}",
        recipients=tuple(Recipient(user_id=user.pk, address=user.email) for user in reviewers),
        data={**_facts(request), "link": f"{settings.PUBLIC_URL}/requests/{request.pk}/"},
    )


def push_refused(request: AccessRequest, reviewers: Iterable[User], sentence: str) -> Notice:
    """Those who decide learn that a decision did not reach the Hub, and why."""
    return Notice(
        kind=PUSH_REFUSED,
        subject_type="request",
        subject_id=request.pk,
        occasion=f"{request.decided_at:%Y%m%dT%H%M%S%f}" if request.decided_at else "once",
        recipients=tuple(Recipient(user_id=user.pk, address=user.email) for user in reviewers),
        data={**_facts(request), "sentence": sentence, "link": f"{settings.PUBLIC_URL}/requests/{request.pk}/"},
    )


def assigned(request: AccessRequest, assignee: User, *, by: str, at: datetime) -> Notice:
    """Somebody learns that a request is theirs to decide; `by` is who said so."""
    return Notice(
        kind=ASSIGNED,
        subject_type="request",
        subject_id=request.pk,
        occasion=f"{at:%Y%m%dT%H%M%S%f}",
        recipients=(Recipient(user_id=assignee.pk, address=assignee.email),),
        data={**_facts(request), "by": by, "link": f"{settings.PUBLIC_URL}/requests/{request.pk}/"},
    )


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
        recipients=tuple(Recipient(user_id=user.pk, address=user.email) for user in reviewers),
        data={
            "repository": repository.name,
            "kind": repository.kind,
            "link": f"{settings.PUBLIC_URL}/drift/?repository={repository.pk}",
        },
    )


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
