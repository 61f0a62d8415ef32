"""What was told to whom."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from hubgate.actors import Actor
from hubgate.notify.models import Delivery, KeptMail, Notification


def addressed_to(actor: Actor) -> QuerySet[Notification]:
    """The actor's own notifications: to the account, or to the person that the account is on the Hub."""
    if actor.user_id is None:
        return Notification.objects.none()
    return Notification.objects.filter(Q(user_id=actor.user_id) | Q(identity__user_id=actor.user_id))


def count_new(actor: Actor, *, most: int = 99) -> int:
    """How many of the actor's notifications are unread, counted up to `most` + 1."""
    return addressed_to(actor).filter(read_at=None).order_by()[: most + 1].count()


def deliveries_about(subject_type: str, subject_id: int) -> list[Delivery]:
    """Every mail about one thing, newest first, each with its notification."""
    return list(
        Delivery.objects.filter(notification__subject_type=subject_type, notification__subject_id=subject_id)
        .select_related("notification")
        .order_by("-id")[:100]
    )


def kept_mails(*, limit: int = 100) -> list[KeptMail]:
    """The newest mails that were kept instead of sent, newest first."""
    return list(KeptMail.objects.order_by("-id")[:limit])
