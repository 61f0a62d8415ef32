"""The local Hub's clock. The control door may move it; times go out in the Hub's form."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_offset_seconds = 0.0


def set_offset(seconds: float) -> None:
    global _offset_seconds
    _offset_seconds = seconds


def offset() -> float:
    return _offset_seconds


def now() -> str:
    """The moved time as `2026-10-05T13:57:12.345Z`."""
    return wire(datetime.fromtimestamp(time.time() + _offset_seconds, UTC))


def wire(moment: datetime) -> str:
    """An aware time in the Hub's form: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> str:
    """Brings an ISO 8601 time with a zone to the Hub's form; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it as 2026-10-05T13:57:12.345Z")
    try:
        return wire(moment)
    except OverflowError:
        raise ValueError(f"{text!r} is outside the years 1 to 9999") from None


def at(seconds: float) -> str:
    """A time in seconds since 1970 in the Hub's form."""
    return wire(datetime.fromtimestamp(seconds, UTC))


def seconds(text: str) -> float:
    """The inverse of `at`."""
    return datetime.fromisoformat(text).timestamp()
