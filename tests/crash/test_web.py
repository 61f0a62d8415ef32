"""People click while web workers are killed, the broker is away or PostgreSQL crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import httpx2
import psycopg2
import pytest

from tests.crash.conftest import Broker, Install, Production, SignIn, percentile, report
from tests.crash.people import Crowd
from tests.crash.sizes import FULL, SLACK, STUCK_S, size_of
from tests.procfixtures import ROOT, wait_until
from tests.runner.servers import Servers

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]


def test_a_decision_is_whole_or_absent_when_its_web_worker_is_killed(
    install: Install, sign_in: SignIn, token: str, chance: Random
):
    """R2."""
    size = size_of("R2")
    world = install()
    repo = world.repo("one", size.decisions)
    world.connect(token)
    web = world.stack.start_web(processes=2, threads=2)
    person = sign_in(world)
    ids = world.ids(repo)
    killed = 0
    with Crowd(person, ids) as crowd:
        for kill in range(size.kills):
            seen = min(kill * size.decisions // size.kills + chance.randrange(3), size.decisions - 1)
            wait_until(partial(_clicked, crowd, seen), 120, "clicks")
            child = chance.choice(wait_until(lambda: _children(web.pid), 30, "a web worker"))
            os.kill(child, signal.SIGKILL)
            killed += 1
        wait_until(lambda: crowd.idle, 180, "the last click")
    broken = [click.request for click in crowd.clicks if click.status is None]
    whole, absent, half = _found(world)
    assert half == []
    assert {click.request for click in crowd.clicks if click.good} <= whole
    assert {click.status for click in crowd.clicks} <= {302, None}

    with Crowd(person, absent) as again:
        wait_until(lambda: again.idle, 120, "the second clicks")
    assert {click.status for click in again.clicks} <= {302}
    world.start_worker()
    world.drained(60 * SLACK)
    report(
        "R2", decisions=len(ids), kills=killed, unanswered=len(broken),
        kept_though_unanswered=len(whole & set(broken)), half=len(half),
    )  # fmt: skip
    assert world.wrong() == []


def _clicked(crowd: Crowd, count: int) -> bool:
    return len(crowd.clicks) >= count or crowd.idle


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _found(world: Production) -> tuple[set[int], set[int], list[tuple[int, str, int, int]]]:
    """Requests whose acceptance is there with its event and its outbox item, those that nobody decided, and halves."""
    rows = world.sql(
        "SELECT r.id, r.status,"
        " (SELECT count(*) FROM audit_auditevent e WHERE e.subject_type = 'request' AND e.subject_id = r.id"
        "  AND e.event = 'access.request.accepted'),"
        " (SELECT count(*) FROM outbox_outboxitem o WHERE o.kind = 'access.push' AND o.key = r.id::varchar)"
        " FROM access_accessrequest r"
    )
    whole = {row[0] for row in rows if row[1:] == ("accepted", 1, 1)}
    absent = {row[0] for row in rows if row[1:] == ("pending", 0, 0)}
    return whole, absent, [row for row in rows if row[0] not in whole | absent]


def test_a_click_is_answered_at_once_while_the_broker_is_down_and_pushes_go_on_after_it(
    install: Install, broker: Broker, sign_in: SignIn, token: str
):
    """R4."""
    size = size_of("R4")
    world = install(redis_url=broker.url)
    repo = world.repo("one", size.clicks)
    world.connect(token)
    web = world.stack.start_web()
    worker = world.start_worker(2)
    person = sign_in(world)
    person.look()
    ids = world.ids(repo)
    with Crowd(person, ids[: size.clicks // 4], windows=1) as before:
        wait_until(lambda: before.idle, 120, "the clicks before")
    usual = percentile([click.seconds for click in before.clicks], 0.5)
    broker.kill()
    began = time.monotonic()
    with Crowd(person, ids[size.clicks // 4 :], windows=1, pause=size.down_s / size.clicks) as crowd:
        wait_until(lambda: crowd.idle and time.monotonic() > began + size.down_s, size.down_s + 120, "the clicks")
    assert {click.status for click in crowd.clicks} == {302}
    waiting = world.behind()
    broker.start()
    resumed = world.drained(30 * SLACK)
    p99 = percentile([click.seconds for click in crowd.clicks], 0.99)
    report("R4", down_s=size.down_s, clicks=len(crowd.clicks), p99_s=p99, waiting=waiting, resumed_s=resumed)
    assert p99 <= 0.5 or not FULL
    assert percentile([click.seconds for click in crowd.clicks], 0.5) <= 2 * usual + 0.5
    assert resumed <= 30 * SLACK
    assert worker.process.poll() is None
    assert web.process.poll() is None
    assert world.wrong() == []


@pytest.fixture
def own_postgres() -> Iterator[Servers]:
    """A PostgreSQL of the test's own, that may be crashed."""
    servers = Servers({}, durable=True)
    yield servers
    servers.close()


