"""Who does something: a person, the service itself, or the Hub."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """`kind` is `user`, `system` or `hub`. For a user, `user_id` is the account and `hub_id` the person on the Hub
    (None for a purely local account); `label` is the name that the audit trail keeps."""

    kind: str
    label: str
    user_id: int | None = None
    hub_id: str | None = None
    is_operator: bool = field(default=False)


SYSTEM = Actor(kind="system", label="hubgate")
HUB = Actor(kind="hub", label="the Hub")
ANONYMOUS = Actor(kind="anonymous", label="somebody")
