"""The mirror's tick over access requests."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from access import actions, handlers


@shared_task(name="access.tasks.mirror_due")
def mirror_due() -> None:
    """Read the requests of every repository that is due."""
    actions.ensure_mirrors()
    while (mirror := actions.claim_mirror(now=timezone.now())) is not None:
        handlers.read_due(mirror)