def test_after_a_crash_of_postgresql_all_processes_go_on_by_themselves(
    install: Install, own_postgres: Servers, sign_in: SignIn, token: str, chance: Random
):
    """R5."""
    size = size_of("R5")
    url = own_postgres.postgres()
    world = install(database_url=url)
    migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(migrate, env=world.env, cwd=ROOT, check=True)
    repo = world.repo("one", size.decisions)
    world.connect(token)
    web, worker = world.stack.start_web(processes=2), world.start_worker(2)
    person = sign_in(world)
    ids, downs = world.ids(repo), []
    share = len(ids) // (size.restarts + 1)
    crowds = []
    for restart in range(size.restarts):
        with Crowd(person, ids[restart * share : (restart + 1) * share], looking=True, pause=0.04) as crowd:
            crowds.append(crowd)
            some = chance.randrange(4, share)
            wait_until(partial(_clicked, crowd, some), 60, "clicks")
            down = time.monotonic()
            own_postgres.crash_postgres()
            assert _health(world) == (200, 503)
            _hold(chance.uniform(0.2, 1))
            own_postgres.restart_postgres()
            wait_until(lambda: _answers(url), 30, "PostgreSQL")
            up = time.monotonic()
            downs.append((down, up))
            wait_until(lambda: _health(world) == (200, 200), 10 * SLACK, "the web processes to be ready")
            _hold(2 * SLACK + size.calm_s)
    clicks = [click for crowd in crowds for click in crowd.clicks]
    bad = [click for click in clicks if not click.good]
    outside = [click for click in bad if not any(click.began <= up and click.ended >= down for down, up in downs)]
    late = max(
        (min((click.began - up for _, up in downs if up <= click.began), default=99.0) for click in outside),
        default=0.0,
    )
    statuses = Counter(click.status for click in clicks)
    report("R5", restarts=len(downs), requests=len(clicks), answers=dict(statuses), last_error_after_s=late)
    assert set(statuses) <= {200, 302, 503}, statuses
    assert late <= 2 * SLACK
    assert web.process.poll() is None
    assert worker.process.poll() is None

    undecided = [row[0] for row in world.sql("SELECT id FROM access_accessrequest WHERE status = 'pending'")]
    with Crowd(person, undecided) as rest:
        wait_until(lambda: rest.idle, 60, "the other clicks")
    assert all(click.status == 302 for click in rest.clicks)
    world.drained(60 * SLACK)
    _, _, half = _found(world)
    assert half == []
    assert world.wrong() == []


def _hold(seconds: float) -> None:
    """Let the load go on for so long: the passing of time is what is tested."""
    until = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > until, seconds + 5, "the moment")


def _health(world: Production) -> tuple[int, int]:
    """The answers of /healthz and /readyz."""
    alive, ready = (httpx2.get(f"{world.stack.web_url}/{name}", timeout=30) for name in ("healthz", "readyz"))
    return alive.status_code, ready.status_code


def _answers(url: str) -> bool:
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True
