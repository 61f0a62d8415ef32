"""The only writers of notifications and their deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hubgate import counters, rows
from hubgate.actors import Actor
from hubgate.errors import WrongStateError
from hubgate.notify import catalogue, places, rules
from hubgate.notify.models import Delivery, Notification
from hubgate.notify.queries import addressed_to, preferences_of
from hubgate.outbox import queue
from hubgate.rowsets import Many

DELIVER_MAIL = "notify.mail"
MOST_TRIES_WHEN_UNSURE = 2
_AT_ONCE = 10_000
_COLUMNS = (
    "once", "kind", "user_id", "identity_id", "data", "subject_type", "subject_id", "namespace_id", "repository_id",
    "pace", "due_at", "read_at",
)  # fmt: skip


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
    for the text, recipients, from when on the mail may go (UTC; None: at once), and where it belongs."""

    kind: str
    subject_type: str
    subject_id: int
    occasion: str
    recipients: tuple[Recipient, ...]
    data: dict[str, Any]
    mail_after: datetime | None = None
    namespace_id: int | None = None
    repository_id: int | None = None


@dataclass(frozen=True)
class _Plan:
    """How one recipient gets one notice: by a mail of its own, in a digest that is due at `due_at`, or in hubgate only;
    and whether it counts as unread."""

    mail: bool
    pace: str = ""
    due_at: datetime | None = None
    news: bool = True


def send(notices: Iterable[Notice], *, lane: int = queue.NOW) -> None:
    """Note down notices and their mails, in the transaction of the change that they tell of; what was told on the same
    occasion before is not told again. A notice of a topic goes the way that its recipient chose. A fixed number of
    statements, however many notices there are; `lane` is the outbox's."""
    wanted = {_once(notice, recipient): (notice, recipient) for notice in notices for recipient in notice.recipients}
    if not wanted:
        return
    now = timezone.now()
    plans = _plans(wanted, now)
    fresh = rows.insert(
        Notification,
        _COLUMNS,
        (
            (
                once,
                notice.kind,
                recipient.user_id,
                recipient.identity_id,
                notice.data,
                notice.subject_type,
                notice.subject_id,
                notice.namespace_id,
                notice.repository_id,
                plans[once].pace,
                plans[once].due_at,
                None if plans[once].news else now,
            )
            for once, (notice, recipient) in wanted.items()
        ),
        conflict="ON CONFLICT DO NOTHING",
        returning=("id", "once"),
    )
    mails: dict[datetime | None, list[tuple[int, str, str]]] = {}
    for pk, once in fresh:
        notice, recipient = wanted[once]
        if plans[once].mail:
            mails.setdefault(notice.mail_after, []).append((pk, recipient.address, Delivery.State.WAITING))
    for mail_after, deliveries in mails.items():
        keys = rows.insert(Delivery, ("notification_id", "address", "state"), deliveries, returning=("id",))
        queue.enqueue(DELIVER_MAIL, (pk for (pk,) in keys), due_at=mail_after, lane=lane)


def _plans(wanted: Mapping[str, tuple[Notice, Recipient]], now: datetime) -> dict[str, _Plan]:
    topics = {notice.kind: catalogue.topic_of(notice.kind) for notice, _ in wanted.values()}
    chosen = preferences_of({to.user_id for notice, to in wanted.values() if to.user_id and topics[notice.kind]})
    plans = {}
    for once, (notice, to) in wanted.items():
        topic = topics[notice.kind]
        if topic is None or to.user_id is None:
            plans[once] = _Plan(mail=bool(to.address))
            continue
        preferences = chosen[to.user_id]
        pace = rules.resolve(
            preferences,
            topic=topic.key,
            default=topic.default,
            repository_id=notice.repository_id,
            namespace_id=notice.namespace_id,
        ).pace
        due_at = rules.due_at(pace, now, preferences) if to.address else None
        mail = pace == rules.AT_ONCE and bool(to.address)
        plans[once] = _Plan(mail, pace if to.address else rules.IN_HUBGATE, due_at, topic.news)
    return plans


