"""The tick of digests."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from hubgate.notify import digests


@shared_task(name="hubgate.notify.tasks.fix_digests")
def fix_digests() -> None:
    """Make the digests that are due."""
    now = timezone.now()
    for user_id in digests.readers_due(now=now):
        digests.fix(user_id=user_id, now=now)
