"""How many asked and were decided, and how long it took: ranges, steps of a wait, quantiles, sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from access import states

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 7 * 86400
MONDAY = 3 * DAY  # the epoch began on a Thursday: this much later than a Monday
DESK_DAYS = 30
# A wait is counted in steps that grow with it: up to `limit` seconds they are `length` seconds long.
_STEPS = ((6 * HOUR, MINUTE), (2 * DAY, 15 * MINUTE), (14 * DAY, HOUR))
CLASSES = (
    (HOUR, "within 1 hour"),
    (DAY, "1 hour to 1 day"),
    (3 * DAY, "1 to 3 days"),
    (WEEK, "3 to 7 days"),
    (4 * WEEK, "1 to 4 weeks"),
    (None, "longer"),
)
_CAUSES = {
    "reviewer": "by a person here",
    "policy": "by a rule",
    "expiry": "expired",
    "licence-changed": "for a new licence",
    "stage": "by a release stage",
    "recall": "recalled",
    "hub": "on the Hub itself",
    "requester": "by the requester",
    "erasure": "erased",
}


@dataclass(frozen=True)
class Range:
    """What a plot reaches back over: `number` periods of `step` seconds (a day or a week from Monday on, UTC), the one
    that runs now included."""

    key: str
    label: str
    step: int
    number: int

    @property
    def offset(self) -> int:
        """What to add to seconds since the epoch so that periods begin where they should."""
        return MONDAY if self.step == WEEK else 0

    @property
    def word(self) -> str:
        """What one period is called."""
        return "week" if self.step == WEEK else "day"

    def last(self, now: datetime) -> int:
        """The index of the period that runs now."""
        return (int(now.timestamp()) + self.offset) // self.step

    def first(self, now: datetime) -> int:
        """The index of the first period."""
        return self.last(now) - self.number + 1

    def begins(self, index: int) -> datetime:
        """When a period begins (UTC)."""
        return datetime.fromtimestamp(index * self.step - self.offset, UTC)


RANGES = {
    item.key: item
    for item in (
        Range("4w", "4 weeks", DAY, 28),
        Range("12w", "12 weeks", WEEK, 12),
        Range("52w", "12 months", WEEK, 52),
    )
}
USUAL = "12w"


def step_of(seconds: int) -> int:
    """The step that a wait falls into: minutes up to 6 hours, quarters of an hour up to 2 days, hours up to 14 days,
    then days."""
    index, begin = 0, 0
    for limit, length in _STEPS:
        if seconds < limit:
            return index + (seconds - begin) // length
        index, begin = index + (limit - begin) // length, limit
    return index + (seconds - begin) // DAY


def step_end(step: int) -> int:
    """The seconds at which a step ends: whoever waited that step waited less."""
    index, begin = 0, 0
    for limit, length in _STEPS:
        width = (limit - begin) // length
        if step < index + width:
            return begin + (step - index + 1) * length
        index, begin = index + width, limit
    return begin + (step - index + 1) * DAY


def steps() -> list[tuple[int, int, int, int]]:
    """The table of steps as (limit in seconds, first index, begin in seconds, length in seconds), the last without
    a limit (0): what SQL counts by, so that both count alike."""
    rows, index, begin = [], 0, 0
    for limit, length in _STEPS:
        rows.append((limit, index, begin, length))
        index, begin = index + (limit - begin) // length, limit
    return [*rows, (0, index, begin, DAY)]


def quantile(counts: Mapping[int, int], share: float) -> int | None:
    """Within how many seconds `share` of the waits ended (nearest rank, up to the step); None without any. `counts` is
    step → how many."""
    total = sum(counts.values())
    if not total:
        return None
    rank, passed = max(1, -int(-share * total // 1)), 0
    for step in sorted(counts):
        passed += counts[step]
        if passed >= rank:
            return step_end(step)
    return None


def classes(counts: Mapping[int, int]) -> list[tuple[str, int]]:
    """How many waits fall into each class of `CLASSES`, in its order."""
    told = [0] * len(CLASSES)
    for step, number in counts.items():
        place = next(i for i, (limit, _) in enumerate(CLASSES) if limit is None or step_end(step) <= limit)
        told[place] += number
    return [(label, number) for (_, label), number in zip(CLASSES, told, strict=True)]


@dataclass(frozen=True)
class Period:
    """One day or week: how many asked and were decided then, and within how many seconds half and nine tenths of the
    decided with a known wait were (None without any)."""

    begins: date
    asked: int
    decided: int
    timed: int
    median: int | None
    ninth: int | None


@dataclass(frozen=True)
class Outcome:
    """How many were decided in one way: the status and what brought it about."""

    status: str
    cause: str
    number: int

    @property
    def label(self) -> str:
        """In words: "accepted by a person here"."""
        return f"{self.status} {_CAUSES.get(self.cause, self.cause or 'for no known cause')}"


@dataclass(frozen=True)
class Load:
    """What waits at one repository and how its last 30 days went: waiting now, since when (UTC), decided with a known
    wait, and within how many seconds half and nine tenths of those were."""

    repository_id: int
    name: str
    waiting: int
    oldest: datetime | None
    timed: int
    median: int | None
    ninth: int | None


@dataclass(frozen=True)
class Desk:
    """The desk as it is now, and its last 30 days."""

    waiting: int
    oldest: datetime | None
    timed: int
    median: int | None
    ninth: int | None
    deciders: list[tuple[str, int]]
    loads: list[Load]


@dataclass(frozen=True)
class Numbers:
    """All numbers of a range. `history` were decided before the namespace was connected and `undated` on the Hub at a
    time that it does not tell, or without a request: they count as decided, not for the times."""

    range: Range
    periods: list[Period]
    waits: list[tuple[str, int]]
    outcomes: list[Outcome]
    median: int | None
    ninth: int | None
    history: int
    undated: int
    desk: Desk
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def asked(self) -> int:
        return sum(period.asked for period in self.periods)

    @property
    def decided(self) -> int:
        return sum(period.decided for period in self.periods)

    @property
    def timed(self) -> int:
        return sum(period.timed for period in self.periods)


def duration(seconds: int | None) -> str:
    """A wait in words, rounded as one would say it: "40 min", "5 h", "2.5 days", "3 weeks"; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < 2 * HOUR:
        return f"{max(1, round(seconds / MINUTE))} min"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)} h"
    if seconds < 5 * WEEK:
        return f"{_short(seconds / DAY)} days"
    return f"{_short(seconds / WEEK)} weeks"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{round(number):,}"


