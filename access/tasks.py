"""The ticks over access requests: the mirror, and what ends by its date."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import BoundedSemaphore

from celery import shared_task
from django.utils import timezone

from access import actions, handlers
from hubgate.outbox import registry, worker

# Reading may take half of a process's threads, and gives them back after a few seconds: people's pushes come between.
_readers = BoundedSemaphore(2)
_LONGEST_S = 4.0
_STEP_ASIDE_S = 1.0
_MOST_WITHIN = 2  # walks that wait, one within the other, for a short one


@shared_task(name="access.tasks.sweep_previews")
def sweep_previews() -> None:
    """Forget bulk decisions that nobody confirmed."""
    actions.sweep_previews(now=timezone.now())


@shared_task(name="access.tasks.open_stages")
def open_stages() -> None:
    """Open the stages whose date has come, then let in who waits for a stage that lets people in by itself."""
    for repository_id in actions.release.due_plans(now=timezone.now()):
        while actions.release.open_due(repository_id=repository_id, now=timezone.now()):
            pass
    for repository_id in actions.release.letting_in():
        actions.release.let_in(repository_id=repository_id)


@shared_task(name="access.tasks.end_access")
def end_access() -> None:
    """Remind those whose access ends soon, and reset those whose access has ended, for a few seconds."""
    until = time.monotonic() + _LONGEST_S
    while time.monotonic() < until and actions.remind(now=timezone.now()) == actions.AT_ONCE:
        pass
    while time.monotonic() < until and actions.end_access(now=timezone.now()) == actions.AT_ONCE:
        pass


@shared_task(name="access.tasks.mirror_due")
def mirror_due() -> None:
    """Read the requests of the repositories that are due, for a few seconds; the next tick goes on. A list of a million
    rows is read to its end in one go, but steps aside between its pages."""
    if not _readers.acquire(blocking=False):
        return
    try:
        actions.ensure_mirrors()
        _read_until(time.monotonic() + _LONGEST_S, within=0)
    finally:
        _readers.release()


def _read_until(ends: float, *, within: int) -> None:
    while time.monotonic() < ends:
        mirror = actions.claim_mirror(now=timezone.now(), short=within > 0)
        if mirror is None:
            return
        handlers.read_due(mirror, between_pages=_stepping_aside(within))


def _stepping_aside(within: int) -> Callable[[], None]:
    """What a walk does between two pages, once a second: this worker's other work goes first. Decisions and mails that
    are due, then, every few seconds, repositories that take a few calls only."""
    began = [time.monotonic()] * 2

    def step_aside() -> None:
        now = time.monotonic()
        if now < began[0] + _STEP_ASIDE_S:
            return
        for kind in registry.names():
            worker.drain(kind)
        if now >= began[1] + _LONGEST_S and within < _MOST_WITHIN:
            _read_until(time.monotonic() + _LONGEST_S / 2, within=within + 1)
            began[1] = time.monotonic()
        began[0] = time.monotonic()

    return step_aside
