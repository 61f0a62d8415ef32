"""The writers of accounts."""

from __future__ import annotations

from django.db import transaction

from hubgate.accounts.models import User
from hubgate.actors import SYSTEM, Actor
from hubgate.errors import NotAllowedError


def create_first_operator(*, actor: Actor, username: str, password: str) -> User | None:
    """Make the account that may do everything, if no operator exists yet; None where one does.

    Only the service itself makes it: with an operator there, operators make the others.
    """
    if actor != SYSTEM:
        raise NotAllowedError("The first operator is made by hubgate itself at its first start.")
    with transaction.atomic():
        if User.objects.filter(is_superuser=True).exists():
            return None
        return User.objects.create_superuser(username=username, password=password)
