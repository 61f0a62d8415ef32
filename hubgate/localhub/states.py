"""The state machine of an access request as the live Hub was seen to work (HC §1.3). Pure."""

from __future__ import annotations

from typing import Final, Literal

Status = Literal["pending", "accepted", "rejected", "reset"]
STATUSES: Final[tuple[Status, ...]] = ("pending", "accepted", "rejected", "reset")

# A move to the status that a request already has, or of a request that is not there, is the same 404 on the Hub.
HANDLE: Final[dict[Status, frozenset[Status]]] = {
    "pending": frozenset(("accepted", "rejected", "reset")),
    "accepted": frozenset(("pending", "rejected", "reset")),
    "rejected": frozenset(("pending", "accepted", "reset")),
    "reset": frozenset(("pending", "accepted", "rejected")),
}


def may_handle(current: str | None, target: str) -> bool:
    """Whether `handle` moves a request from `current` (None: no request) to `target`."""
    return current is not None and target in HANDLE.get(current, ())  # type: ignore[call-overload]


def after_asking(current: str | None, gate: str) -> str | None:
    """The status that asking for access leads to, or None when asking changes nothing.

    A rejected person's new question is answered like a success and ignored; only `reset` lets somebody ask anew.
    """
    if current in (None, "reset"):
        return "accepted" if gate == "auto" else "pending"
    return None


def may_cancel(current: str | None) -> bool:
    """Whether the requester may withdraw: only while the request waits."""
    return current == "pending"


def may_grant(current: str | None) -> bool:
    """Whether `grant` lets a person in: from every state but accepted."""
    return current != "accepted"