def settle(
    kinds: Sequence[str], subject_type: str, subject_ids: Iterable[int], *, withdrawing: Sequence[str] = ()
) -> None:
    """What these notices asked for is done: those that still wait for a digest, or for its mail to leave, are left out
    of it. Those of the kinds `withdrawing` are taken back as `withdraw` does, without a further read."""
    _take_back(subject_type, subject_ids, gone=withdrawing, done=kinds)


def resume(kinds: Sequence[str], subject_type: str, subject_ids: Iterable[int]) -> None:
    """What these notices asked for is to be done after all: those that `settle` left out of a digest wait for the next
    one, the last of a kind for each reader, unless it was read."""
    told = Notification.objects.filter(
        kind__in=kinds, subject_type=subject_type, subject_id__in=list(subject_ids), user__isnull=False
    )
    last = {(notice.user_id, notice.kind, notice.subject_id): notice for notice in told.order_by("pk")}
    left_out = [
        notice
        for notice in last.values()
        if notice.pace in rules.DIGESTS and notice.digest_id is None and notice.due_at is None and not notice.read_at
    ]
    chosen = preferences_of({notice.user_id for notice in left_out if notice.user_id})
    now = timezone.now()
    for notice in left_out:
        notice.due_at = rules.due_at(notice.pace, now, chosen[notice.user_id or 0])
    if left_out:
        Notification.objects.bulk_update(left_out, ["due_at"], batch_size=_AT_ONCE)


def withdraw(kinds: Sequence[str], subject_type: str, subject_ids: Iterable[int]) -> None:
    """Take back notices of these kinds about these things whose cause is gone and that nobody can have seen: unread,
    and no mail has left for them, neither their own nor that of a digest."""
    _take_back(subject_type, subject_ids, gone=kinds)


def _take_back(subject_type: str, subject_ids: Iterable[int], *, gone: Sequence[str], done: Sequence[str] = ()) -> None:
    ids = list(subject_ids)
    concerned = Q(kind__in=gone, read_at=None) | Q(kind__in=done, due_at__isnull=False)
    for start in range(0, len(ids), _AT_ONCE):
        about = Notification.objects.filter(
            concerned, subject_type=subject_type, subject_id__in=ids[start : start + _AT_ONCE]
        )
        locked = about.select_for_update(of=("self",)).order_by("pk")
        found = list(locked.values_list("pk", "kind", "digest"))
        unseen = set(_unseen({pk: digest for pk, kind, digest in found if kind in gone or digest is not None}))
        withdrawn = [pk for pk, kind, _ in found if kind in gone and pk in unseen]
        settled = [pk for pk, kind, digest in found if kind not in gone and (digest is None or pk in unseen)]
        if withdrawn:
            Delivery.objects.filter(notification__in=withdrawn).delete()
            rows.delete(Notification, withdrawn)
        if settled:
            Notification.objects.filter(pk__in=settled).update(due_at=None, digest=None)


def _unseen(notices: Mapping[int, int | None]) -> list[int]:
    """Those of these notices (id to digest) that no mail has carried, nor will before the transaction ends: mails that
    wait are held until then."""
    if not notices:
        return []
    digests = {digest_id for digest_id in notices.values() if digest_id is not None}
    mails = Delivery.objects.select_for_update().filter(Q(notification__in=notices) | Q(digest__in=digests))
    gone = [mail for mail in mails.order_by("pk") if mail.maybe_twice or mail.state != Delivery.State.WAITING]
    carried, sent = {mail.notification_id for mail in gone}, {mail.digest_id for mail in gone if mail.digest_id}
    return [pk for pk, digest_id in notices.items() if pk not in carried and digest_id not in sent]


