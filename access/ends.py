"""When access ends: what an author may wish, what a repository allows, when the person is reminded and may ask to
renew. Pure: no Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from access import states
from hubgate.errors import InvalidInputError

CHOICES = (30, 90, 365)  # days that forms offer
MOST_DAYS = 3660
REMINDERS = (timedelta(days=14), timedelta(days=3))  # before the end, the earliest first
RENEWAL_OPENS = timedelta(days=30)  # before the end
NEVER_IS = "never"
ENDED_REASON = "Your access ended on {day}. To renew it, send a new request on the repository’s page."


@dataclass(frozen=True)
class Length:
    """How long access to a repository lasts, in days: `usual` unless somebody says otherwise, `most` at most; None for
    without an end."""

    usual: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Wish:
    """When access is wanted to end: as is `usual` for the repository, else at a time (UTC), None for never."""

    at: datetime | None = None
    usual: bool = False


USUAL = Wish(usual=True)
NEVER = Wish()


def after(days: int, now: datetime) -> Wish:
    """In so many days."""
    return Wish(now + timedelta(days=days))


def through(day: date) -> Wish:
    """At the last minute of a day (UTC)."""
    return Wish(_last_minute(day))


def end_of(wish: Wish, length: Length, now: datetime) -> datetime | None:
    """When access that is given `now` ends (UTC), None for never. InvalidInputError for an end that has passed, or
    that is later than the repository allows."""
    if wish.usual:
        return _usual(length, now)
    if wish.at is not None and wish.at <= now:
        raise _refused("That end has passed. Choose a later one.")
    latest = latest_end(length, now)
    if latest is not None and (wish.at is None or wish.at > latest):
        raise _refused(
            f"Access to this repository lasts at most {length.most} days: choose an end by {day_of(latest)}."
        )
    if wish.at is not None and wish.at > now + timedelta(days=MOST_DAYS + 1):
        raise _refused(f"Choose an end within {MOST_DAYS:,} days, or let access never end.")
    return wish.at


def capped_end(wish: Wish, length: Length, now: datetime) -> datetime | None:
    """As `end_of`, but what is later than the repository allows ends when it has to: for many repositories at once."""
    if wish.usual:
        return _usual(length, now)
    latest = latest_end(length, now)
    return wish.at if latest is None else min(wish.at or latest, latest)


def latest_end(length: Length, now: datetime) -> datetime | None:
    """Up to when access may be given `now`: the last minute of that day (UTC). None without a limit."""
    return _last_minute((now + timedelta(days=length.most)).date()) if length.most else None


def next_reminder(ends_at: datetime | None, now: datetime) -> datetime | None:
    """When the person is reminded next of an end; None where all times for that have passed, or there is no end. So
    nobody is reminded of an end that was nearer already when it was set."""
    if ends_at is None:
        return None
    return next((at for at in (ends_at - before for before in REMINDERS) if at > now), None)


def reminder_due(ends_at: datetime, now: datetime) -> int | None:
    """Which reminder is right `now`, by its days before the end: the nearest whose time has come; None before the first
    and once access has ended."""
    due = [before.days for before in REMINDERS if ends_at - before <= now < ends_at]
    return min(due, default=None)


def may_renew(status: str, ends_at: datetime | None, now: datetime) -> bool:
    """Whether a person may ask to renew: they have access, and it ends soon (or has ended, which the Hub does not know
    yet)."""
    return status == states.ACCEPTED and ends_at is not None and ends_at - now <= RENEWAL_OPENS


def has_ended(status: str, ends_at: datetime | None, now: datetime) -> bool:
    """Whether access that stands as accepted is over by its date."""
    return status == states.ACCEPTED and ends_at is not None and ends_at <= now


def day_of(at: datetime) -> str:
    """The day of a time in UTC: "3 Mar 2027"."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y}"


def told(ends_at: datetime | None) -> str:
    """An end in a word or two: the day, or "never"."""
    return day_of(ends_at) if ends_at else NEVER_IS


def ended_reason(ends_at: datetime) -> str:
    """Why access was reset, as the person and the Hub are told; it fits the Hub's 200 units."""
    return ENDED_REASON.format(day=day_of(ends_at))


def _usual(length: Length, now: datetime) -> datetime | None:
    days = min(filter(None, (length.usual, length.most)), default=None)
    return now + timedelta(days=days) if days else None


def _last_minute(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), UTC)


def _refused(sentence: str) -> InvalidInputError:
    return InvalidInputError(sentence, fields={"ends_at": sentence})
