"""When something is late, silent or too old. Pure; seconds. `docs/operations.md` names these as thresholds."""

from __future__ import annotations

from datetime import datetime, timedelta

BEAT_EVERY_S = 10.0
SILENT_AFTER_S = 35.0  # three beats missed, and some
FORGOTTEN_AFTER_S = 24 * 3600.0
OVERDUE_AFTER_S = 60.0  # work that is due is taken up within seconds
OLD_ROUND_FACTOR = 3  # a round over a namespace that is this many times its interval ago


def is_alive(seen_at: datetime, now: datetime) -> bool:
    """Whether a process that was last heard of then is taken to live."""
    return now - seen_at <= timedelta(seconds=SILENT_AFTER_S)


def is_old(mirrored_at: datetime | None, now: datetime, every_s: float) -> bool:
    """Whether the last whole round over a namespace, due every `every_s` seconds, is too long ago."""
    longest = max(OLD_ROUND_FACTOR * every_s, 120.0)
    return mirrored_at is None or now - mirrored_at > timedelta(seconds=longest)


def size_words(size: int) -> str:
    """Bytes for people: `12.4 MB`."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes all")
