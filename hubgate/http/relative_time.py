"""How long ago, in words and in short."""

from __future__ import annotations

from datetime import UTC, datetime

_STEPS = (
    (365 * 86400, "year", "y"),
    (30 * 86400, "month", "mo"),
    (7 * 86400, "week", "wk"),
    (86400, "day", "d"),
    (3600, "hour", "h"),
    (60, "minute", "min"),
)


def relative(at: datetime, now: datetime) -> tuple[str, str]:
    """`at` seen from `now` (both aware), short and in words: ("2 h", "2 hours ago"), ("in 3 d", "in 3 days").
    Weeks begin after 14 days, months after 60, so that "9 days" stays "9 days"."""
    seconds = (now - at).total_seconds()
    ahead, span = seconds < 0, abs(seconds)
    for length, word, short in _STEPS:
        floor = length * 2 if word in {"week", "month"} else length
        if span >= floor:
            count = int(span // length)
            words = f"{count} {word}{'s' if count != 1 else ''}"
            return (f"in {count} {short}", f"in {words}") if ahead else (f"{count} {short}", f"{words} ago")
    return ("now", "just now")


def exact(at: datetime) -> str:
    """`at` in UTC, to the minute: "25 Nov 2025, 14:05 UTC"."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"
