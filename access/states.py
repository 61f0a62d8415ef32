"""The words of an access request: statuses, verbs, who may move what to where, and what the Hub has to be told.

The tables are `product.md` §3, "Access request status" and "Both sides". Pure: no Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from repos import rules as repo_rules

NONE = "none"
PENDING = "pending"
ACCEPTED = "accepted"
REJECTED = "rejected"
RESET = "reset"
WITHDRAWN = "withdrawn"

OURS = (PENDING, ACCEPTED, REJECTED, RESET, WITHDRAWN)
THEIRS = (NONE, PENDING, ACCEPTED, REJECTED, RESET)
HUB_LISTS = (PENDING, ACCEPTED, REJECTED, RESET)
OPEN = frozenset({PENDING})
DECIDED = frozenset({ACCEPTED, REJECTED, RESET})

ASK = "ask"
WITHDRAW = "withdraw"
ACCEPT = "accept"
GRANT = "grant"
REJECT = "reject"
RESET_VERB = "reset"
PUT_BACK = "put_back"

PUSH = "access.push"  # the outbox kind of a decision on its way to the Hub; its key is the request's id
BULK = "access.bulk"  # the outbox kind of a bulk decision that waits to be carried out; its key is its id

GATE = repo_rules.GATE  # the outbox kind of a gate as its release plan has it; its key is the repository's id

REVIEWER_VERBS = (ACCEPT, REJECT, RESET_VERB, PUT_BACK)

MOVES: dict[tuple[str, str], str] = {
    (ASK, NONE): PENDING,
    (ASK, RESET): PENDING,
    (ASK, WITHDRAWN): PENDING,
    (WITHDRAW, PENDING): WITHDRAWN,
    (ACCEPT, PENDING): ACCEPTED,
    (ACCEPT, REJECTED): ACCEPTED,
    (ACCEPT, RESET): ACCEPTED,
    (GRANT, NONE): ACCEPTED,
    (GRANT, WITHDRAWN): ACCEPTED,
    (REJECT, PENDING): REJECTED,
    (REJECT, ACCEPTED): REJECTED,
    (REJECT, RESET): REJECTED,
    (RESET_VERB, PENDING): RESET,
    (RESET_VERB, ACCEPTED): RESET,
    (RESET_VERB, REJECTED): RESET,
    (PUT_BACK, ACCEPTED): PENDING,
    (PUT_BACK, REJECTED): PENDING,
    (PUT_BACK, RESET): PENDING,
}


def next_status(verb: str, status: str) -> str | None:
    """Where `verb` leads from `status`; None where that move does not exist."""
    return MOVES.get((verb, status))


def as_ours(theirs: str) -> str:
    """The status of ours that follows the Hub's word: a row that is gone there is withdrawn here."""
    return WITHDRAWN if theirs == NONE else theirs


def verb_between(before: str, after: str) -> str | None:
    """The decision of a reviewer that leads from one status to another; None where there is none."""
    verbs = (*REVIEWER_VERBS, GRANT)
    return next((verb for verb in verbs if MOVES.get((verb, before)) == after), None)


@dataclass(frozen=True)
class Push:
    """What the Hub is told: `grant` (no row there yet) or a status through `handle` or `batch`."""

    action: str
    status: str


def wanted_push(ours: str, theirs: str, *, asked_on_hub: bool) -> Push | None:
    """What has to be pushed so that the Hub agrees, or None where it does or nothing can be told it."""
    return _PUSHES[(ours, theirs)] if ours != PENDING else _pending_push(theirs, asked_on_hub)


def _pending_push(theirs: str, asked_on_hub: bool) -> Push | None:
    if theirs in (ACCEPTED, REJECTED) or (theirs == RESET and asked_on_hub):
        return Push("status", PENDING)
    return None


_PUSHES: dict[tuple[str, str], Push | None] = {
    (ACCEPTED, NONE): Push("grant", ACCEPTED),
    (ACCEPTED, PENDING): Push("status", ACCEPTED),
    (ACCEPTED, ACCEPTED): None,
    (ACCEPTED, REJECTED): Push("status", ACCEPTED),
    (ACCEPTED, RESET): Push("status", ACCEPTED),
    (REJECTED, NONE): None,
    (REJECTED, PENDING): Push("status", REJECTED),
    (REJECTED, ACCEPTED): Push("status", REJECTED),
    (REJECTED, REJECTED): None,
    (REJECTED, RESET): Push("status", REJECTED),
    (RESET, NONE): None,
    (RESET, PENDING): Push("status", RESET),
    (RESET, ACCEPTED): Push("status", RESET),
    (RESET, REJECTED): Push("status", RESET),
    (RESET, RESET): None,
    (WITHDRAWN, NONE): None,
    (WITHDRAWN, PENDING): Push("status", RESET),
    (WITHDRAWN, ACCEPTED): Push("status", RESET),
    (WITHDRAWN, REJECTED): None,
    (WITHDRAWN, RESET): None,
}
