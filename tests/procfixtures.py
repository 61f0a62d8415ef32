"""Fixtures for tests with real processes: servers, programs that are surely ended, and a whole production set-up."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from celery import Celery
from cryptography.fernet import Fernet
from psycopg2.extensions import TransactionRollbackError

ROOT = Path(__file__).resolve().parent.parent
START_WITHIN_S = 120.0  # a program on a machine that has much else to do


def unavailable(what: str, variable: str) -> NoReturn:
    """Skip where a server is not at hand, fail in CI, which runs all."""
    reason = f"needs {what}: set {variable}, or run ./run test, which starts one"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], timeout: float, what: str) -> Any:
    """The condition's first true value; fails with `what` when `timeout` seconds pass first."""
    deadline = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout:.0f} s for {what}")
        time.sleep(0.05)


@dataclass
class Running:
    """A program in a process group of its own, with all it prints in a file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        """All that it and its children printed up to now."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str, timeout: float = START_WITHIN_S) -> None:
        """Return when it has printed `text`; fail, with its output, when it ends or the time passes first."""
        self.wait_until(lambda: text in self.output(), timeout, f"it to print {text!r}")

    def wait_until(self, condition: Callable[[], Any], timeout: float, what: str) -> None:
        """Return when the condition holds; fail, with its output, when it ends or the time passes first."""
        deadline = time.monotonic() + timeout
        while not condition():
            if self.process.poll() is not None:
                if condition():
                    return
                pytest.fail(f"{self.name} ended with {self.process.returncode}, waiting for {what}:\n{self.output()}")
            if time.monotonic() > deadline:
                pytest.fail(f"{self.name}: waited {timeout:.0f} s for {what}:\n{self.output()}")
            time.sleep(0.05)

    def terminate(self, timeout: float = 15) -> int:
        """Ask it to end (SIGTERM) and give its exit status; fail when that takes longer than `timeout` seconds."""
        self.process.terminate()
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.name} did not end within {timeout:.0f} s:\n{self.output()}")
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and all its children at once, as a power cut would (SIGKILL)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class StartProcess(Protocol):
    def __call__(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        name: str = "",
        cwd: Path = ROOT,
        ready: str | Callable[[], Any] | None = None,
        timeout: float = START_WITHIN_S,
    ) -> Running: ...


@pytest.fixture
def start_process(tmp_path: Path) -> Iterator[StartProcess]:
    """Starts a program and waits until it is ready: until it printed a text, or a condition holds. All of them and
    their children are killed at the end of the test, however it ends."""
    started: list[Running] = []

    def start(
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        name: str = "",
        cwd: Path = ROOT,
        ready: str | Callable[[], Any] | None = None,
        timeout: float = START_WITHIN_S,
    ) -> Running:
        log = tmp_path / f"process-{len(started)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                env=dict(os.environ if env is None else env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(name or Path(command[0]).name, process, log)
        started.append(running)
        if isinstance(ready, str):
            running.wait_for(ready, timeout)
        elif ready is not None:
            running.wait_until(ready, timeout, "it to be ready")
        return running

    yield start
    for running in started:
        running.kill()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL in which databases may be made and dropped."""
    return os.environ.get("HUBGATE_TEST_DATABASE_URL") or unavailable("a PostgreSQL", "HUBGATE_TEST_DATABASE_URL")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that may be emptied."""
    return os.environ.get("HUBGATE_TEST_REDIS_URL") or unavailable("a Redis", "HUBGATE_TEST_REDIS_URL")


@pytest.fixture
def empty_redis_url(redis_url: str) -> str:
    """The Redis, emptied."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


def production_environment(database_url: str, redis_url: str, static: Path, **more: str) -> dict[str, str]:
    """The environment of hubgate's production processes."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUBGATE_", "HF_"))}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "hubgate.settings.production",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "HUBGATE_SECRET_KEY": "only-for-tests-but-long-enough-to-be-taken-for-a-real-one",
        "HUBGATE_ENCRYPTION_KEY": _ENCRYPTION_KEY,
        "HUBGATE_STATIC_ROOT": str(static),
        "HUBGATE_ALLOW_HTTP": "1",
        "PYTHONPATH": str(ROOT),
        **more,
    }


_ENCRYPTION_KEY = Fernet.generate_key().decode()


@dataclass(frozen=True)
class Prepared:
    """Made once for the session: a migrated database to copy from, and the static files."""

    template: str
    static: Path


