"""hubgate's real processes against the local Hub, with the means to break them and to count what came of it.

`HUBGATE_CRASH_SCALE` multiplies the counts (1 in `./run test`), `HUBGATE_CRASH_SEED` repeats a run.
"""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import redis

from hubgate.localhub.door import ControlDoor
from tests.crash.people import Person
from tests.crash.sizes import HASTE
from tests.processes.test_workers import embedded_environment
from tests.procfixtures import (
    ROOT,
    Prepared,
    Running,
    Stack,
    StartProcess,
    free_port,
    production_environment,
    unavailable,
    wait_until,
)

SCALE = float(os.environ.get("HUBGATE_CRASH_SCALE", "1"))
NAMESPACE = "aurora"
REQUESTS = (
    "SELECT r.id, repo.name, p.username, r.status, r.hub_status, o.wanted, o.done, o.parked_at IS NOT NULL,"
    " o.last_error FROM access_accessrequest r JOIN repos_repository repo ON repo.id = r.repository_id"
    " LEFT JOIN accounts_hubidentity p ON p.id = r.person_id"
    " LEFT JOIN outbox_outboxitem o ON o.kind = 'access.push' AND o.key = CAST(r.id AS varchar)"
)


# As in access.events; a test of what was told must not take the words from the product that tells them.
OF_STATUS = {
    "accepted": "access.request.accepted",
    "rejected": "access.request.rejected",
    "reset": "access.request.reset",
    "pending": "access.request.put-back",
}


def scaled(count: int) -> int:
    """A count of the small run, at the scale of this run."""
    return max(1, round(count * SCALE))


@pytest.fixture
def chance(record_property: Any) -> random.Random:
    """The chance of this test, its seed printed."""
    seed = int(os.environ.get("HUBGATE_CRASH_SEED") or random.SystemRandom().randrange(10**6))
    print(f"HUBGATE_CRASH_SEED={seed}")
    record_property("seed", seed)
    return random.Random(seed)


def report(row: str = "", **counts: Any) -> None:
    """Print what a test counted; for a row of docs/reliability.md also into the file of `./run bench crash`."""
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in counts.items()}
    print(row, ", ".join(f"{name} {value}" for name, value in rounded.items()))
    if row and (path := os.environ.get("HUBGATE_CRASH_FIGURES")):
        with Path(path).open("a", encoding="utf-8") as figures:
            figures.write(json.dumps({"row": row, **rounded}) + "\n")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass
