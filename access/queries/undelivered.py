"""Mails to requesters that did not arrive, for those who decide."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from access import messages, rights
from access.models import AccessRequest
from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError
from hubgate.notify import catalogue
from hubgate.notify.models import Delivery

_PAGE = 25
MOST_UNDELIVERED = 99


@dataclass(frozen=True)
class Undelivered:
    """A mail that did not arrive: the request, what the mail was about, the request's address where that is another one
    now, and whether and why sending it again may help."""

    delivery: Delivery
    request: AccessRequest
    about: str
    new_address: str
    may_send: bool
    advice: str


@dataclass(frozen=True)
class UndeliveredPage:
    """One page of them, newest first; `older` is the id to go on before, None at the end."""

    rows: list[Undelivered]
    older: int | None


def undelivered(actor: Actor, *, before: int | None = None) -> UndeliveredPage:
    """The mails that were refused, or of which nobody knows whether they arrived, about requests that the actor
    decides. Two queries."""
    found = _missed(actor)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("notification").order_by("-pk")[: _PAGE + 1])
    shown = rows[:_PAGE]
    ids = {row.notification.subject_id for row in shown if row.notification}
    requests = AccessRequest.objects.select_related("repository__namespace", "person").in_bulk(list(ids))
    return UndeliveredPage([_told(row, requests) for row in shown], rows[_PAGE - 1].pk if len(rows) > _PAGE else None)


def get_undelivered(actor: Actor, delivery_id: int) -> Undelivered:
    """One of them. NotFoundOrHiddenError for others, unknown ones, and those that somebody has taken care of."""
    found = _missed(actor).filter(pk=delivery_id).select_related("notification").first()
    if found is None or found.notification is None:
        raise NotFoundOrHiddenError("There is no such mail, or somebody has taken care of it.")
    request_id = found.notification.subject_id
    assert request_id is not None
    request = AccessRequest.objects.select_related("repository__namespace", "person").get(pk=request_id)
    return _told(found, {request.pk: request})


def count_undelivered(actor: Actor) -> int:
    """How many there are, counted up to 100."""
    return _missed(actor).order_by()[: MOST_UNDELIVERED + 1].count()


def _missed(actor: Actor) -> QuerySet[Delivery]:
    mine = rights.visible_to(actor, "personal").filter(pk=OuterRef("notification__subject_id"))
    return Delivery.objects.filter(
        Exists(mine),
        state__in=["failed", "unsure"],
        set_aside_at=None,
        notification__subject_type="request",
        notification__identity__isnull=False,
    )


def _told(delivery: Delivery, requests: dict[int, AccessRequest]) -> Undelivered:
    notification = delivery.notification
    assert notification is not None
    assert notification.subject_id is not None
    request = requests[notification.subject_id]
    about = catalogue.render(notification.kind, notification.data).title
    new_address = request.email if request.email != delivery.address else ""
    may_send = request.repository.namespace.mail_requesters
    refused = delivery.state == Delivery.State.FAILED
    advice = messages.mail_advice(refused=refused, new_address=new_address, may_send=may_send)
    return Undelivered(delivery, request, about, new_address, may_send, advice)
