"""The servers of one run: PostgreSQL, Redis, the fake Hub and hubgate's own processes, all stopped at the end."""

from __future__ import annotations

import contextlib
import http.client
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
_CONF = Path(__file__).with_name("postgresql.conf")


class NotAvailable(Exception):
    """A server that a run needs is not installed or did not start; the message says what to do."""


@dataclass
class Server:
    """A process that runs until the end, and the file with what it prints."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def peak_mb(self) -> float:
        """Its peak resident memory in MB so far."""
        return peak_mb(self.process.pid)

    def output(self) -> str:
        """All that it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class Cluster:
    """Servers in a temporary folder, on ports of their own. Use as a context manager: it stops all, however it ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hubgate-bench-"))
        self.folder.chmod(0o711)  # PostgreSQL's account passes through
        self._servers: list[Server] = []
        self._password = secrets.token_hex(16)
        self._postgres_port = 0
        self._postgres: Server | None = None
        self._redis_port = 0
        self._static: Path | None = None
        self._key = Fernet.generate_key().decode()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for server in reversed(self._servers):
                self._stop(server)
            shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            signal.signal(signal.SIGINT, previous)

    def postgres_log(self) -> Path:
        """Where PostgreSQL logs to; statements with their durations in a database that asks for it."""
        assert self._postgres is not None
        return self._postgres.log

    def database_url(self, name: str) -> str:
        """The URL of a database of the cluster."""
        return f"postgres://hubgate:{self._password}@127.0.0.1:{self._postgres_port}/{name}"

    def connect(self, name: str) -> Any:
        """A connection to a database of the cluster."""
        return psycopg2.connect(self.database_url(name))

    def sql(self, name: str, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, each by itself, and give the rows of the last one."""
        connection = self.connect(name)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database anew from a template that nobody is connected to; gives its name."""
        self.drop_database(name)
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, if there is one."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def start_postgres(self, *, durable: bool = True) -> None:
        """initdb and start, with the settings of postgresql.conf; not `durable`, commits do not wait for the disk."""
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
        initdb = str(binaries[-1]) if binaries else shutil.which("initdb")
        if initdb is None:
            raise NotAvailable("PostgreSQL is not installed. On Debian or Ubuntu: apt-get install postgresql")
        who: dict[str, Any] = {}
        place = self.folder / "postgres"
        place.mkdir(mode=0o700)
        password = place / "password"
        password.write_text(self._password, encoding="utf-8")
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for path in (place, password):
                os.chown(path, account.pw_uid, account.pw_gid)
        options = [
            "-U",
            "hubgate",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            f"--pwfile={password}",
            "--no-sync",
        ]
        done = subprocess.run(
            [initdb, "-D", f"{place}/data", *options], cwd=place, capture_output=True, text=True, check=False, **who
        )
        if done.returncode:
            raise NotAvailable(f"PostgreSQL's initdb failed:\n{done.stderr}")
        with (place / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(_CONF.read_text(encoding="utf-8"))
        self._postgres_port = free_port()
        command = [str(Path(initdb).with_name("postgres")), "-D", f"{place}/data", "-k", str(place), "-h", "127.0.0.1"]
        command += ["-p", str(self._postgres_port), "-c", f"fsync={'on' if durable else 'off'}"]
        self._postgres = self.start("postgres", command, ready=lambda: open_port(self._postgres_port), cwd=place, **who)
        self._until(self._postgres, lambda: self.sql("postgres", "SELECT 1"), 120)

    def start_redis(self) -> None:
        """An empty Redis that keeps nothing."""
        program = shutil.which("redis-server")
        if program is None:
            raise NotAvailable("Redis is not installed. On Debian or Ubuntu: apt-get install redis-server")
        self._redis_port = free_port()
        command = [program, "--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", ""]
        self.start("redis", command, ready=lambda: open_port(self._redis_port))

    @contextmanager
    def fake_hub(self, pages: Path) -> Iterator[str]:
        """A fake Hub with these pages; gives its address."""
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.fakehub", "--pages", str(pages), "--port", str(port)]
        server = self.start("fakehub", command, ready=lambda: open_port(port))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            self.stop(server)

    def environment(self, database: str, hub_url: str = "http://127.0.0.1:1", **more: str) -> dict[str, str]:
        """The environment of hubgate's processes over a database; by default as in production."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUBGATE_", "HF_", "DATABASE_", "REDIS_"))
        }
        static = self.folder / "static"
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "hubgate.settings.production",
            "DATABASE_URL": self.database_url(database),
            "REDIS_URL": f"redis://127.0.0.1:{self._redis_port}/0",
            "HUBGATE_SECRET_KEY": "only-for-benchmarks-but-long-enough-for-a-real-one-0123456789",
            "HUBGATE_ENCRYPTION_KEY": self._key,
            "HUBGATE_STATIC_ROOT": str(static),
            "HUBGATE_ALLOW_HTTP": "1",
            "HUBGATE_DATA": str(self.folder / "data"),
            "HUBGATE_HUB_URL": hub_url,
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def embedded(self, folder: Path, hub_url: str) -> dict[str, str]:
        """The environment of the embedded set-up, SQLite and all in one process, on a data folder."""
        env = self.environment("none", hub_url, HUBGATE_POLL_SECONDS="3600", HUBGATE_COMPARE_SECONDS="86400")
        env |= {"DJANGO_SETTINGS_MODULE": "hubgate.settings.embedded", "HUBGATE_DATA": str(folder)}
        return {name: value for name, value in env.items() if name not in ("DATABASE_URL", "REDIS_URL")}

    def collect_static(self, env: Mapping[str, str]) -> None:
        """The static files that production serves, once."""
        if self._static is None:
            self._static = self.folder / "static"
            run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], env)

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        ready: Callable[[], Any],
        timeout: float = 120,
        cwd: Path = ROOT,
        **options: Any,
    ) -> Server:
        """Start a process and wait until it is ready. NotAvailable, with what it printed, when it is not in time."""
        log = self.folder / f"{name}-{len(self._servers)}.log"
        with log.open("wb") as out:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, env=env and dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True, **options,
            )  # fmt: skip
        server = Server(name, process, log)
        self._servers.append(server)
        self._until(server, ready, timeout)
        return server

    def stop(self, server: Server) -> None:
        """End one of the servers now."""
        self._stop(server)
        self._servers.remove(server)

    @staticmethod
    def _until(server: Server, ready: Callable[[], Any], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and server.process.poll() is None:
            with contextlib.suppress(OSError, psycopg2.OperationalError):
                if ready():
                    return
            time.sleep(0.05)
        raise NotAvailable(f"{server.name} was not ready within {timeout:.0f} s:\n{server.output()[-4000:]}")

    @staticmethod
    def _stop(server: Server) -> None:
        if server.process.poll() is None:
            # PostgreSQL's fast shutdown, and what Ctrl-C is to the others
            server.process.send_signal(signal.SIGINT if server.name == "postgres" else signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


def run(command: Sequence[str], env: Mapping[str, str], *, timeout: float = 900) -> str:
    """Run a program to its end and give what it printed on its standard output. RuntimeError with its last lines when
    it fails."""
    process = subprocess.Popen(
        command, env=dict(env), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    )
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{out[-2000:]}\n{err[-4000:]}")
    return out


def peak_mb(pid: int | str = "self") -> float:
    """The peak resident memory of a process in MB. It is `ru_maxrss` without what a process inherits through `exec`
    from the one that started it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(f"process {pid} has no memory")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_port(port: int) -> bool:
    """Whether somebody listens."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server answers below 500."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
