"""What was told to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from hubgate.notify import catalogue
from hubgate.notify.models import Delivery, KeptMail, Notification
from hubgate.rowsets import Many

PAGE = 50
_SIGNATURE = "\n--\n"
_KEEPS_MAIL = "hubgate.notify.mailbox.EmailBackend"


def addressed_to(actor: Actor) -> QuerySet[Notification]:
    """The actor's own notifications: to the account, or to the person that the account is on the Hub."""
    if actor.user_id is None:
        return Notification.objects.none()
    return Notification.objects.filter(Q(user_id=actor.user_id) | Q(identity__user_id=actor.user_id))


def count_new(actor: Actor, *, most: int = 99) -> int:
    """How many of the actor's notifications are unread, counted up to `most` + 1."""
    return addressed_to(actor).filter(read_at=None).order_by()[: most + 1].count()


@dataclass(frozen=True)
class Told:
    """A notification as its reader sees it: the mail's text without its signature, which is `why` again; `link` leads
    to what it is about, empty for none."""

    notification: Notification
    title: str
    body: str
    why: str
    link: str


@dataclass(frozen=True)
class NoticePage:
    """One page of notices, newest first; `older` is the id to go on before, None at the end."""

    rows: list[Told]
    older: int | None


def notice_page(actor: Actor, *, before: int | None = None) -> NoticePage:
    """The actor's notifications, those with an id under `before`, in one query."""
    found = addressed_to(actor)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return NoticePage([_told(row) for row in rows[:PAGE]], rows[PAGE - 1].pk if len(rows) > PAGE else None)


@dataclass(frozen=True)
class NotificationList:
    """Part of one's notifications, the newest first; `older` and `newer` are cursors, empty where none is."""

    rows: list[Told]
    older: str
    newer: str


def notifications(actor: Actor, *, unread: bool = False, cursor: str = "", size: int = PAGE) -> NotificationList:
    """The actor's notifications from a cursor on, in one query; only the new ones where `unread` says so.
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
    return NotificationList([_told(row) for row in rows], older if has_older else "", newer if has_newer else "")


def _told(notification: Notification) -> Told:
    text = catalogue.render(notification.kind, notification.data)
    return Told(notification, text.title, text.body.partition(_SIGNATURE)[0], text.why, _link(notification))


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
