"""The mirror's tick over access requests."""

from __future__ import annotations

import time
from threading import BoundedSemaphore

from celery import shared_task
from django.utils import timezone

from access import actions, handlers

# Reading may take half of a process's threads, and gives them back after a few seconds: people's pushes come between.
_readers = BoundedSemaphore(2)
_LONGEST_S = 4.0


@shared_task(name="access.tasks.sweep_previews")
def sweep_previews() -> None:
    """Forget bulk decisions that nobody confirmed."""
    actions.sweep_previews(now=timezone.now())


@shared_task(name="access.tasks.mirror_due")
def mirror_due() -> None:
    """Read the requests of the repositories that are due, for a few seconds; the next tick goes on."""
    if not _readers.acquire(blocking=False):
        return
    try:
        actions.ensure_mirrors()
        began = time.monotonic()
        while time.monotonic() < began + _LONGEST_S:
            mirror = actions.claim_mirror(now=timezone.now())
            if mirror is None:
                return
            handlers.read_due(mirror)
    finally:
        _readers.release()
