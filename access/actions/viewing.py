"""Who has a request open just now."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from access import rights, rules
from access.models import Viewing
from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError


def record_viewing(*, actor: Actor, request_id: int, deciding: bool) -> None:
    """Take note that the actor has a request open now, and whether they are writing a reason; who has not been seen for
    `rules.VIEWING` is forgotten. NotFoundOrHiddenError where the actor does not decide it."""
    now = timezone.now()
    if actor.user_id is None or not rights.visible_to(actor).filter(pk=request_id).exists():
        raise NotFoundOrHiddenError("There is no such request, or it is not yours to decide.")
    with transaction.atomic(durable=True):
        past = Viewing.objects.filter(seen_at__lt=now - rules.VIEWING).exclude(
            request_id=request_id, user_id=actor.user_id
        )
        # What others hold they forget themselves, or are about to renew.
        free = list(past.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Viewing.objects.filter(pk__in=free).delete()
        Viewing.objects.bulk_create(
            [Viewing(request_id=request_id, user_id=actor.user_id, deciding=deciding, seen_at=now)],
            update_conflicts=True,
            unique_fields=["request", "user"],
            update_fields=["deciding", "seen_at"],
        )
