"""Who does something: a person, the service itself, or the Hub."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Actor:
    """`kind` is `user`, `system` or `hub`. For a user, `user_id` is the account and `hub_id` the person on the Hub
    (None for a purely local account); `label` is the name that the audit trail keeps. `known` holds what reads found
    out about a user, so that the parts of one page do not ask twice: it lasts as long as one web request, and what
    decides whether something may be done never looks there."""

    kind: str
    label: str
    user_id: int | None = None
    hub_id: str | None = None
    is_operator: bool = field(default=False)
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


SYSTEM = Actor(kind="system", label="hubgate")
HUB = Actor(kind="hub", label="the Hub")
ANONYMOUS = Actor(kind="anonymous", label="somebody")
