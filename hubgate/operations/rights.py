"""Who may look at and mend the set-up."""

from __future__ import annotations

from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError


def may_operate(actor: Actor) -> bool:
    """Whether the actor runs this set-up."""
    return actor.is_operator


def require(actor: Actor) -> None:
    """Raises NotFoundOrHiddenError for anybody but an operator: that there is such a page is no news to others."""
    if not may_operate(actor):
        raise NotFoundOrHiddenError("There is nothing here.")
