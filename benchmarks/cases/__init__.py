"""hubgate itself, measured through its own doors: pages over HTTP, the mirror's ticks, workers as in production."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.bench import Bench
from benchmarks.cases import bulk, decide, inbox, parse, push, search, sqlite, sync
from benchmarks.measure import Result

CASES: dict[str, Callable[[Bench], Result]] = {
    "parse": parse.measure,
    "sync": sync.measure,
    "inbox": inbox.measure,
    "search": search.measure,
    "bulk": bulk.measure,
    "push": push.measure,
    "decide": decide.measure,
    "sqlite": sqlite.measure,
}
