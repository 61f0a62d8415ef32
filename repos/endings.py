"""What an app above does, in the same transaction, when somebody's role ends."""

from __future__ import annotations

from collections.abc import Callable

from hubgate.actors import Actor
from repos.models import Role

# Who ended it, and the role that has just ended.
Ended = Callable[[Actor, Role], None]
_listeners: list[Ended] = []


def register(listener: Ended) -> None:
    """Called from an app's `ready()`."""
    _listeners.append(listener)


def tell(actor: Actor, role: Role) -> None:
    """Have everybody who registered do their part."""
    for listener in _listeners:
        listener(actor, role)
