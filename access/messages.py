"""What the pages say after an act and in short lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from access import rules, states

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


def not_decided(code: rules.Refusal, *, status: str, who: str, when: str, repository: str, namespace: str) -> str:
    """Why one request of a bulk decision was left alone: `status` is what it is, set by `who` at `when` (as told)."""
    match code:
        case rules.Refusal.NO_RIGHT:
            return f"You do not decide for {repository}."
        case rules.Refusal.READING_ONLY:
            return rules.reading_only(namespace)
        case rules.Refusal.DECIDED_MEANWHILE:
            return f"It is {status} now: {who} decided{', ' + when if when else ''}."
        case rules.Refusal.NO_MOVE:
            return f"It is {status}: that decision does not apply to it."


BULK_VERBS = {
    states.ACCEPT: ("Accept", "accepted"),
    states.REJECT: ("Reject", "rejected"),
    states.RESET_VERB: ("Reset", "reset"),
    states.PUT_BACK: ("Put back", "put back"),
}


def requests(number: int) -> str:
    """`1 request`, `1,200 requests`."""
    return "1 request" if number == 1 else f"{number:,} requests"


def title_of_bulk(verb: str, number: int) -> str:
    """A bulk decision by what it does: `Accept 300 requests`."""
    return f"{BULK_VERBS[verb][0]} {requests(number)}"


def consequence(verb: str, will: int, lose_access: int) -> str:
    """What a bulk decision means to the people, before it is taken."""
    people = "1 person" if will == 1 else f"{will:,} people"
    losers = "1 person loses" if lose_access == 1 else f"{lose_access:,} people lose"
    lost = f" {losers} access." if lose_access else ""
    match verb:
        case states.ACCEPT:
            return (
                f"{people} {'gets' if will == 1 else 'get'} access on the Hub and {'is' if will == 1 else 'are'} told."
            )
        case states.REJECT:
            return f"{people} {'gets' if will == 1 else 'get'} the reason.{lost} They cannot ask again by themselves."
        case states.RESET_VERB:
            return f"{people} {'gets' if will == 1 else 'get'} the reason and may ask again.{lost}"
        case _:
            return f"{requests(will)} {'waits' if will == 1 else 'wait'} again.{lost}"


def duration(seconds: int) -> str:
    """`about 40 s`, `about 3 min`."""
    return f"about {max(1, seconds)} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def left_out(code: rules.Refusal, status: str, number: int) -> str:
    """Why so many requests will be left alone, in the preview of a bulk decision."""
    are = "is" if number == 1 else "are"
    match code:
        case rules.Refusal.NO_RIGHT:
            return f"{number:,} {are} no longer yours to decide"
        case rules.Refusal.READING_ONLY:
            return f"{number:,} {are} in a namespace that hubgate only reads"
        case rules.Refusal.DECIDED_MEANWHILE:
            return f"{number:,} {'was' if number == 1 else 'were'} decided meanwhile and {are} {status} now"
        case rules.Refusal.NO_MOVE:
            return f"{number:,} {are} {status}, to which that decision does not apply"


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
