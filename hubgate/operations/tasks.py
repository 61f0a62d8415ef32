"""The tick that proves the way from beat over the broker to a worker."""

from __future__ import annotations

from celery import shared_task

from hubgate.operations import actions


@shared_task(name="hubgate.operations.tasks.tick")
def tick() -> None:
    """Say that ticks arrive, and forget processes that have been silent for a day."""
    actions.record_tick()
    actions.forget_silent()
