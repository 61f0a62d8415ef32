"""The only writers of notifications and their deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from hubgate import rows
from hubgate.actors import Actor
from hubgate.notify.models import Delivery, Notification
from hubgate.notify.queries import addressed_to
from hubgate.outbox import queue

DELIVER_MAIL = "notify.mail"
MOST_TRIES_WHEN_UNSURE = 2
_AT_ONCE = 10_000


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


def send(notices: Iterable[Notice], *, lane: int = queue.NOW) -> None:
    """Note down notices and their mails, in the transaction of the change that they tell of; what was told on the same
    occasion before is not told again. Three statements, however many there are; `lane` is the outbox's."""
    addresses: dict[str, tuple[str, datetime | None]] = {}
    fresh = rows.insert(
        Notification,
        ("once", "kind", "user_id", "identity_id", "data", "subject_type", "subject_id"),
        _notifications(notices, addresses),
        conflict="ON CONFLICT DO NOTHING",
        returning=("id", "once"),
    )
    told = [(pk, *addresses[once]) for pk, once in fresh if once in addresses]
    for mail_after in dict.fromkeys(after for _, _, after in told):
        mails = [(pk, address, Delivery.State.WAITING) for pk, address, after in told if after == mail_after]
        keys = rows.insert(Delivery, ("notification_id", "address", "state"), mails, returning=("id",))
        queue.enqueue(DELIVER_MAIL, (pk for (pk,) in keys), due_at=mail_after, lane=lane)


def _notifications(
    notices: Iterable[Notice], addresses: dict[str, tuple[str, datetime | None]]
) -> Iterator[tuple[Any, ...]]:
    """The columns of each notification; where its mail goes, and when, is left in `addresses`."""
    for notice in notices:
        for recipient in notice.recipients:
            once = _once(notice, recipient)
            if recipient.address:
                addresses[once] = (recipient.address, notice.mail_after)
            yield (
                once,
                notice.kind,
                recipient.user_id,
                recipient.identity_id,
                notice.data,
                notice.subject_type,
                notice.subject_id,
            )


def withdraw(kinds: Sequence[str], subject_type: str, subject_ids: Iterable[int]) -> None:
    """Take back notices of these kinds about these things whose cause is gone and that nobody can have seen: unread,
    and no mail has left for them."""
    ids = list(subject_ids)
    left = Delivery.objects.filter(notification=OuterRef("pk")).exclude(state=Delivery.State.WAITING, maybe_twice=False)
    for start in range(0, len(ids), _AT_ONCE):
        unseen = Notification.objects.filter(
            ~Exists(left),
            kind__in=kinds,
            subject_type=subject_type,
            subject_id__in=ids[start : start + _AT_ONCE],
            read_at=None,
        )
        gone = list(unseen.values_list("pk", flat=True))
        if gone:
            Delivery.objects.filter(notification__in=gone).delete()
            rows.delete(Notification, gone)


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
    return addressed_to(actor).filter(read_at=None).update(read_at=timezone.now())


def mark_read(*, actor: Actor, up_to: int) -> int:
    """Mark the actor's own notifications as read up to this one, so that none is that came since they looked. Returns
    how many were new."""
    return addressed_to(actor).filter(read_at=None, pk__lte=up_to).update(read_at=timezone.now())


def _once(notice: Notice, recipient: Recipient) -> str:
    return f"{notice.kind}:{notice.subject_type}:{notice.subject_id}:{notice.occasion}:{recipient.key}"
