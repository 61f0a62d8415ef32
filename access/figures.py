"""The plots of a repository's or a namespace's numbers. Pure: numbers in, drawings and tables out."""

from __future__ import annotations

from access.measures import (
    WEEK,
    Numbers,
    Period,
    asked_finding,
    day,
    duration,
    outcome_finding,
    wait_finding,
)
from hubgate.http.plots import Bar, Figure, Series, bars, columns


def figures(numbers: Numbers) -> list[Figure]:
    """All plots, in the order in which they are read."""
    return [over_time(numbers), waits(numbers), spread(numbers), outcomes(numbers)]


def over_time(numbers: Numbers) -> Figure:
    """How many asked and were decided, period by period."""
    finding, periods = asked_finding(numbers), numbers.periods
    asked = Series("Asked", [period.asked for period in periods], [f"{period.asked:,}" for period in periods])
    decided = Series("Decided", [period.decided for period in periods], [f"{period.decided:,}" for period in periods])
    return Figure(
        "requests",
        "Requests over time",
        finding,
        columns([asked, decided], _places(numbers), finding) if numbers.asked or numbers.decided else "",
        [_begins(numbers), "Asked", "Decided"],
        [[_named(numbers, period), f"{period.asked:,}", f"{period.decided:,}"] for period in periods],
    )


def waits(numbers: Numbers) -> Figure:
    """How long decisions took, period by period."""
    finding, periods = wait_finding(numbers), numbers.periods
    median = Series("Half within", [p.median for p in periods], [duration(p.median) for p in periods])
    ninth = Series("Nine in ten within", [p.ninth for p in periods], [duration(p.ninth) for p in periods])
    return Figure(
        "waits",
        "Time to decide",
        finding,
        columns([median, ninth], _places(numbers), finding) if numbers.timed else "",
        [_begins(numbers), "Half within", "Nine in ten within", "Decisions"],
        [[_named(numbers, p), duration(p.median), duration(p.ninth), f"{p.timed:,}"] for p in periods],
    )


def spread(numbers: Numbers) -> Figure:
    """How many decisions came how fast."""
    if numbers.timed:
        label, most = max(numbers.waits, key=lambda item: item[1])
        finding = f"Most often it took {label.replace('within', 'less than')} ({most:,} of {numbers.timed:,})."
    else:
        finding = wait_finding(numbers)
    rows = [Bar(label, number, f"{number:,}") for label, number in numbers.waits]
    return Figure(
        "spread",
        "Spread of the times",
        finding,
        bars(rows, finding) if numbers.timed else "",
        ["Time to decide", "Decisions"],
        [[row.label, row.shown] for row in rows],
    )


def outcomes(numbers: Numbers) -> Figure:
    """What became of requests, and what brought it about."""
    finding = outcome_finding(numbers)
    total = sum(outcome.number for outcome in numbers.outcomes)
    rows = [
        Bar(_capital(outcome.label), outcome.number, f"{outcome.number:,} ({_percent(outcome.number, total)})")
        for outcome in numbers.outcomes
    ]
    return Figure(
        "outcomes",
        "Outcomes by cause",
        finding,
        bars(rows, finding) if rows else "",
        ["Outcome", "Requests"],
        [[row.label, row.shown] for row in rows],
    )


def _places(numbers: Numbers) -> list[str]:
    return [day(period.begins) for period in numbers.periods]


def _begins(numbers: Numbers) -> str:
    return "Week from" if numbers.range.step == WEEK else "Day"


def _named(numbers: Numbers, period: Period) -> str:
    is_running = period is numbers.periods[-1]
    return f"{day(period.begins)} {period.begins.year}{', so far' if is_running else ''}"


def _percent(number: int, total: int) -> str:
    share = number * 100 / total
    return "under 1 %" if share < 1 else f"{round(share)} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
