"""What the cases of one run share: servers, data sets, databases to copy from, and how often to measure."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import fakehub
from benchmarks.cluster import Cluster, Server, answers, free_port, run
from benchmarks.gen import Dataset

_SIGN_IN = "/accounts/login/"


class Bench:
    """One run over one size of data. `quick` keeps the counts of clicks and pushes small too."""

    def __init__(self, cluster: Cluster, rows: int, runs: int, *, quick: bool) -> None:
        self.cluster = cluster
        self.rows = rows
        self.runs = runs
        self.quick = quick
        self._made: dict[str, Any] = {}

    def say(self, text: str) -> None:
        """Tell whoever waits what is being done."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def pages(self, rows: int) -> Path:
        """The folder with the fake Hub's pages of a data set."""
        return self._once(f"pages_{rows}", lambda: self._render(rows))

    def prepared(self, rows: int) -> str:
        """A database with accounts and connected namespaces, that nobody is connected to. Data sets with the same
        namespaces share it."""
        name = f"prepared_{len(Dataset(rows).namespaces)}"
        return self._once(name, lambda: self._prepare(rows, name))

    def connected(self, rows: int) -> str:
        """The same with the repositories and cards read from the fake Hub: what a first sync starts from. Data sets
        with the same repositories share it."""
        name = f"connected_{len(Dataset(rows).repositories)}"
        return self._once(name, lambda: self._connect(rows, name))

    def loaded(self, rows: int) -> str:
        """A database with all requests, vacuumed and analysed."""
        return self._once(f"loaded_{rows}", lambda: self._load(rows))

    def product(
        self, database: str, command: str, rows: int, *, kind: str = "", file: str = "", **env: str
    ) -> dict[str, Any]:
        """Run a command of `benchmarks.product` on a database and give what it found."""
        return self.product_in(self.cluster.environment(database, **env), command, rows, kind=kind, file=file)

    def product_in(self, env: Mapping[str, str], command: str, rows: int, *, kind: str = "", file: str = "") -> Any:
        """The same in an environment."""
        line = [sys.executable, "-m", "benchmarks.product", command, "--rows", str(rows)]
        line += ["--kind", kind] if kind else []
        line += ["--file", file] if file else []
        return json.loads(run(line, env).splitlines()[-1])

    def floor(self, module: str, database: str, *options: str) -> dict[str, Any]:
        """Run a floor as a process of its own on a database and give what it found."""
        line = [sys.executable, "-m", f"benchmarks.floors.{module}", *options]
        found: dict[str, Any] = json.loads(run(line, self.cluster.environment(database)))
        return found

    @contextmanager
    def web(self, database: str, hub_url: str = "http://127.0.0.1:1", *, processes: int = 2) -> Iterator[int]:
        """hubgate's pages under gunicorn as in production; gives the port."""
        env = self.cluster.environment(database, hub_url)
        self.cluster.collect_static(env)
        with self.gunicorn(env, "hubgate.wsgi:application", _SIGN_IN, "--workers", str(processes)) as port:
            yield port

    @contextmanager
    def gunicorn(self, env: dict[str, str], application: str, path: str, *options: str) -> Iterator[int]:
        """A WSGI application under gunicorn, ready to answer at `path`; gives the port."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        server = self.cluster.start(
            "gunicorn", [*command, *options, application], env, ready=lambda: answers(port, path)
        )
        with self._running(server):
            yield port

    @contextmanager
    def workers(self, database: str, hub_url: str, *, concurrency: int = 2) -> Iterator[None]:
        """A Celery worker (prefork) and beat as in production, over an empty Redis."""
        import redis
        from celery import Celery

        env = self.cluster.environment(database, hub_url, HUBGATE_POLL_SECONDS="3600", HUBGATE_COMPARE_SECONDS="86400")
        with redis.Redis.from_url(env["REDIS_URL"]) as client:
            client.flushall()
        celery = [sys.executable, "-m", "celery", "-A", "hubgate.celery"]
        node = f"bench-{free_port()}@here"
        command = [*celery, "worker", "-n", node, "--pool", "prefork", "--concurrency", str(concurrency)]

        def takes_tasks() -> bool:
            with Celery("probe", broker=env["REDIS_URL"], set_as_current=False) as probe:
                return bool(probe.control.inspect(destination=[node], timeout=1).ping())

        worker = self.cluster.start("worker", command, env, ready=takes_tasks)
        with self._running(worker):
            beat = self.cluster.start(
                "beat", [*celery, "beat", "-s", str(self.cluster.folder / "beat")], env, ready=lambda: True
            )
            with self._running(beat):
                yield

    @contextmanager
    def _running(self, server: Server) -> Iterator[Server]:
        try:
            yield server
        finally:
            self.cluster.stop(server)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            began = time.perf_counter()
            self._made[name] = make()
            self.say(f"made {name} in {time.perf_counter() - began:.1f} s")
        return self._made[name]

    def _render(self, rows: int) -> Path:
        folder = self.cluster.folder / f"pages-{rows}"
        folder.mkdir()
        fakehub.render(Dataset(rows), folder)
        return folder

    def _migrated(self) -> str:
        name = self.cluster.create_database("migrated")
        run([sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"], self.cluster.environment(name))
        return name

    def _prepare(self, rows: int, name: str) -> str:
        self.cluster.create_database(name, self._once("migrated", self._migrated))
        self.product(name, "prepare", rows)
        # whoever opens it finds the tokens judged: nothing is due before a case says so
        self.cluster.sql(name, "UPDATE outbox_outboxitem SET done = wanted")
        return name

    def _connect(self, rows: int, name: str) -> str:
        self.cluster.create_database(name, self.prepared(rows))
        with self.cluster.fake_hub(self.pages(rows)) as hub_url:
            self.product(name, "repositories", rows, HUBGATE_HUB_URL=hub_url)
        return name

    def _load(self, rows: int) -> str:
        name = self.cluster.create_database(f"loaded_{rows}", self.prepared(rows))
        self.product(name, "load", rows)
        self.cluster.sql(name, "VACUUM (ANALYZE)")
        self.cluster.sql(name, "CHECKPOINT")
        return name
