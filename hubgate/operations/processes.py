"""Which process beats as what: Celery's say it themselves, gunicorn's in their configuration files."""

from __future__ import annotations

import atexit
from typing import Any

from celery import signals

from hubgate.operations.pulse import Pulse

_pulse: Pulse | None = None


def begin(kind: str) -> None:
    """Let this process beat until `end`; once."""
    global _pulse
    if _pulse is None:
        _pulse = Pulse(kind)
        _pulse.start()
        # Beat says nothing when it ends. Children of a worker end past this, and tell us otherwise.
        atexit.register(end)


def end() -> None:
    """Stop beating: the process ends in order."""
    global _pulse
    if _pulse is not None:
        _pulse.stop()
        _pulse = None


@signals.worker_ready.connect
def _worker_ready(**_: Any) -> None:
    begin("worker")


@signals.worker_shutdown.connect
def _worker_shutdown(**_: Any) -> None:
    end()


@signals.worker_process_init.connect
def _child_begins(**_: Any) -> None:
    """A child of the worker counts for itself; the parent's thread did not come along."""
    global _pulse
    _pulse = None
    begin("")


@signals.worker_process_shutdown.connect
def _child_ends(**_: Any) -> None:
    end()


@signals.beat_init.connect
def _beat_begins(**_: Any) -> None:
    begin("beat")
