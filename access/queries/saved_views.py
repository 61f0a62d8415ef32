"""The lists that a person saved."""

from __future__ import annotations

from access.models import SavedView
from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError


def saved_views(actor: Actor) -> list[SavedView]:
    """The actor's own saved views, by name."""
    if actor.user_id is None:
        return []
    return sorted(SavedView.objects.filter(user_id=actor.user_id), key=lambda view: view.name.lower())


def get_view(actor: Actor, view_id: int) -> SavedView:
    """One of the actor's saved views. NotFoundOrHiddenError for others' and unknown ones alike."""
    found = SavedView.objects.filter(pk=view_id, user_id=actor.user_id).first() if actor.user_id else None
    if found is None:
        raise NotFoundOrHiddenError("There is no such view, or it is not yours.")
    return found
