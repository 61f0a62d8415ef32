"""The only writers of notifications and their deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.notify.models import Delivery, Notification
from hubgate.notify.queries import addressed_to
from hubgate.outbox import queue
from hubgate.rowsets import Many

DELIVER_MAIL = "notify.mail"
MOST_TRIES_WHEN_UNSURE = 2
_AT_ONCE = 500


@dataclass(frozen=True)
class Recipient:
    """A person: by account, by who they are on the Hub, or both; `address` is where a mail goes, empty for none."""

    user_id: int | None = None
    identity_id: int | None = None
    address: str = ""

    @property
    def key(self) -> str:
        """What tells this recipient from others in `Notification.once`; never the address itself."""
        return f"u{self.user_id}" if self.user_id else f"i{self.identity_id}"


@dataclass(frozen=True)
class Notice:
    """One thing to be told: kind, what it is about, the occasion (each occasion is told once to each recipient), values
    for the text, recipients, and from when on the mail may go (UTC; None: at once)."""

    kind: str
    subject_type: str
    subject_id: int
    occasion: str
    recipients: tuple[Recipient, ...]
    data: dict[str, Any]
    mail_after: datetime | None = None


def send(notices: Iterable[Notice]) -> None:
    """Note down notices and their mails, in the transaction of the change that they tell of; what was told on the same
    occasion before is not told again."""
    wanted = {_once(notice, recipient): (notice, recipient) for notice in notices for recipient in notice.recipients}
    if not wanted:
        return
    known = set(Notification.objects.filter(once__in=wanted).values_list("once", flat=True))
    fresh = {once: pair for once, pair in wanted.items() if once not in known}
    Notification.objects.bulk_create(
        (
            Notification(
                once=once,
                kind=notice.kind,
                user_id=recipient.user_id,
                identity_id=recipient.identity_id,
                data=notice.data,
                subject_type=notice.subject_type,
                subject_id=notice.subject_id,
            )
            for once, (notice, recipient) in fresh.items()
        ),
        ignore_conflicts=True,
    )
    ids = dict(Notification.objects.filter(once__in=fresh).values_list("once", "pk"))
    mails: dict[datetime | None, list[Delivery]] = {}
    for once, (notice, recipient) in fresh.items():
        if recipient.address:
            mail = Delivery(notification_id=ids[once], address=recipient.address)
            mails.setdefault(notice.mail_after, []).append(mail)
    for mail_after, deliveries in mails.items():
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        keys = Delivery.objects.filter(
            notification_id__in=[mail.notification_id for mail in deliveries], attempts=0
        ).values_list("pk", flat=True)
        queue.enqueue(DELIVER_MAIL, keys, due_at=mail_after)


def withdraw(kinds: Sequence[str], subject_type: str, subject_ids: Iterable[int]) -> None:
    """Take back notices of these kinds about these things whose cause is gone and that nobody can have seen: unread,
    and no mail has left for them."""
    ids = list(subject_ids)
    left = Delivery.objects.filter(notification=OuterRef("pk")).exclude(state=Delivery.State.WAITING, maybe_twice=False)
    for start in range(0, len(ids), _AT_ONCE):
        unseen = Notification.objects.select_for_update(of=("self",)).filter(
            ~Exists(left),
            kind__in=kinds,
            subject_type=subject_type,
            subject_id__in=ids[start : start + _AT_ONCE],
            read_at=None,
        )
        found = list(unseen.order_by("pk").values_list("pk", flat=True))
        if found:
            Notification.objects.filter(pk__one_of=Many(found)).delete()


def begin(delivery_id: int) -> Delivery | None:
    """Mark a mail as being sent, before it is. None where there is nothing to send: sent, failed, taken back, or unsure
    more often than we repeat."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("notification")
            .filter(pk=delivery_id)
            .first()
        )
        if delivery is None or delivery.state in (Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.UNSURE):
            return None
        crashed = delivery.state == Delivery.State.SENDING
        if crashed and delivery.attempts >= MOST_TRIES_WHEN_UNSURE:
            delivery.state = Delivery.State.UNSURE
            delivery.error = "The mail server may have taken this mail; it is not sent again."
            delivery.save(update_fields=["state", "error"])
            return None
        delivery.maybe_twice = delivery.maybe_twice or crashed
        delivery.state = Delivery.State.SENDING
        delivery.attempts += 1
        delivery.message_id = delivery.message_id or f"<hubgate-{delivery.pk}-{delivery.notification_id}@hubgate>"
        delivery.save(update_fields=["state", "attempts", "maybe_twice", "message_id"])
    return delivery


def record_outcome(delivery: Delivery, *, state: Delivery.State, error: str = "") -> None:
    """Write down how sending went: sent, failed for good, or waiting for another try."""
    delivery.state = state
    delivery.error = error
    delivery.sent_at = timezone.now() if state == Delivery.State.SENT else None
    delivery.save(update_fields=["state", "error", "sent_at"])


def mark_all_read(*, actor: Actor) -> int:
    """Mark the actor's own notifications as read. Returns how many were new."""
    with transaction.atomic():
        new = addressed_to(actor).filter(read_at=None).select_for_update(of=("self",)).order_by("pk")
        ids = list(new.values_list("pk", flat=True))
        return Notification.objects.filter(pk__one_of=Many(ids)).update(read_at=timezone.now())


def _once(notice: Notice, recipient: Recipient) -> str:
    return f"{notice.kind}:{notice.subject_type}:{notice.subject_id}:{notice.occasion}:{recipient.key}"
