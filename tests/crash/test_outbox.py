"""The outbox's four cases (docs/architecture.md): whatever dies or stands still, no key is stale."""

from __future__ import annotations

import os
import signal
import time
from random import Random

import httpx2
import pytest

from tests.crash.conftest import Install, Production, accept, report, scaled, write_together
from tests.procfixtures import wait_until

pytestmark = pytest.mark.processes


def test_four_writers_and_four_workers_leave_no_key_stale(install: Install, token: str, chance: Random):
    world = install()
    repos = [world.repo("one", 10), world.repo("two", 10)]
    world.connect(token)
    world.stack.start_worker(4)
    flips = [{"repos": repos, "count": scaled(40), "seed": chance.random()} for _ in range(4)]
    done = write_together(world.env, "flip", flips)
    world.stack.start_beat()
    seconds = world.drained(30)
    refused = sum(bool(one["refused"]) for one in done)
    report(decisions=len(done) - refused, refused=refused, posts=len(world.posts()), seconds=seconds)
    assert len(done) == 4 * scaled(40)
    assert world.stale() == []


def test_workers_killed_before_and_after_the_hub_call_leave_no_key_stale(install: Install, token: str, chance: Random):
    world = install()
    before, after = world.repo("before", 10), world.repo("after", 10)
    world.connect(token)
    world.hub.fault("hang", method="POST", path=before, seconds=60)
    world.hub.fault("apply_then_fail", method="POST", path=after, seconds=60)
    worker = world.stack.start_worker(4)
    world.accept(before)
    world.accept(after)
    wait_until(lambda: sum(fault["hits"] for fault in world.hub.faults()) >= 2, 20, "both calls to be under way")
    assert {row["status"] for row in world.hub.rows(before)} == {"pending"}
    assert {row["status"] for row in world.hub.rows(after)} == {"accepted"}
    assert world.behind() == 20
    worker.kill()
    world.hub.clear_faults()
    wait_until(lambda: len(world.posts()) >= 2, 20, "the calls that hung to end")
    world.restart_worker()
    world.stack.start_beat()
    seconds = world.drained()
    report(kills=1, repeated=world.repeated(), seconds=seconds)
    assert world.stale() == []
    assert world.repeated() <= 1  # what was applied before the kill, if the lists were not read first


@pytest.fixture
def late(install: Install, token: str) -> Production:
    """A worker that stands still in the middle of a batch, until another has carried out a later decision: what it
    goes on to tell the Hub is out of date."""
    world = install()
    repo = world.repo("late", 2)
    first, second = world.people[repo]
    world.connect(token)
    world.hub.fault("apply_then_fail", method="POST", path=repo, seconds=60, count=1)
    rejected = {"repo": repo, "person": second, "verb": "reject", "seen": "pending", "reason": "No affiliation."}
    world.decide([rejected, *accept(repo, [first])])
    # The ten seconds in which a rejection can be undone.
    world.sql("UPDATE outbox_outboxitem SET due_at = now() WHERE kind = 'access.push'")
    slow = world.stack.start_worker(1)
    world.stack.start_beat()
    wait_until(lambda: world.hub.faults()[0]["hits"], 20, "the first call of the batch")
    told = next(row["user"] for row in world.hub.rows(repo) if row["status"] != "pending")
    os.killpg(slow.pid, signal.SIGSTOP)
    return world


def test_a_handler_that_outlives_its_lease_leaves_no_key_stale(late: Production):
    world = late
    (repo,) = world.people
    began = time.monotonic()
    waiting = [person for person in world.people[repo] if world.hub.row(repo, person)["status"] == "pending"]
    report(waiting=waiting)
