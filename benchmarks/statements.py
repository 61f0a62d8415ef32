"""The statements that a database ran, with their durations, as PostgreSQL itself logs them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.cluster import Cluster

_LINE = re.compile(r"^(\S+) LOG:  duration: ([\d.]+) ms  statement: (.*)$")


@dataclass(frozen=True)
class Statement:
    """One statement and how many milliseconds PostgreSQL took to parse, plan and run it."""

    text: str
    ms: float


class StatementLog:
    """Reads what a database logs. Sessions that began before `logged` are not in it."""

    def __init__(self, cluster: Cluster, database: str) -> None:
        self._cluster = cluster
        self._database = database
        self._place = 0
        self._marks = 0

    def begin(self) -> None:
        """Forget what was run up to now."""
        self.take()

    def take(self) -> list[Statement]:
        """What was run since the last call."""
        self._marks += 1
        mark = f"mark {self._marks} of {id(self)}"
        # A statement is logged after its answer left: one of ours behind it, and read until that is there.
        self._cluster.sql(self._database, f"SELECT '{mark}'")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with self._cluster.postgres_log().open("rb") as log:
                log.seek(self._place)
                text = log.read()
            if mark.encode() in text and text.endswith(b"\n"):
                self._place += len(text)
                return [found for found in self._parse(text.decode("utf-8", "replace")) if mark not in found.text]
            time.sleep(0.01)
        raise RuntimeError("PostgreSQL logs no statements.")

    def _parse(self, text: str) -> Iterator[Statement]:
        held: tuple[str, float] | None = None
        for line in text.splitlines():
            if line.startswith("\t") and held is not None:
                held = (f"{held[0]} {line.strip()}", held[1])
                continue
            if held is not None:
                yield Statement(*held)
            found = _LINE.match(line)
            held = (found[3], float(found[2])) if found is not None and found[1] == self._database else None
        if held is not None:
            yield Statement(*held)


@contextmanager
def logged(cluster: Cluster, database: str) -> Iterator[StatementLog]:
    """Inside the block, new sessions of the database log every statement."""
    cluster.sql("postgres", f"ALTER DATABASE {database} SET log_min_duration_statement = 0")
    try:
        log = StatementLog(cluster, database)
        log.begin()
        yield log
    finally:
        cluster.sql("postgres", f"ALTER DATABASE {database} RESET log_min_duration_statement")
