"""What a reader chooses about tagged repositories."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotAllowedError
from tagging.models import ContentPreference


def choose(*, actor: Actor, choice: str) -> None:
    """Keep an account's choice: `hide`, `warn` or `show`. InvalidInputError for any other word."""
    if actor.user_id is None:
        raise NotAllowedError("Sign in first: the choice is kept with your account.")
    if choice not in ContentPreference.Choice.values:
        raise InvalidInputError("Choose one of the three.", fields={"choice": "Choose one of the three."})
    with transaction.atomic(durable=True):
        ContentPreference.objects.update_or_create(
            user_id=actor.user_id, defaults={"choice": choice, "chosen_at": timezone.now()}
        )
