"""What was told to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from hubgate.notify import catalogue, places
from hubgate.notify.models import Choice, Delivery, KeptMail, Notification, Reader
from hubgate.notify.places import Place
from hubgate.notify.rules import AT_ONCE, DEFAULT_ZONE, EVERYWHERE, Preferences, known_zone
from hubgate.rowsets import Many

PAGE = 50
_SIGNATURE = "\n--\n"
_KEEPS_MAIL = "hubgate.notify.mailbox.EmailBackend"


def addressed_to(actor: Actor) -> QuerySet[Notification]:
    """The actor's own notifications: to the account, or to the person that the account is on the Hub."""
    if actor.user_id is None:
        return Notification.objects.none()
    return Notification.objects.filter(Q(user_id=actor.user_id) | Q(identity__user_id=actor.user_id))


def preferences_of(user_ids: Collection[int]) -> dict[int, Preferences]:
    """What each of these accounts chose, the defaults for those who never did. Two queries."""
    if not user_ids:
        return {}
    choices: dict[int, dict[tuple[str, str], str]] = {user_id: {} for user_id in user_ids}
    for choice in Choice.objects.filter(user_id__in=user_ids):
        choices[choice.user_id][choice.topic, choice.scope] = choice.pace
    readers = Reader.objects.in_bulk(list(user_ids))
    return {
        user_id: Preferences(
            chosen,
            zone=readers[user_id].zone,
            daily_hour=readers[user_id].daily_hour,
            last_daily_at=readers[user_id].last_daily_at,
        )
        if user_id in readers
        else Preferences(chosen)
        for user_id, chosen in choices.items()
    }


def waiting_for(user_id: int) -> QuerySet[Notification]:
    """What waits for a digest of this account."""
    return Notification.objects.filter(user_id=user_id, digest=None, due_at__isnull=False)


def count_new(actor: Actor, *, most: int = 99) -> int:
    """How many of the actor's notifications are unread, counted up to `most` + 1."""
    return addressed_to(actor).filter(read_at=None).order_by()[: most + 1].count()


@dataclass(frozen=True)
class Told:
    """A notification as its reader sees it: the mail's text without its signature, which is `why` again; `link` leads
    to what it is about, empty for none; `how` it came by mail."""

    notification: Notification
    title: str
    body: str
    why: str
    link: str
    day: date
    how: str


@dataclass(frozen=True)
class NoticePage:
    """One page of notices, newest first; `older` is the id to go on before, None at the end."""

    rows: list[Told]
    older: int | None


