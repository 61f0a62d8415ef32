"""docker-compose.yml's own commands as processes, on the tree of the image: two web services, two workers and beat on
PostgreSQL and Redis. Some are killed, the rest are stopped, and a backup is put back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2
import psycopg2
import pytest

from tests import compose
from tests.compose import ROOT
from tests.crash.conftest import Install, Production, report
from tests.crash.people import Person
from tests.crash.sizes import HASTE, STUCK_S
from tests.crash.writer import PASSWORD
from tests.procfixtures import Running, StartProcess, free_port, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]
METRICS_TOKEN = "a-token-for-the-numbers"
FILE = compose.read()
PROGRAMS = Path(sys.executable).parent
POSTGRES_PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@dataclass
class Composed:
    """The services of docker-compose.yml on the servers of the tests."""

    tree: Path
    env: dict[str, str]
    start_process: StartProcess
    started: list[Running] = field(default_factory=list)

    def start(self, service: str, ready: Callable[[], object] | None = None, **env: str) -> Running:
        """Start a service by its own command."""
        running = self.start_process(
            self.found(FILE.command(service)), self.env | env, name=service, cwd=self.tree, ready=ready
        )
        self.started.append(running)
        return running

    def start_web(self) -> tuple[Running, str]:
        """Start a web service of one process; it answers at the address given."""
        port = free_port()
        check = [word.replace(":8000", f":{port}") for word in FILE.healthcheck("web")]
        bind = {"HUBGATE_BIND": f"127.0.0.1:{port}", "HUBGATE_WEB_PROCESSES": "1"}
        web = self.start("web", ready=lambda: answers(port) and self.run(check) == 0, **bind)
        return web, f"http://127.0.0.1:{port}"

    def is_healthy(self, service: str) -> bool:
        """Whether a service's own health check passes."""
        return self.run(FILE.healthcheck(service)) == 0

    def run(self, words: list[str]) -> int:
        """The exit status of a command in the image."""
        return self.output(words).returncode

    def output(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """A command in the image, and what it printed."""
        return subprocess.run(self.found(words), env=self.env, cwd=self.tree, capture_output=True, text=True)

    def found(self, words: list[str]) -> list[str]:
        """The command with its program by the full name, which the PATH of the tests need not have."""
        return [shutil.which(words[0], path=self.env["PATH"]) or words[0], *words[1:]]


def answers(port: int) -> bool:
    """Whether something listens there: cheaper than a health check that starts a process."""
    try:
        httpx2.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False)
    except httpx2.TransportError:
        return False
    return True


@pytest.fixture
def composed(install: Install, start_process: StartProcess, tmp_path: Path) -> tuple[Composed, Production]:
    """The tree of the image with its secrets and static files, and the world around it. Nothing runs yet."""
    world = install()
    tree = compose.copy_image(tmp_path / "image")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    database = urlsplit(world.env["DATABASE_URL"])
    for name, value in (
        ("secret_key", world.env["HUBGATE_SECRET_KEY"]),
        ("encryption_key", world.env["HUBGATE_ENCRYPTION_KEY"]),
        ("database_password", database.password or "not-asked-for"),
    ):
        (secrets / name).write_text(value + "\n")
    given = {"HUBGATE_PUBLIC_URL": "https://gate.example.org", "HUBGATE_METRICS_TOKEN": METRICS_TOKEN}
    env = {
        **compose.image_environment(),
        **FILE.environment("web", given | {"HUBGATE_HUB_URL": world.hub.base_url, "HUBGATE_WORKER_PROCESSES": "2"}),
        **HASTE,
        "HOME": str(tmp_path),
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
    }
    env = {name: value.replace("/run/secrets", str(secrets)) for name, value in env.items()}
    # Where the servers of the tests are, and a browser without TLS in front of it.
    env |= {
        "DATABASE_URL": world.env["DATABASE_URL"].replace(f":{database.password}@", "@"),
        "REDIS_URL": world.env["REDIS_URL"],
        "HUBGATE_DATA": str(tmp_path),
        "HUBGATE_STATIC_ROOT": str(tmp_path / "static"),
        "HUBGATE_PUBLIC_URL": "http://gate.example.org",
        "HUBGATE_ALLOW_HTTP": "1",
        "PYTHONPATH": str(tree),
    }
    collect = next(rest for word, rest in compose.dockerfile() if "collectstatic" in rest)
    line = collect.partition("&&")[0].replace("/build/static", env["HUBGATE_STATIC_ROOT"])
    line = line.replace("/opt/venv/bin/python", sys.executable)
    bare = {"PATH": env["PATH"], "HOME": env["HOME"]}
    subprocess.run(["sh", "-c", line], env=bare, cwd=tree, check=True, capture_output=True)
    return Composed(tree, env, start_process), world


