"""Whether a person may download now, with a reason code that never changes and a sentence. Pure.

Said of the account: whether a token of theirs may is the token's business (field report 57)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access import ends, states

CODES = (
    "not-gated", "member", "accepted", "not-on-hub-yet", "pending", "rejected", "reset", "expired", "withdrawn",
    "no-request", "private", "disabled", "missing",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known of a repository and a person: `role` is theirs in its namespace (empty: none is known), `status`
    that of their request (`none`: there is none)."""

    repository: str
    is_open: bool
    private: bool
    disabled: bool
    missing: bool
    user: str
    role: str
    status: str
    cause: str
    hub_status: str
    ends_at: datetime | None


@dataclass(frozen=True)
class Answer:
    """Whether they may, one of `CODES`, and what to say and do about it."""

    allowed: bool
    code: str
    sentence: str


def answer(facts: Facts, now: datetime) -> Answer:
    """What holds now; what shuts everybody out first, then what lets people in without a request."""
    if facts.missing:
        return Answer(False, "missing", f"The Hub no longer lists {facts.repository}.")
    if facts.disabled:
        return Answer(False, "disabled", f"The Hub has disabled {facts.repository}.")
    if facts.role:
        return Answer(
            True,
            "member",
            f"{facts.user} belongs to the namespace ({facts.role}). If its members are gated too, which hubgate cannot "
            "read, only its admins get in without asking.",
        )
    if facts.private:
        return Answer(False, "private", f"{facts.repository} is private: only members of its namespace see it.")
    if facts.is_open:
        return Answer(True, "not-gated", f"{facts.repository} has no gate: anybody may download it.")
    return _of_request(facts, now)


def _of_request(facts: Facts, now: datetime) -> Answer:
    who, what = facts.user, facts.repository
    if facts.status == states.ACCEPTED:
        if ends.has_ended(facts.status, facts.ends_at, now) and facts.ends_at is not None:
            return _ended(f"The access of {who} ended on {ends.day_of(facts.ends_at)}.")
        if facts.hub_status != states.ACCEPTED:
            return Answer(
                False, "not-on-hub-yet", f"{who} is accepted, and the Hub does not say so yet. Try again soon."
            )
        until = f" until {ends.day_of(facts.ends_at)} (UTC)" if facts.ends_at else ""
        return Answer(
            True,
            "accepted",
            f"{who} has access{until}. A fine-grained token also needs the box for public gated repositories ticked.",
        )
    if facts.status == states.RESET and facts.cause == "expiry":
        return _ended(f"The access of {who} has ended.")
    sentences = {
        states.PENDING: f"The request of {who} waits for a decision.",
        states.REJECTED: f"The request of {who} was rejected.",
        states.RESET: f"The request of {who} was reset: they may ask again on the Hub.",
        states.WITHDRAWN: f"{who} withdrew the request, and may ask again on the Hub.",
        states.NONE: f"{who} has not asked for {what}. They may ask on the Hub.",
    }
    code = "no-request" if facts.status == states.NONE else facts.status
    return Answer(False, code, sentences[facts.status])


def _ended(sentence: str) -> Answer:
    return Answer(False, "expired", f"{sentence} They may ask again on the Hub.")