class Writer:
    """A process that decides in a set-up as people do (`tests.crash.writer`)."""

    process: subprocess.Popen[str]
    log: Path

    def begin(self, what: str, given: dict[str, Any]) -> None:
        """Have it do something; `finish` waits for the end."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({what: given}) + "\n")
        self.process.stdin.flush()

    def finish(self) -> list[dict[str, Any]]:
        """What it did, once it is done with what it was told last."""
        assert self.process.stdout is not None
        done: list[dict[str, Any]] = []
        for line in self.process.stdout:
            if line == "\n":
                return done
            done.append(json.loads(line))
        pytest.fail(f"The writer ended:\n{self.log.read_text()}")

    def do(self, what: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        self.begin(what, given)
        return self.finish()


class StartWriter(Protocol):
    def __call__(self, env: dict[str, str]) -> Writer: ...


@pytest.fixture
def start_writer(tmp_path: Path) -> Iterator[StartWriter]:
    """Starts writers; they end with the test."""
    writers: list[Writer] = []

    def start(env: dict[str, str]) -> Writer:
        log = tmp_path / f"writer-{len(writers)}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.writer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=env,
                cwd=ROOT,
                text=True,
            )
        writers.append(Writer(process, log))
        return writers[-1]

    yield start
    for writer in writers:
        writer.process.kill()
        writer.process.communicate()


def accept(repo: str, people: Iterable[str]) -> list[dict[str, str]]:
    return [{"repo": repo, "person": person, "verb": "accept", "seen": "pending"} for person in people]


class Database(Protocol):
    """What both set-ups offer: one statement in their database."""

    def __call__(self, query: str, parameters: Any = ()) -> list[tuple[Any, ...]]: ...


@dataclass
class World:
    """A set-up and the local Hub it works on, with one namespace."""

    env: dict[str, str]
    sql: Database
    hub: ControlDoor
    writer: Writer
    people: dict[str, list[str]] = field(default_factory=dict)

    def repo(self, name: str, requests: int, **values: Any) -> str:
        """Make a gated repository with so many pending requests on the Hub."""
        repo = f"{NAMESPACE}/{name}"
        self.hub.repo(repo, gated="manual", files={"README.md": f"# {name}\n"}, **values)
        self.people[repo] = [f"{name}-{number:04d}" for number in range(requests)]
        if requests:
            self.hub.requests(repo, [{"user": person} for person in self.people[repo]])
        return repo

    def connect(self, token: str, expected: int | None = None) -> None:
        """Connect the namespace and read all of it: so many requests, by default those of `repo`."""
        self.writer.do("connect", {"name": NAMESPACE, "token": token})
        known = self.sql("SELECT count(*) FROM access_accessrequest")[0][0]
        assert known == (sum(map(len, self.people.values())) if expected is None else expected)

    def decide(self, decisions: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        done = self.writer.do("decide", {"decisions": decisions})
        assert len(done) == len(decisions)
        return done

    def accept(self, repo: str, people: Iterable[str] | None = None) -> list[dict[str, Any]]:
        return self.decide(accept(repo, self.people[repo] if people is None else people))

    def behind(self) -> int:
        """How many pushes wait."""
        where = "kind = 'access.push' AND done < wanted"
        return int(self.sql(f"SELECT count(*) FROM outbox_outboxitem WHERE {where}")[0][0])  # noqa: S608

    def stale(self) -> list[str]:
        """Each request for which the outbox says that the Hub has heard of it and the Hub's own state is another, and
        each that the outbox has not carried out."""
        theirs = {(repo, row["user"]): row["status"] for repo in self.people for row in self.hub.rows(repo)}
        found = []
        for _, repo, person, status, hub_status, wanted, done, parked, error in self.sql(REQUESTS):
            if wanted != done or parked:
                found.append(f"{person}: {done} of {wanted} carried out {error}")
            if theirs[repo, person] != status:
                found.append(f"{person}: {status} here, {theirs[repo, person]} on the Hub, done {done} of {wanted}")
            elif hub_status != status:
                found.append(f"{person}: {status} on both sides, remembered as {hub_status}")
        return found

    def wrong(self) -> list[str]:
        """Whatever breaks the invariants once all is drained: what `stale` finds, a decision told to the Hub or held
        here that the history does not know."""
        told = {
            (hub_id, event)
            for hub_id, event in self.sql(
                "SELECT p.hub_id, e.event FROM audit_auditevent e"
                " JOIN access_accessrequest r ON e.subject_type = 'request' AND e.subject_id = r.id"
                " JOIN accounts_hubidentity p ON p.id = r.person_id"
            )
        }
        found = [
            f"the Hub was told {post['body']['status']} of {person}, which nobody decided"
            for post in self.posts()
            if post["body"] is not None and post["status"] == 200 and not post["path"].endswith("/grant")
            for person in targets(post["body"])
            if (person, OF_STATUS[post["body"]["status"]]) not in told
        ]
        held = self.sql(
            "SELECT p.hub_id, r.status FROM access_accessrequest r"
            " JOIN accounts_hubidentity p ON p.id = r.person_id WHERE r.cause = 'reviewer'"
        )
        found += [
            f"{one} is {status} here without a word" for one, status in held if (one, OF_STATUS[status]) not in told
        ]
        return self.stale() + found

    def ids(self, repo: str) -> list[int]:
        """The ids of a repository's requests."""
        query = (
            "SELECT r.id FROM access_accessrequest r JOIN repos_repository repo ON repo.id = r.repository_id"
            " WHERE repo.name = %s ORDER BY r.id"
        )
        return [row[0] for row in self.sql(query, [repo])]

    def drained(self, timeout: float = 60) -> float:
        """Wait until nothing is left to push; the seconds that took."""
        began = time.monotonic()
        wait_until(lambda: self.behind() == 0, timeout, f"{self.behind()} pushes to go out")
        return time.monotonic() - began

    def posts(self, repo: str = "", after: int = 0) -> list[dict[str, Any]]:
        """The decisions that reached the Hub, from its own journal."""
        return self.hub.journal(after, method="POST", path=repo)

    def repeated(self, after: int = 0) -> int:
        """How many POSTs told the Hub again what an earlier one had told it already."""
        told: Counter[tuple[str, str, str]] = Counter()
        repeats = 0
        for post in self.posts(after=after):
            body = post["body"]
            if body is None:  # its sender was killed before it had sent all of it
                continue
            wanted = {(post["path"].rsplit("/", 1)[0], str(one), body["status"]) for one in targets(body)}
            repeats += any(told[one] for one in wanted)
            if post["status"] == 200 or post.get("fault") == "apply_then_fail":
                told.update(wanted)
        return repeats


