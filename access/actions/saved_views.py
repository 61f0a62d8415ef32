"""Saving, renaming and removing the lists that a person looks at often. They are that person's alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from access import queries
from access.models import SavedView
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotAllowedError

MOST_VIEWS = 20
LONGEST_NAME = 80
_LONGEST_QUERY = 2000


def save_view(*, actor: Actor, name: str, query: str) -> SavedView:
    """Keep the address part of a list (without question mark) under a name. InvalidInputError with a sentence for the
    field where the name is empty, too long or taken, or where there are `MOST_VIEWS` already."""
    if actor.user_id is None:
        raise NotAllowedError("Sign in to save a view.")
    if len(query) > _LONGEST_QUERY:
        raise _refused("This list has too many filters to be saved. Remove some and save it again.")
    with _once(name):
        held = queries.saved_views(actor)
        cleaned = _clean_name(name, held)
        if len(held) >= MOST_VIEWS:
            raise _refused(f"You have {MOST_VIEWS} views, and there is no room for more. Remove one first.")
        return SavedView.objects.create(user_id=actor.user_id, name=cleaned, query=query)


def rename_view(*, actor: Actor, view_id: int, name: str) -> SavedView:
    """Give one's view another name. NotFoundOrHiddenError where it is not one's own, else as `save_view`."""
    view = queries.get_view(actor, view_id)
    with _once(name):
        view.name = _clean_name(name, [other for other in queries.saved_views(actor) if other.pk != view.pk])
        view.save(update_fields=["name"])
    return view


def remove_view(*, actor: Actor, view_id: int) -> SavedView:
    """Forget one's view. NotFoundOrHiddenError where it is not one's own."""
    view = queries.get_view(actor, view_id)
    SavedView.objects.filter(pk=view.pk).delete()
    return view


@contextmanager
def _once(name: str) -> Iterator[None]:
    """A transaction; where two take one name at the same moment, the second is told as if it had come later."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise _taken(name) from None


def _clean_name(name: str, others: list[SavedView]) -> str:
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned:
        raise _refused("Give the view a name.")
    if len(cleaned) > LONGEST_NAME:
        raise _refused(f"A name has at most {LONGEST_NAME} characters.")
    if cleaned.lower() in {other.name.lower() for other in others}:
        raise _taken(cleaned)
    return cleaned


def _taken(name: str) -> InvalidInputError:
    return _refused(f"You have a view called “{name.strip()}” already. Choose another name.")


def _refused(sentence: str) -> InvalidInputError:
    return InvalidInputError(sentence, code="bad_view", fields={"name": sentence})
