"""G21: the embedded set-up: a first sync into SQLite, and eight people who decide at once while its worker pushes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.cases.decide import await_decided
from benchmarks.cases.sync import expected
from benchmarks.cluster import answers, free_port, run
from benchmarks.gen import PASSWORD, STATUSES, Dataset
from benchmarks.measure import Result, Row, percentile, require
from benchmarks.site import Visitor

_WRITERS = 8
_MOST_ROWS = 100_000
_LOCKED = "database is locked"


def measure(bench: Bench) -> Result:
    """The floor and hubgate in turn, each into a new file; then the writers on the last file."""
    rows = min(bench.rows, _MOST_ROWS)
    floor: list[float] = []
    first: list[float] = []
    again: list[float] = []
    with bench.cluster.fake_hub(bench.pages(rows)) as hub_url:
        connected = _connected(bench, rows, hub_url)
        folder = bench.cluster.folder / "sqlite"
        for number in range(bench.runs):
            bench.say(f"sqlite, run {number + 1} of {bench.runs}")
            done = _floor(bench, rows)
            require(done["rows"] == rows, f"the floor took {done['rows']} rows")
            floor.append(rows / done["seconds"])
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(connected, folder)
            env = bench.cluster.embedded(folder, hub_url)
            first.append(rows / bench.product_in(env, "round", rows, kind="full")["seconds"])
            check(folder, Dataset(rows))
            again.append(rows / bench.product_in(env, "round", rows, kind="full")["seconds"])
            check(folder, Dataset(rows))
        locked, seconds, decided = _decide(bench, folder, hub_url)
    shutil.rmtree(folder)
    return Result(
        "sqlite",
        [
            Row("G21", f"first sync, {rows:,} rows, against an upsert into a bare table", "rows/s", first, floor,
                "sqlite3 upsert", at_least=0.60),
            Row("", "round without changes", "rows/s", again),
            Row("G21", f"lock errors, {_WRITERS} people deciding at once", "errors", [locked], at_most=0, counted=True,
                note=f"{decided} decisions"),
            Row("", f"click to answer with {_WRITERS} people at once, p99", "ms", [percentile(seconds, 0.99) * 1000]),
        ],
        checks=["rows per status", "every decision at the Hub exactly once"],
    )  # fmt: skip


def _connected(bench: Bench, rows: int, hub_url: str) -> Path:
    folder = bench.cluster.folder / "sqlite-connected"
    folder.mkdir(exist_ok=True)
    env = bench.cluster.embedded(folder, hub_url)
    if not (folder / "hubgate.sqlite3").exists():
        run([sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"], env)
        bench.product_in(env, "prepare", rows)
        _sql(folder, "UPDATE outbox_outboxitem SET done = wanted")
        bench.product_in(env, "repositories", rows)
    return folder


def _floor(bench: Bench, rows: int) -> dict[str, Any]:
    file = bench.cluster.folder / "floor.sqlite3"
    for path in bench.cluster.folder.glob("floor.sqlite3*"):
        path.unlink()
    options = ["--pages", str(bench.pages(rows)), "--file", str(file)]
    line = [sys.executable, "-m", "benchmarks.floors.sqlite_upsert", *options]
    found: dict[str, Any] = json.loads(run(line, bench.cluster.embedded(bench.cluster.folder, "")))
    return found


def check(folder: Path, dataset: Dataset) -> None:
    """The file holds what the Hub has, by status."""
    held = dict(_sql(folder, "SELECT status, count(*) FROM access_accessrequest GROUP BY 1"))
    due = {status: sum(counts[status] for counts in expected(dataset).values()) for status in STATUSES}
    require(held == {status: number for status, number in due.items() if number}, f"held {held}, the Hub has {due}")


def _decide(bench: Bench, folder: Path, hub_url: str) -> tuple[int, list[float], int]:
    """Eight people accept different requests as fast as they can. Gives lock errors, seconds to each answer, and how
    many were accepted."""
    each = 5 if bench.quick else 50
    waiting = _sql(
        folder,
        "SELECT request.id, person.hub_id FROM access_accessrequest request"
        " JOIN accounts_hubidentity person ON person.id = request.person_id WHERE request.status = 'pending'"
        f" GROUP BY person.hub_id LIMIT {each * _WRITERS}",
    )
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:hubgate.gunicorn_embedded"]
    command += ["--bind", f"127.0.0.1:{port}", "hubgate.wsgi:application"]
    env = bench.cluster.embedded(folder, hub_url)
    web = bench.cluster.start("embedded", command, env, ready=lambda: answers(port, "/accounts/login/"))
    try:
        writers = [_Writer(port, waiting[number::_WRITERS]) for number in range(_WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        problems = [problem for writer in writers for problem in writer.problems]
        locked = web.output().count(_LOCKED)
        require(not problems or locked, f"decisions failed: {problems[:3]}")
        if not problems:
            await_decided(hub_url, {hub_id for _, hub_id in waiting}, within_s=120)
            locked = web.output().count(_LOCKED)
    finally:
        bench.cluster.stop(web)
    return locked, [second for writer in writers for second in writer.seconds], len(waiting) - len(problems)


class _Writer(threading.Thread):
    """One person, who accepts one request after the other."""

    def __init__(self, port: int, requests: list[tuple[int, str]]) -> None:
        super().__init__(daemon=True)
        self.seconds: list[float] = []
        self.problems: list[str] = []
        self._visitor = Visitor(port, "whole", PASSWORD)
        self._requests = requests

    def run(self) -> None:
        """Accept all of them."""
        for pk, _ in self._requests:
            answer = self._visitor.accept(pk)
            self.seconds.append(answer.seconds)
            if answer.status not in (200, 302):
                self.problems.append(f"request {pk}: {answer.status}")
        self._visitor.close()


def _sql(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "hubgate.sqlite3", timeout=20)
    try:
        with connection:
            return connection.execute(statement).fetchall()
    finally:
        connection.close()
