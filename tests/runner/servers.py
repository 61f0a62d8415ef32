"""PostgreSQL, Redis and Chromium for the tests: named by the environment, installed, or started for the run."""

from __future__ import annotations

import contextlib
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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = {"postgresql": "postgresql", "redis": "redis-server", "chromium": "chromium"}
_START_WITHIN = 30.0


class Unavailable(Exception):
    """A server or browser that the tests need is not here; the message says how to get it."""


@dataclass(frozen=True)
class _Postgres:
    """How a PostgreSQL was started, to start it again."""

    command: list[str]
    port: int
    place: Path
    who: dict[str, Any]


class Servers:
    """Starts what is asked for, once, in one temporary folder, and stops all of it in `close()`."""

    def __init__(self, env: Mapping[str, str], *, durable: bool = False) -> None:
        self._env = env
        self._durable = durable  # whether PostgreSQL keeps all that was committed when it is crashed
        self._folder: Path | None = None
        self._running: list[subprocess.Popen[bytes]] = []
        self._urls: dict[str, str] = {}
        self._postgres: _Postgres | None = None

    def postgres(self) -> str:
        """The URL of a PostgreSQL in which the tests may make and drop databases."""
        return self._env.get("HUBGATE_TEST_DATABASE_URL") or self._once("postgres", self._start_postgres)

    def redis(self) -> str:
        """The URL of a Redis that the tests may empty."""
        return self._env.get("HUBGATE_TEST_REDIS_URL") or self._once("redis", self._start_redis)

    def chromium(self) -> str:
        """The path of a Chromium."""
        return self._env.get("HUBGATE_CHROMIUM") or self._once("chromium", lambda: _program("chromium", "chromium"))

    def close(self) -> None:
        """Stop all that was started and remove the folder."""
        for process in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; Redis ends on it too
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def crash_postgres(self) -> None:
        """End the PostgreSQL that was started here at once (`-m immediate`): every connection breaks, and the next
        start recovers."""
        process = self._postgres_process()
        process.send_signal(signal.SIGQUIT)
        process.wait(30)

    def restart_postgres(self) -> None:
        """Start the PostgreSQL that ended, on its port and data."""
        self._running.remove(self._postgres_process())
        self._run_postgres()

    def _postgres_process(self) -> subprocess.Popen[bytes]:
        assert self._postgres is not None, "no PostgreSQL was started here"
        return next(one for one in self._running if one.args == self._postgres.command)

    def _once(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._urls:
            self._urls[name] = make()
        return self._urls[name]

    def _place(self, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="hubgate-tests-"))
            self._folder.chmod(0o711)  # PostgreSQL's account passes through
        place = self._folder / name
        place.mkdir(mode=0o700)
        return place

    def _start_postgres(self) -> str:
        postgres = _program("postgresql", "postgres")
        account = _postgres_account()
        place = self._place("postgres")
        password, data, port = secrets.token_hex(16), place / "data", _free_port()
        (place / "password").write_text(password, encoding="utf-8")
        if account is not None:
            for path in (place, place / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        who: dict[str, Any] = (
            {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        )
        initdb = [
            f"{Path(postgres).parent}/initdb",
            "-D",
            str(data),
            "-U",
            "hubgate",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
        ]
        initdb += ["--locale=C.UTF-8", f"--pwfile={place}/password", "--no-sync"]
        done = subprocess.run(initdb, cwd=place, capture_output=True, text=True, **who)
        if done.returncode:
            raise Unavailable(f"PostgreSQL's initdb failed:\n{done.stderr}")
        # A crash of the machine may lose this database: nobody keeps it. One of the server loses nothing committed.
        options = ["fsync=off", f"synchronous_commit={'on' if self._durable else 'off'}"]
        options += ["full_page_writes=off", "max_connections=200"]
        command = [postgres, "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(place)]
        command += [word for option in options for word in ("-c", option)]
        self._postgres = _Postgres(command, port, place, who)
        self._run_postgres()
        return f"postgres://hubgate:{password}@127.0.0.1:{port}/postgres"

    def _run_postgres(self) -> None:
        assert self._postgres is not None
        one = self._postgres
        self._start(one.command, one.place / "log", one.port, cwd=one.place, **one.who)

    def _start_redis(self) -> str:
        program, place, port = _program("redis", "redis-server"), self._place("redis"), _free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(place)]
        self._start(command, place / "log", port, cwd=place)
        return f"redis://127.0.0.1:{port}/0"

    def _start(self, command: list[str], log: Path, port: int, **options: Any) -> None:
        with log.open("wb") as out:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **options
            )
        self._running.append(process)
        deadline = time.monotonic() + _START_WITHIN
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        raise Unavailable(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")


def _program(package: str, name: str) -> str:
    """The path of a program, its Debian package installed first if that takes nothing but being root."""
    found = _find(name)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing the Debian package {PACKAGES[package]} ...", flush=True)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", PACKAGES[package]]):
            subprocess.run(["apt-get", "-qq", *command], env=env, stdout=sys.stderr, check=False)
        found = _find(name)
    if found is None:
        raise Unavailable(f"{name} is not installed. On Debian or Ubuntu: apt-get install {PACKAGES[package]}")
    return found


def _find(name: str) -> str | None:
    # Debian keeps PostgreSQL's server programs out of the PATH, by version.
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return str(debian[-1]) if debian else shutil.which(name)


def _postgres_account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: it refuses root. None: whoever we are."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise Unavailable("PostgreSQL refuses to run as root, and there is no account named postgres.") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