def day(at: date) -> str:
    """A date on a plot: "3 Nov"."""
    return f"{at.day} {at:%b}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def asked_finding(numbers: Numbers) -> str:
    """What the plot of requests over time shows, in a sentence."""
    span = numbers.range.label
    if not numbers.asked and not numbers.decided:
        return f"Nobody asked and nothing was decided in the last {span}."
    sentence = f"{numbers.asked:,} asked and {numbers.decided:,} were decided in the last {span}"
    busiest = max(numbers.periods, key=lambda period: period.asked)
    if numbers.asked > 1 and busiest.asked > 1:
        when = f"in the week of {day(busiest.begins)}" if numbers.range.step == WEEK else f"on {day(busiest.begins)}"
        sentence += f"; most asked {when} ({busiest.asked:,})"
    return sentence + "."


def wait_finding(numbers: Numbers) -> str:
    """What the plots of waits show, in a sentence."""
    if not numbers.timed:
        return f"No wait is known of the last {numbers.range.label}."
    return (
        f"Half of {counted(numbers.timed, 'decision')} came within {duration(numbers.median)}, "
        f"nine in ten within {duration(numbers.ninth)}."
    )


def outcome_finding(numbers: Numbers) -> str:
    """What the plot of outcomes shows, in a sentence."""
    if not numbers.outcomes:
        return f"Nothing was decided in the last {numbers.range.label}."
    by_status = dict.fromkeys((states.ACCEPTED, states.REJECTED, states.RESET), 0)
    for outcome in numbers.outcomes:
        by_status[outcome.status] = by_status.get(outcome.status, 0) + outcome.number
    total = sum(by_status.values())
    told = [f"{number:,} {status}" for status, number in by_status.items() if number]
    first = numbers.outcomes[0]
    return f"Of {total:,} decided, {', '.join(told)}; most often {first.label} ({first.number:,})."


def untimed_note(numbers: Numbers) -> str:
    """Which decisions the times leave out, and why; empty where none."""
    told = []
    if numbers.history:
        was = "was" if numbers.history == 1 else "were"
        told.append(f"{numbers.history:,} {was} decided before hubgate was connected")
    if numbers.undated:
        was = "was" if numbers.undated == 1 else "were"
        told.append(f"{numbers.undated:,} {was} let in without asking, or at a time that the Hub does not tell")
    return f"Left out of the times: {'; '.join(told)}." if told else ""


def desk_since(now: datetime) -> datetime:
    """From when on the desk's last 30 days count (UTC)."""
    return now - timedelta(days=DESK_DAYS)


def merged(counts: Sequence[Mapping[int, int]]) -> dict[int, int]:
    """Several counts of steps as one."""
    total: dict[int, int] = {}
    for each in counts:
        for step, number in each.items():
            total[step] = total.get(step, 0) + number
    return total
