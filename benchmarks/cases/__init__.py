"""hubgate itself, measured through its own doors: pages over HTTP, the mirror's ticks, workers as in production."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.bench import Bench
from benchmarks.cases import sync
from benchmarks.measure import Result

CASES: dict[str, Callable[[Bench], Result]] = {
    "sync": sync.measure,
}
