"""The tick over kept answers."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from hubgate.accounts import actions


@shared_task(name="hubgate.accounts.tasks.sweep_answers")
def sweep_answers() -> None:
    """Forget answers that were kept for repeated calls and are a day old."""
    actions.sweep_answers(now=timezone.now())
