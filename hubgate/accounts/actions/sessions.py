"""Sessions of an account: the browsers in which it is open."""

from __future__ import annotations

from hubgate.accounts import queries
from hubgate.actors import Actor


def end_session(*, actor: Actor, session_id: int) -> None:
    """End one of the actor's sessions: its next page asks for the sign-in. NotFoundOrHiddenError for others and unknown
    ones alike."""
    queries.get_session(actor, session_id).end()
