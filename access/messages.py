"""What the pages say after an act and in short lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from access import states

DONE = {
    states.ACCEPT: "Accepted. {name} gets access on the Hub next, and is told.",
    states.REJECT: "Rejected. {name} gets the reason.",
    states.RESET_VERB: "Reset. {name} gets the reason and may ask again.",
    states.PUT_BACK: "Put back to pending. {name} has no access until you decide again.",
    states.GRANT: "Let in. {name} gets access on the Hub next.",
}
WORDS = {
    states.PENDING: "waiting",
    states.ACCEPTED: "accepted",
    states.REJECTED: "rejected",
    states.RESET: "reset",
    states.WITHDRAWN: "withdrawn",
}
STALE = timedelta(minutes=10)


def done(verb: str, name: str) -> str:
    """The line after a decision on somebody's request."""
    return DONE[verb].format(name=name)


def outcomes(counts: Mapping[str, int]) -> str:
    """`{"accepted": 2, "rejected": 1}` → "2 accepted, 1 rejected"; accepted and rejected are always told, once there is
    anything."""
    if not counts:
        return ""
    always = (states.ACCEPTED, states.REJECTED)
    others = (states.RESET, states.PENDING, states.WITHDRAWN)
    shown = [*always, *(status for status in others if counts.get(status, 0))]
    return ", ".join(f"{counts.get(status, 0)} {WORDS[status]}" for status in shown)


def same_domain(domain: str, counts: Mapping[str, int]) -> str:
    """How others from the same institution fared; empty without any."""
    told = [f"{number} {WORDS[status]}" for status, number in sorted(counts.items()) if number]
    return f"others from {domain}: {', '.join(told)}" if told else ""


def in_step(read_at: datetime, now: datetime, waiting: int) -> tuple[str, bool]:
    """The line about the Hub at the foot of the navigation, and whether all is well: `read_at` is the last reading,
    `waiting` how many decisions are on their way."""
    seconds = max(0, int((now - read_at).total_seconds()))
    if seconds < 60:
        age = f"{seconds} s"
    elif seconds < 3600:
        age = f"{seconds // 60} min"
    elif seconds < 86400:
        age = f"{seconds // 3600} h"
    else:
        age = f"{seconds // 86400} d"
    if now - read_at > STALE:
        return f"Hub last read {age} ago", False
    if waiting:
        return f"{waiting} on the way to the Hub", True
    return f"Hub in step, {age} ago", True


def still_waiting(gate: str, waiting: int) -> str:
    """What an author has to know about requests that wait behind a gate that no longer asks anybody to decide; empty
    where there is nothing to know. The Hub accepts nobody by itself who asked before (HC §1.3)."""
    if not waiting or gate not in ("auto", "open"):
        return ""
    still = "1 request still waits" if waiting == 1 else f"{waiting:,} requests still wait"
    if gate == "auto":
        return (
            f"{still}: an automatic gate lets in those who ask from now on, not those who asked before. Decide on them."
        )
    return f"{still}, although anybody can download now. They come back into force when the gate does."


def waiting_in_all(number: int, oldest: datetime | None, *, now: datetime) -> str:
    """How many requests of a repository wait, and the oldest for how long."""
    if not number or oldest is None:
        return "No request waits."
    days = max(0, (now - oldest).days)
    age = "less than a day" if days == 0 else f"{days} day{'s' if days > 1 else ''}"
    if number == 1:
        return f"1 request waits in all, for {age}."
    return f"{number:,} requests wait in all, the oldest for {age}."
