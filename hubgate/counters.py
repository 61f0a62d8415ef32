"""Counts of what this process did, until they are added to those of all processes (`hubgate.operations.pulse`).

Pure: no Django. Names and labels are few and fixed, never of people: each pair is a row that is kept."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Mapping

Key = tuple[str, tuple[tuple[str, str], ...]]

_lock = threading.Lock()
_counts: defaultdict[Key, float] = defaultdict(float)


def add(name: str, amount: float = 1, **labels: str) -> None:
    """Count something up. `labels` say of which sort it was."""
    key = (name, tuple(sorted(labels.items())))
    with _lock:
        _counts[key] += amount


def observe(name: str, seconds: float, bounds: tuple[float, ...], **labels: str) -> None:
    """Count a duration: into the first of the `bounds` (seconds, rising) that is not below it, and into the sum."""
    within = next((f"{bound:g}" for bound in bounds if seconds <= bound), "+Inf")
    add(f"{name}_bucket", 1, le=within, **labels)
    add(f"{name}_sum", seconds, **labels)


def take() -> dict[Key, float]:
    """What was counted since the last call; the counts begin anew."""
    with _lock:
        taken = dict(_counts)
        _counts.clear()
    return taken


def put_back(taken: Mapping[Key, float]) -> None:
    """Count again what was taken and could not be written down."""
    with _lock:
        for key, amount in taken.items():
            _counts[key] += amount


def _begin_anew() -> None:
    """A forked child has done nothing yet; its parent counts for itself."""
    global _lock
    _lock = threading.Lock()
    _counts.clear()


os.register_at_fork(after_in_child=_begin_anew)