def notice_page(actor: Actor, *, before: int | None = None, topic: str | None = None) -> NoticePage:
    """The actor's notifications, those with an id under `before` and of a topic (empty: what a requester is told), by
    day in the actor's zone. Two queries."""
    found = addressed_to(actor)
    if before is not None:
        found = found.filter(pk__lt=before)
    if topic is not None:
        found = found.filter(kind__in=catalogue.kinds_of(topic))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    zone = _zone_of(actor)
    return NoticePage([_told(row, zone) for row in rows[:PAGE]], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def notices_about(actor: Actor, subject_type: str, subject_id: int, *, limit: int = 20) -> list[Told]:
    """What the actor was told about one thing, newest first. Two queries."""
    found = addressed_to(actor).filter(subject_type=subject_type, subject_id=subject_id).order_by("-pk")[:limit]
    rows = list(found)
    zone = _zone_of(actor)
    return [_told(row, zone) for row in rows]


@dataclass(frozen=True)
class NotificationList:
    """Part of one's notifications, the newest first; `older` and `newer` are cursors, empty where none is."""

    rows: list[Told]
    older: str
    newer: str


def notifications(actor: Actor, *, unread: bool = False, cursor: str = "", size: int = PAGE) -> NotificationList:
    """The actor's notifications from a cursor on, in two queries; only the new ones where `unread` says so.
    InvalidInputError for a cursor that no list gave."""
    digits = cursor[1:]
    if cursor and not (cursor[0] in "on" and digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise InvalidInputError("That is no page of this list. Start again at its beginning.", code="bad_cursor")
    found, backwards = addressed_to(actor), cursor.startswith("n")
    if unread:
        found = found.filter(read_at=None)
    if cursor:
        found = found.filter(pk__gt=int(digits)) if backwards else found.filter(pk__lt=int(digits))
    rows = list(found.order_by("pk" if backwards else "-pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_newer, has_older = (more, bool(rows)) if backwards else (bool(cursor and rows), more)
    older, newer = (f"o{rows[-1].pk}", f"n{rows[0].pk}") if rows else ("", "")
    zone = _zone_of(actor)
    return NotificationList([_told(row, zone) for row in rows], older if has_older else "", newer if has_newer else "")


def _zone_of(actor: Actor) -> ZoneInfo:
    reader = Reader.objects.filter(user_id=actor.user_id).first() if actor.user_id else None
    return ZoneInfo(known_zone(reader.zone if reader else DEFAULT_ZONE))


def _told(notification: Notification, zone: ZoneInfo) -> Told:
    text = catalogue.render(notification.kind, notification.data)
    day = notification.created_at.astimezone(zone).date()
    return Told(
        notification,
        text.title,
        text.body.partition(_SIGNATURE)[0],
        text.why,
        _link(notification),
        day,
        _how(notification),
    )


@dataclass(frozen=True)
class ChosenPlace:
    """A choice for one place: what it is about (empty: everything), and the place where it is still the actor's."""

    choice: Choice
    topic: str
    place: Place | None


def exceptions_of(actor: Actor) -> list[ChosenPlace]:
    """The actor's exceptions, by name. Three queries."""
    if actor.user_id is None:
        return []
    mine = list(Choice.objects.filter(user_id=actor.user_id).exclude(scope=EVERYWHERE))
    named = places.registry.named(actor, [choice.scope for choice in mine])
    topics = {topic.key: topic.name for topic in catalogue.topics()}
    found = [ChosenPlace(choice, topics.get(choice.topic, choice.topic), named.get(choice.scope)) for choice in mine]
    return sorted(found, key=lambda one: (one.place.name.lower() if one.place else "", one.topic))


def has_zone(user_id: int) -> bool:
    """Whether the account ever chose its time zone."""
    return Reader.objects.filter(user_id=user_id, zone_chosen=True).exists()


def last_missed(user_id: int) -> Delivery | None:
    """The newest mail to this account, where that one did not arrive."""
    mine = Delivery.objects.filter(Q(notification__user_id=user_id) | Q(digest__user_id=user_id))
    newest = mine.exclude(state__in=[Delivery.State.WAITING, Delivery.State.SENDING]).order_by("-pk").first()
    return newest if newest and newest.state == Delivery.State.FAILED else None


def _how(notification: Notification) -> str:
    """How a notice of a topic came: by a mail of its own, in a digest, or not by mail."""
    if not notification.pace:
        return ""
    if notification.digest_id:
        return "It stood in a digest."
    if notification.due_at:
        return "It waits for your next digest."
    return "It was mailed at once." if notification.pace == AT_ONCE else "It was not mailed."


def _link(notification: Notification) -> str:
    """The page of hubgate that a notice names, at whatever address hubgate is open now; else the Hub's."""
    link = str(notification.data.get("link") or notification.data.get("hub_link") or "")
    return link.removeprefix(settings.PUBLIC_URL)


def deliveries_about(subject_type: str, subject_id: int) -> list[Delivery]:
    """Every mail about one thing, newest first, each with its notification."""
    return list(
        Delivery.objects.filter(notification__subject_type=subject_type, notification__subject_id=subject_id)
        .select_related("notification")
        .order_by("-id")[:100]
    )


@dataclass(frozen=True)
class MailPage:
    """One page of kept mails, newest first; `older` is the id to go on before, None at the end."""

    rows: list[KeptMail]
    older: int | None


def may_read_mail(actor: Actor) -> bool:
    """Whether mails are kept here and this actor may read them: operators, in the demo everybody signed in."""
    if settings.EMAIL_BACKEND != _KEEPS_MAIL or actor.user_id is None:
        return False
    return actor.is_operator or settings.DEMO


def kept_mails(actor: Actor, *, address: str = "", before: int | None = None) -> MailPage:
    """The mails that were kept instead of sent, in one query; `address` is part of whom they went to.
    NotFoundOrHiddenError for those who may not read them."""
    if not may_read_mail(actor):
        raise NotFoundOrHiddenError("There is no such page.")
    found = KeptMail.objects.all()
    if address:
        found = found.filter(to__icontains=address)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return MailPage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def told_since(kind: str, subject_type: str, subject_ids: Iterable[int], since: datetime) -> set[int]:
    """About which of these things a notice of this kind was made at or after a time (UTC) and stands."""
    found = Notification.objects.filter(
        kind=kind, subject_type=subject_type, subject_id__one_of=Many(list(subject_ids)), created_at__gte=since
    )
    return {pk for pk in found.values_list("subject_id", flat=True) if pk is not None}
