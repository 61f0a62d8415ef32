"""How soon a person is told by mail, and when a digest is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

AT_ONCE = "at_once"
HOURLY = "hourly"
DAILY = "daily"
IN_HUBGATE = "in_hubgate"
PACES = (AT_ONCE, HOURLY, DAILY, IN_HUBGATE)
DIGESTS = (HOURLY, DAILY)

ALL_TOPICS = ""
EVERYWHERE = ""
DEFAULT_ZONE = "UTC"
DEFAULT_HOUR = 8
# Two daily digests are never nearer than this, whatever becomes of the reader's zone, hour or clock.
_LEAST_BETWEEN_DAYS = timedelta(hours=12)


def scope_of_repository(repository_id: int) -> str:
    """The name of a repository's exceptions."""
    return f"repository:{repository_id}"


def scope_of_namespace(namespace_id: int) -> str:
    """The name of a namespace's exceptions."""
    return f"namespace:{namespace_id}"


@dataclass(frozen=True)
class Preferences:
    """One person's choices: (topic, scope) → pace, where `ALL_TOPICS` and `EVERYWHERE` are the general case; their zone
    (IANA) and the hour of their day for daily digests; when the last one was due (UTC)."""

    choices: Mapping[tuple[str, str], str] = field(default_factory=dict)
    zone: str = DEFAULT_ZONE
    daily_hour: int = DEFAULT_HOUR
    last_daily_at: datetime | None = None


@dataclass(frozen=True)
class Resolved:
    """How soon, and which scope said so: a repository's, a namespace's, or `EVERYWHERE`. `chosen` is false where it is
    the default of the topic."""

    pace: str
    scope: str
    chosen: bool


def resolve(
    preferences: Preferences,
    *,
    topic: str,
    default: str,
    repository_id: int | None = None,
    namespace_id: int | None = None,
) -> Resolved:
    """The nearest choice wins: repository before namespace before everywhere, and in each the topic before all
    topics."""
    scopes = [EVERYWHERE]
    if namespace_id is not None:
        scopes.insert(0, scope_of_namespace(namespace_id))
    if repository_id is not None:
        scopes.insert(0, scope_of_repository(repository_id))
    for scope in scopes:
        for about in (topic, ALL_TOPICS):
            if (pace := preferences.choices.get((about, scope))) is not None:
                return Resolved(pace, scope, chosen=True)
    return Resolved(default, EVERYWHERE, chosen=False)


def due_at(pace: str, now: datetime, preferences: Preferences) -> datetime | None:
    """When a digest with something that came in at `now` (UTC) is due; None where the pace is no digest."""
    if pace == HOURLY:
        return next_hour(now)
    if pace == DAILY:
        return next_day(now, preferences.zone, preferences.daily_hour, last=preferences.last_daily_at)
    return None


def next_hour(after: datetime) -> datetime:
    """The next full hour (UTC), later than `after`."""
    return after.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def next_day(after: datetime, zone: str, hour: int, *, last: datetime | None = None) -> datetime:
    """When it is `hour` next on the clocks of a zone, later than `after` and at least half a day after `last` (UTC).

    An hour that a night in spring leaves out comes when clocks have gone on, one that a night in autumn has twice comes
    at the first. Whoever moves to another zone, over the date line too, waits between 12 and 36 hours."""
    clocks = ZoneInfo(known_zone(zone))
    earliest = after if last is None else max(after, last + _LEAST_BETWEEN_DAYS - timedelta(microseconds=1))
    day = earliest.astimezone(clocks).date() - timedelta(days=1)
    while True:
        due = datetime.combine(day, time(hour), tzinfo=clocks).astimezone(UTC)
        if due > earliest:
            return due
        day += timedelta(days=1)


def known_zone(zone: str) -> str:
    """The zone where this machine knows it, else UTC: a name may leave the database of zones."""
    return zone if zone in available_timezones() else DEFAULT_ZONE


def means(pace: str, preferences: Preferences) -> str:
    """What a choice means for this person, as a sentence."""
    return {
        AT_ONCE: "A mail for each, as soon as it happens.",
        HOURLY: "One mail on the hour, if anything came in.",
        DAILY: f"One mail each day at {preferences.daily_hour}:00, {preferences.zone}, if anything came in.",
        IN_HUBGATE: "No mail: it stands under Notices only.",
    }[pace]
