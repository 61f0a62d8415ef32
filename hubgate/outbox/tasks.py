"""Celery's way into the outbox."""

from __future__ import annotations

from celery import shared_task

from hubgate.outbox import registry, worker


@shared_task(name="hubgate.outbox.tasks.drain")
def drain(kind: str | None = None) -> None:
    """Carry out what is due, of one kind after a nudge or of all kinds on the sweep."""
    for name in [kind] if kind else registry.names():
        worker.drain(name)


def nudge(kind: str) -> None:
    """Ask a worker to look now. A courtesy: the sweep comes anyway."""
    drain.delay(kind)
