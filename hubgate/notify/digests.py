"""The only writer of digests: what waits and is due is fixed into one mail for each person.

A digest, the notices in it and its mail are written in one transaction, so each notice stands in exactly one digest
however often a worker dies; the mail is then sent like every other."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from hubgate.accounts.models import User
from hubgate.notify import places, rules
from hubgate.notify.actions import DELIVER_MAIL
from hubgate.notify.models import Delivery, Digest, Notification, Reader
from hubgate.notify.queries import preferences_of, waiting_for
from hubgate.outbox import queue


def readers_due(*, now: datetime) -> list[int]:
    """The accounts for which something waits whose digest is due."""
    due = Notification.objects.filter(digest=None, due_at__lte=now, user__isnull=False)
    return list(due.order_by("user_id").values_list("user_id", flat=True).distinct())


def fix(*, user_id: int, now: datetime) -> Digest | None:
    """Make the digest of what is due for one person, and its mail. None where there is nothing to say.

    What came in too late for a digest that was fixed already waits for the next. What its reader may no longer see, and
    everything of a reader without an address, stays in hubgate without a mail."""
    with transaction.atomic(durable=True):
        # In this order everywhere: the person first, so that two workers do not fix two digests.
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
        due = waiting_for(user_id).filter(due_at__lte=now)
        if not user.email or not user.is_active:
            due.update(due_at=None)
            return None
        _leave_to_others(user_id, due)
        _leave_to_the_next(user_id, due, now)
        latest = due.aggregate(any=Max("due_at"), daily=Max("due_at", filter=Q(pace=rules.DAILY)))
        if latest["any"] is None:
            return None
        digest = Digest.objects.create(user=user, due_at=latest["any"])
        due.filter(due_at__lte=latest["any"]).update(digest=digest)
        if latest["daily"] is not None:
            Reader.objects.update_or_create(user=user, defaults={"last_daily_at": latest["daily"]})
        mail = Delivery.objects.create(digest=digest, address=user.email)
        queue.enqueue(DELIVER_MAIL, [mail.pk])
    return digest


def _leave_to_others(user_id: int, due: QuerySet[Notification]) -> None:
    """Whoever no longer decides for a namespace gets no mail about it."""
    about = due.exclude(namespace_id=None).order_by().values_list("namespace_id", flat=True).distinct()
    namespaces = [namespace_id for namespace_id in about if namespace_id is not None]
    lost = set(namespaces) - places.registry.deciding(user_id, namespaces)
    if lost:
        due.filter(namespace_id__in=lost).update(due_at=None)


def _leave_to_the_next(user_id: int, due: QuerySet[Notification], now: datetime) -> None:
    """A period that was told is over: what was committed after its digest was fixed belongs to the next."""
    last = Digest.objects.filter(user_id=user_id).aggregate(at=Max("due_at"))["at"]
    if last is None:
        return
    preferences = preferences_of([user_id])[user_id]
    for pace in rules.DIGESTS:
        due.filter(pace=pace, due_at__lte=last).update(due_at=rules.due_at(pace, max(now, last), preferences))
