"""The tick of digests."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from hubgate.notify import digests

logger = logging.getLogger(__name__)


@shared_task(name="hubgate.notify.tasks.fix_digests")
def fix_digests() -> None:
    """Make the digests that are due."""
    now = timezone.now()
    for user_id in digests.readers_due(now=now):
        try:
            digests.fix(user_id=user_id, now=now)
        except Exception:  # one person's digest keeps nobody else's from leaving; it is due at the next tick still
            logger.exception("The digest of account %s could not be made", user_id)