def targets(body: dict[str, Any]) -> list[str]:
    """Whom a decision told to the Hub is about."""
    rows = body.get("requests", [body])
    return [str(row.get("userId") or row.get("user") or row.get("requestId")) for row in rows]


@dataclass
class Production(World):
    """The production set-up."""

    stack: Stack = field(kw_only=True)

    def start_worker(self, concurrency: int = 4) -> Running:
        """A Celery worker that runs beat as well, ready to take tasks."""
        node = f"worker{len(self.stack.workers)}-{os.urandom(3).hex()}@tests"
        command = [sys.executable, "-m", "celery", "-A", "hubgate.celery", "worker", "-n", node, "--pool", "prefork"]
        command += ["--concurrency", str(concurrency), "--beat", "--without-mingle", "--without-gossip"]
        worker = self.stack.start_process(command, self.env, name=node, ready=lambda: self.stack.answers_ping(node))
        self.stack.workers.append(worker)
        return worker


class Install(Protocol):
    def __call__(self, *, redis_url: str = ..., database_url: str = ..., **env: str) -> Production: ...


@pytest.fixture
def token(hub: ControlDoor) -> str:
    """The author's token on the local Hub."""
    return str(hub.person(NAMESPACE)["tokens"][0])


@pytest.fixture
def install(
    start_process: StartProcess,
    database_url: str,
    empty_redis_url: str,
    prepared: Prepared,
    tmp_path: Path,
    hub: ControlDoor,
    start_writer: StartWriter,
) -> Install:
    """A production set-up on the local Hub in which nothing runs yet."""

    def make(*, redis_url: str = empty_redis_url, database_url: str = database_url, **env: str) -> Production:
        more = {"HUBGATE_DATA": str(tmp_path / "data"), "HUBGATE_HUB_URL": hub.base_url, **HASTE, **env}
        stack = Stack(production_environment(database_url, redis_url, prepared.static, **more), start_process)
        return Production(stack.env, stack.sql, hub, start_writer(stack.env), stack=stack)

    return make


class SignIn(Protocol):
    def __call__(self, world: Production) -> Person: ...


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    """Signs the author in at the web door of a set-up."""
    with ExitStack() as people:
        yield lambda world: people.enter_context(closing(Person(world.stack.web_url)))


@pytest.fixture
def embedded_world(tmp_path: Path, hub: ControlDoor, start_process: StartProcess, start_writer: StartWriter) -> World:
    """The set-up of one process on SQLite, migrated, in which nothing runs yet."""
    env = embedded_environment(tmp_path / "data") | {
        "HUBGATE_HUB_URL": hub.base_url,
        "HUBGATE_ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "PYTHONPATH": str(ROOT),
        **HASTE,
    }
    (tmp_path / "data").mkdir()
    migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    assert start_process(migrate, env, name="migrate").process.wait(120) == 0
    return World(env, sqlite_database(tmp_path / "data" / "hubgate.sqlite3"), hub, start_writer(env))


@dataclass
class Broker:
    """A Redis of the test's own, that keeps nothing on disk."""

    start_process: StartProcess
    folder: Path
    port: int = field(default_factory=free_port)
    process: Running | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server") or unavailable("redis-server", "PATH")
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = self.start_process(command, name="redis", ready="Ready to accept connections")

    def flush(self) -> int:
        """FLUSHALL; how many keys there were."""
        with redis.Redis.from_url(self.url) as client:
            count = int(client.dbsize())
            client.flushall()
        return count

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()


@pytest.fixture
def broker(start_process: StartProcess, tmp_path: Path) -> Broker:
    made = Broker(start_process, tmp_path)
    made.start()
    return made


def sqlite_database(path: Path) -> Database:
    """Statements on a SQLite file, each on a connection of its own."""

    def run(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(path, timeout=20)
        try:
            with connection:
                return connection.execute(query, parameters).fetchall()
        finally:
            connection.close()

    return run
