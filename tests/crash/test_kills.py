"""Workers killed at random instants, and the broker lost: no decision is lost and none goes out wrong."""

from __future__ import annotations

import threading
import time
from random import Random

import pytest

from hubgate.localhub.door import ControlDoor
from tests.crash.conftest import Broker, Install, accept, report
from tests.crash.sizes import SLACK, STUCK_S, size_of
from tests.procfixtures import answers, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]

CONCURRENCY = 4


def test_approvals_survive_workers_killed_at_random_instants(install: Install, token: str, chance: Random):
    """R1."""
    world = install()
    size = size_of("R1")
    kills, approvals = size.kills, size.approvals
    repos = [world.repo(name, approvals // 3) for name in ("one", "two", "three")]
    world.connect(token)
    people = [(repo, person) for repo in repos for person in world.people[repo]]
    chance.shuffle(people)
    shares = [people[start::kills] for start in range(kills)]
    for share in shares:
        world.decide([decision for repo, person in share for decision in accept(repo, [person])])
        moment = chance.choice(["before", "after", "any"])
        if moment != "any":
            kind = "hang" if moment == "before" else "apply_then_fail"
            world.hub.fault(kind, method="POST", path=chance.choice(repos), seconds=30)
        sequence = len(world.hub.journal())
        worker = world.start_worker(CONCURRENCY)
        if moment == "any":
            _wait_for(chance.uniform(0, 2))
        else:
            _wait_for_a_call(world.hub, sequence, 6)
        worker.kill()
        world.hub.clear_faults()
        print(f"killed {moment}")
    restarted = time.monotonic()
    world.start_worker(CONCURRENCY)
    world.drained(60 * SLACK)
    seconds = time.monotonic() - restarted
    repeated = world.repeated()
    report("R1", approvals=len(people), kills=kills, posts=len(world.posts()), repeated=repeated, seconds=seconds)
    assert world.wrong() == []
    assert seconds <= 60 * SLACK
    assert repeated <= kills * CONCURRENCY


def _wait_for(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > until, seconds + 5, "the moment")


def _wait_for_a_call(hub: ControlDoor, sequence: int, longest: float) -> None:
    """Until a fault has struck, or the Hub was told something, or nothing of the kind is to come."""
    until = time.monotonic() + longest
    wait_until(
        lambda: (
            any(fault["hits"] for fault in hub.faults())
            or hub.journal(sequence, method="POST")
            or time.monotonic() > until
        ),
        longest + 5,
        "a call",
    )


def test_the_broker_emptied_and_restarted_loses_no_decision_and_stops_no_page(
    install: Install, broker: Broker, token: str
):
    """R3."""
    world = install(redis_url=broker.url, HUBGATE_POLL_SECONDS="1", HUBGATE_COMPARE_SECONDS="5")
    queued, pushed = world.repo("queued", size_of("R3").queued), world.repo("pushed", size_of("R3").queued)
    world.connect(token)
    world.stack.start_web()
    with Visitor(world.stack.web_port) as visitor:
        world.accept(queued)
        flushed = broker.flush()
        assert world.behind() == len(world.people[queued])
        world.start_worker(CONCURRENCY)
        rebuilt = world.drained(60 * SLACK)
        assert world.stale() == []

        world.hub.fault("apply_then_fail", method="POST", path=pushed, seconds=2, count=2)
        world.accept(pushed)
        wait_until(lambda: any(fault["hits"] for fault in world.hub.faults()), 60, "a push under way")
        broker.flush()
        broker.kill()
        world.decide(
            [{"repo": queued, "person": p, "verb": "put_back", "seen": "accepted"} for p in world.people[queued]]
        )
        broker.start()
        after_restart = world.drained(60 * SLACK)
    report("R3", queued_tasks=flushed, rebuilt=rebuilt, after_restart=after_restart, pages=visitor.pages)
    assert world.stale() == []
    assert visitor.pages > 5
    assert visitor.errors == []


class Visitor:
    """Opens the sign-in page again and again while a test goes on."""

    def __init__(self, port: int) -> None:
        self.pages = 0
        self.errors: list[str] = []
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._visit)

    def _visit(self) -> None:
        while not self._over.wait(0.1):
            self.pages += 1
            if not answers(self._port):
                self.errors.append(f"page {self.pages}")

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