def test_the_composed_processes_lose_nothing_when_some_are_killed_and_drain_when_stopped(
    composed: tuple[Composed, Production], token: str
):
    began = time.monotonic()
    run, world = composed
    repo = world.repo("one", 16)
    assert run.run(FILE.command("migrate")) == 0
    world.connect(token)
    ids = world.ids(repo)

    (web, address), (second, other) = run.start_web(), run.start_web()
    killed = run.start("worker")
    worker, beat = run.start("worker"), run.start("beat")
    kinds = "SELECT kind, count(*) FROM operations_heartbeat GROUP BY kind"
    wanted = {"web": 2, "worker": 2, "beat": 1, "tick": 1}
    wait_until(lambda: dict(world.sql(kinds)) == wanted, 90, f"{wanted} to be heard of")
    assert run.is_healthy("worker")
    assert run.is_healthy("beat")

    person = Person(address)
    clicks = [person.accept(one) for one in ids[:4]]
    elsewhere = Person(other, person.cookies)
    clicks += [elsewhere.accept(one) for one in ids[4:8]]
    world.drained()
    clicks += [elsewhere.accept(one) for one in ids[8:10]]
    killed.kill()
    web.kill()
    clicks += [elsewhere.accept(one) for one in ids[10:14]]
    assert {click.status for click in clicks} == {302}
    world.drained()

    numbers = _numbers(other)
    assert numbers["hubgate_migrations_missing"] == 0
    assert numbers['hubgate_outbox_parked{kind="access.push",lane="single"}'] == 0
    accepted = 'hubgate_events_total{actor="user",event="access.request.accepted"}'
    wait_until(lambda: _numbers(other).get(accepted, 0) >= 6, 30, "the counts of the web process that lives")
    told = json.loads(run.output(["python", "manage.py", "doctor", "--json"]).stdout)
    errors = [one for one in told["findings"] if one["level"] == "error"]
    assert errors == [], errors

    # A push that is under way when its worker is stopped comes to its end: the Hub's late answer is taken in.
    world.hub.fault("apply_then_fail", method="POST", seconds=3, count=1)
    assert elsewhere.accept(ids[14]).status == 302
    wait_until(lambda: world.sql("SELECT 1 FROM outbox_outboxitem WHERE leased_until > now()"), 30, "the push to begin")
    assert worker.terminate(40) == 0
    settled = "SELECT attempts, lease FROM outbox_outboxitem WHERE kind = 'access.push' AND key = %s"
    assert world.sql(settled, [str(ids[14])]) == [(1, "")]
    last = run.start("worker")
    world.drained()
    assert last.terminate(40) == 0
    assert second.terminate(40) == 0
    assert beat.terminate(40) == 0
    assert world.wrong() == []
    left = {kind for (kind,) in world.sql("SELECT DISTINCT kind FROM operations_heartbeat WHERE kind <> 'tick'")}
    assert left <= {"web", "worker"}, "those that ended in order are gone from the list"
    assert world.sql("SELECT count(*) FROM operations_heartbeat WHERE kind <> 'tick'") == [(2,)]

    # A task's lines name the request that sent it.
    carried = {line["request_id"] for line in _lines(worker) if "task" in line and "request_id" in line}
    assert carried & {line["request_id"] for line in _lines(second) if line.get("path", "").endswith("/accept/")}
    for running in (second, worker, last, beat):  # a killed one may end in the middle of a line
        _reads_as_log(running, secrets=(PASSWORD, token, METRICS_TOKEN, "one-0003@"))
    person.close()
    elsewhere.close()
    _backup_and_restore(run, world)
    report("", composed_seconds=time.monotonic() - began)


def _numbers(address: str) -> dict[str, float]:
    refused = httpx2.get(f"{address}/metrics", trust_env=False)
    assert refused.status_code == 401
    answer = httpx2.get(f"{address}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}, trust_env=False)
    assert answer.status_code == 200
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if line[0] != "#"]
    return {name: float(value) for name, value in lines}


def _lines(*programs: Running) -> list[dict[str, Any]]:
    """The lines of the log of some programs. Celery says past any log that a worker was asked to stop."""
    said = [line for program in programs for line in program.output().splitlines()]
    return [json.loads(line) for line in said if line and not line.startswith("worker: Warm shutdown")]


def _reads_as_log(running: Running, secrets: tuple[str, ...]) -> None:
    for told in _lines(running):
        assert {"time", "level", "logger", "message"} <= set(told), told
        assert told["level"] in ("debug", "info", "warning", "error", "critical")
    assert not [secret for secret in secrets if secret in running.output()]


def _backup_and_restore(run: Composed, world: Production) -> None:
    """The commands of docs/operations.md, on the server of the tests."""
    text = (ROOT / "docs" / "operations.md").read_text()
    lines = re.findall(r"^docker compose exec -T postgres (.+)$", text, re.MULTILINE)
    dump = next(line for line in lines if line.startswith("pg_dump"))
    restore = next(line for line in lines if line.startswith("pg_restore"))
    parts = urlsplit(world.env["DATABASE_URL"])
    name = parts.path.lstrip("/")
    fresh = f"{name}_restored"
    env = {**run.env, "PGHOST": str(parts.hostname), "PGPORT": str(parts.port or 5432)}
    env |= {"PGPASSWORD": parts.password or "", "PATH": f"{POSTGRES_PROGRAMS}:{run.env['PATH']}"}

    def shell(line: str, database: str) -> None:
        here = line.replace("-U hubgate", f"-U {parts.username}").replace(" hubgate >", f" {database} >")
        here = here.replace("-d hubgate", f"-d {database}")
        done = subprocess.run(["sh", "-c", here], env=env, cwd=run.tree, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    shell(dump, name)
    connection = psycopg2.connect(world.env["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {fresh}")
    try:
        shell(restore, fresh)
        restored = {**run.env, "DATABASE_URL": urlunsplit(parts._replace(path=f"/{fresh}"))}
        stop = subprocess.run(
            run.found(["python", "manage.py", "stop_changes"]),
            env=restored,
            cwd=run.tree,
            capture_output=True,
            text=True,
        )
        assert "hubgate only reads now: aurora" in stop.stdout, stop.stderr
        other = psycopg2.connect(restored["DATABASE_URL"])
        with other, other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM access_accessrequest WHERE status = 'accepted'")
            assert cursor.fetchone() == (15,)
            cursor.execute("SELECT count(*) FROM repos_namespace WHERE changes_enabled")
            assert cursor.fetchone() == (0,)
        other.close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {fresh} WITH (FORCE)")
        connection.close()