@pytest.fixture(scope="session")
def prepared(postgres_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    static = tmp_path_factory.mktemp("static")
    name = f"hubgate_template_{secrets.token_hex(4)}"
    _on_server(postgres_url, f"CREATE DATABASE {name}")
    env = production_environment(_with_database(postgres_url, name), redis_url, static)
    for command in (["migrate", "--no-input"], ["collectstatic", "--no-input"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
    yield Prepared(name, static)
    _on_server(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(postgres_url: str, prepared: Prepared) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    name = f"hubgate_{secrets.token_hex(6)}"
    _on_server(postgres_url, f"CREATE DATABASE {name} TEMPLATE {prepared.template}")
    yield _with_database(postgres_url, name)
    _on_server(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Stack:
    """A production set-up: web process, Celery workers (prefork) and beat over PostgreSQL and Redis."""

    env: dict[str, str]
    start_process: StartProcess
    web_port: int = field(default_factory=free_port)
    workers: list[Running] = field(default_factory=list)
    web: Running | None = None
    beat: Running | None = None

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def start_web(self, processes: int = 1, threads: int = 4) -> Running:
        """gunicorn with threads, ready to answer."""
        bind = ["--bind", f"127.0.0.1:{self.web_port}", "--no-control-socket"]
        size = ["-k", "gthread", "--workers", str(processes), "--threads", str(threads)]
        command = [sys.executable, "-m", "gunicorn", *bind, *size, "hubgate.wsgi:application"]
        self.web = self.start_process(command, self.env, name="web", ready=lambda: answers(self.web_port))
        return self.web

    def start_worker(self, concurrency: int = 2) -> Running:
        """A Celery worker of `concurrency` processes, ready to take tasks."""
        node = f"worker{len(self.workers)}-{secrets.token_hex(3)}@tests"
        command = [sys.executable, "-m", "celery", "-A", "hubgate.celery", "worker", "-n", node, "--pool", "prefork"]
        command += ["--concurrency", str(concurrency)]
        worker = self.start_process(command, self.env, name=node, ready=lambda: self.answers_ping(node))
        self.workers.append(worker)
        return worker

    def start_beat(self) -> Running:
        """Celery beat, ticking."""
        command = [sys.executable, "-m", "celery", "-A", "hubgate.celery", "beat"]
        self.beat = self.start_process(command, self.env, name="beat", ready="maxinterval")
        return self.beat

    def answers_ping(self, node: str) -> bool:
        """Whether the Celery worker of this name takes tasks."""
        with Celery("probe", broker=self.env["REDIS_URL"], set_as_current=False) as probe:
            return bool(probe.control.inspect(destination=[node], timeout=1).ping())

    def manage(self, *arguments: str) -> str:
        """Run a management command on this set-up and give what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement in the set-up's database and give its rows, if it has any. It is one transaction, begun
        again where it met the locks of the processes at work: a statement of a test takes its rows in any order."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        try:
            for last in (False, False, False, False, True):
                try:
                    with connection, connection.cursor() as cursor:
                        cursor.execute(query, parameters)
                        return cursor.fetchall() if cursor.description else []
                except TransactionRollbackError:
                    if last:
                        raise
            raise AssertionError("the last try ends above")
        finally:
            connection.close()


class MakeStack(Protocol):
    def __call__(
        self,
        *,
        hub_url: str = ...,
        workers: int = 1,
        concurrency: int = 2,
        beat: bool = True,
        web: bool = True,
        **env: str,
    ) -> Stack: ...


@pytest.fixture
def stack(
    start_process: StartProcess, database_url: str, empty_redis_url: str, prepared: Prepared, tmp_path: Path
) -> MakeStack:
    """Starts a production set-up against a Hub, ready to be used; more keyword arguments are environment variables."""

    def make(
        *,
        hub_url: str = "http://127.0.0.1:1",
        workers: int = 1,
        concurrency: int = 2,
        beat: bool = True,
        web: bool = True,
        **env: str,
    ) -> Stack:
        folder = {"HUBGATE_DATA": str(tmp_path / "data"), "HUBGATE_HUB_URL": hub_url}
        made = Stack(
            production_environment(database_url, empty_redis_url, prepared.static, **folder, **env), start_process
        )
        if web:
            made.start_web()
        for _ in range(workers):
            made.start_worker(concurrency)
        if beat:
            made.start_beat()
        return made

    return make


def answers(port: int, path: str = "/accounts/login/") -> bool:
    """Whether an HTTP server on this port answers below 500."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _on_server(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