def begin(delivery_id: int) -> Delivery | None:
    """Mark a mail as being sent, before it is. None where there is nothing to send: sent, failed, taken back (all that
    stood in a digest, too), or unsure more often than we repeat."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("notification", "digest")
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
        if delivery.digest is not None and not delivery.digest.notifications.exists():
            delivery.digest.delete()
            return None
        delivery.maybe_twice = delivery.maybe_twice or crashed
        delivery.state = Delivery.State.SENDING
        delivery.attempts += 1
        delivery.message_id = delivery.message_id or _message_id(delivery)
        delivery.save(update_fields=["state", "attempts", "maybe_twice", "message_id"])
    return delivery


def record_outcome(delivery: Delivery, *, state: Delivery.State, error: str = "") -> None:
    """Write down how sending went: sent, failed for good, or waiting for another try. Of a mail that failed for good
    those are told whom it concerns."""
    with transaction.atomic():
        delivery.state = state
        delivery.error = error
        delivery.sent_at = timezone.now() if state == Delivery.State.SENT else None
        delivery.save(update_fields=["state", "error", "sent_at"])
        transaction.on_commit(lambda: counters.add("deliveries", result=str(state)), robust=True)
        if state == Delivery.State.FAILED and delivery.notification is not None:
            notice = places.registry.undelivered(delivery.notification)
            if notice is not None:
                send([notice])


def send_again(*, delivery_id: int, address: str) -> None:
    """Try a mail that did not arrive once more, to this address. WrongStateError where it is under way, arrived, or was
    set aside. Rights are the caller's business, who knows what the mail is about."""
    delivery = _missed(delivery_id)
    delivery.maybe_twice = delivery.maybe_twice or delivery.state == Delivery.State.UNSURE
    delivery.state, delivery.attempts, delivery.error = Delivery.State.WAITING, 0, ""
    delivery.address = address or delivery.address
    delivery.save(update_fields=["state", "attempts", "error", "maybe_twice", "address"])
    queue.enqueue(DELIVER_MAIL, [delivery.pk])


def set_aside(*, delivery_id: int) -> None:
    """List a mail that did not arrive no longer. WrongStateError and rights as `send_again`."""
    delivery = _missed(delivery_id)
    delivery.set_aside_at = timezone.now()
    delivery.save(update_fields=["set_aside_at"])


def _missed(delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    if delivery.state not in (Delivery.State.FAILED, Delivery.State.UNSURE) or delivery.set_aside_at is not None:
        raise WrongStateError("Somebody has taken care of this mail meanwhile.")
    return delivery


def forget_address(subject_type: str, subject_id: int) -> None:
    """Drop the address from every mail about a thing; one that waits does not leave any more."""
    mails = Delivery.objects.filter(notification__subject_type=subject_type, notification__subject_id=subject_id)
    mails.filter(state=Delivery.State.WAITING).delete()
    mails.update(address="")


def mark_read(
    *,
    actor: Actor,
    notification_id: int | None = None,
    kinds: Sequence[str] | None = None,
    up_to: int | None = None,
) -> int:
    """Mark the actor's own notifications as read: all, one, those of some kinds, or those up to one, so that none is
    that came since they looked. What was read is left out of the next digest. Returns how many were new."""
    mine = addressed_to(actor).filter(read_at=None)
    if notification_id is not None:
        mine = mine.filter(pk=notification_id)
    if kinds is not None:
        mine = mine.filter(kind__in=kinds)
    if up_to is not None:
        mine = mine.filter(pk__lte=up_to)
    with transaction.atomic():
        ids = list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        new = Notification.objects.filter(pk__one_of=Many(ids))
        new.filter(digest=None).update(due_at=None)
        return new.update(read_at=timezone.now())


def _message_id(delivery: Delivery) -> str:
    about = delivery.notification_id or f"d{delivery.digest_id}"
    return f"<hubgate-{delivery.pk}-{about}@hubgate>"


def _once(notice: Notice, recipient: Recipient) -> str:
    return f"{notice.kind}:{notice.subject_type}:{notice.subject_id}:{notice.occasion}:{recipient.key}"
