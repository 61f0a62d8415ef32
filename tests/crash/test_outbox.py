"""The outbox's four cases (docs/architecture.md): whatever dies or stands still, no key is stale."""

from __future__ import annotations

import os
import signal
from random import Random

import httpx2
import pytest

from tests.crash.conftest import Database, Install, StartWriter, accept, report, scaled
from tests.procfixtures import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def test_four_writers_and_four_workers_leave_no_key_stale(
    install: Install, start_writer: StartWriter, token: str, chance: Random
):
    world = install()
    repos = [world.repo("one", 6), world.repo("two", 6)]
    writers = [world.writer, *(start_writer(world.env) for _ in range(3))]
    world.connect(token)
    world.start_worker()
    for writer in writers:
        writer.begin("flip", {"repos": repos, "count": scaled(20), "seed": chance.random()})
    done = [one for writer in writers for one in writer.finish()]
    seconds = world.drained(120)
    refused = sum(bool(one["refused"]) for one in done)
    report(decisions=len(done) - refused, refused=refused, posts=len(world.posts()), seconds=seconds)
    assert len(done) == 4 * scaled(20)
    assert world.stale() == []


def test_workers_killed_before_and_after_the_hub_call_leave_no_key_stale(install: Install, token: str):
    world = install()
    before, after = world.repo("before", 5), world.repo("after", 5)
    world.connect(token)
    world.accept(before)
    world.accept(after)
    world.hub.fault("hang", method="POST", path=before, seconds=60)
    world.hub.fault("apply_then_fail", method="POST", path=after, seconds=60)
    worker = world.start_worker()
    wait_until(lambda: all(fault["hits"] for fault in world.hub.faults()), 60, "both calls to be under way")
    wait_until(lambda: {row["status"] for row in world.hub.rows(after)} == {"accepted"}, 60, "the Hub to apply it")
    worker.kill()
    assert {row["status"] for row in world.hub.rows(before)} == {"pending"}
    assert world.behind() == 10
    world.hub.clear_faults()
    wait_until(lambda: len(world.posts()) == 2, 60, "the calls that hung to end")
    world.start_worker()
    seconds = world.drained(120)
    report(kills=1, repeated=world.repeated(), seconds=seconds)
    assert world.stale() == []
    assert world.repeated() <= 1


def test_a_handler_that_outlives_its_lease_leaves_no_key_stale(install: Install, token: str):
    """A worker stands still between two calls of a batch until another has carried out a later decision. What it then
    tells the Hub is out of date."""
    world = install()
    repo = world.repo("late", 2)
    world.connect(token)
    first, second = [name for (name,) in world.sql(PEOPLE)]
    rejected = {"repo": repo, "person": second, "verb": "reject", "seen": "pending", "reason": "No affiliation."}
    world.decide([*accept(repo, [first]), rejected])
    # The ten seconds in which a rejection can be undone have passed.
    world.sql("UPDATE outbox_outboxitem SET due_at = now() WHERE kind = 'access.push'")
    world.hub.fault("apply_then_fail", method="POST", path=repo, seconds=60, count=1)
    slow = world.stack.start_worker(1)
    wait_until(lambda: world.hub.faults()[0]["hits"], 60, "the first call of the batch")
    wait_until(
        lambda: [row["user"] for row in world.hub.rows(repo) if row["status"] == "accepted"] == [first], 60, "it"
    )
    os.killpg(slow.pid, signal.SIGSTOP)

    world.decide([{"repo": repo, "person": second, "verb": "accept", "seen": "rejected"}])
    assert world.behind() == 2
    world.start_worker(1)
    seconds = world.drained(120)
    assert world.stale() == []

    # What would be so without the check of the lease: told late, and taken for done.
    told_late = {"userId": _hub_id(world.sql, second), "status": "rejected", "rejectionReason": "No affiliation."}
    url = f"{world.hub.base_url}/api/models/{repo}/user-access-request/handle"
    assert httpx2.post(url, json=told_late, headers={"authorization": f"Bearer {token}"}).status_code == 200
    world.sql("UPDATE outbox_outboxitem SET done = claimed WHERE kind = 'access.push'")
    assert world.behind() == 0
    assert [second in sentence for sentence in world.stale()] == [True]

    posts = len(world.posts())
    world.hub.clear_faults()
    os.killpg(slow.pid, signal.SIGCONT)
    wait_until(lambda: len(world.posts()) >= posts + 3, 30, "the late call, and the right one after it")
    world.drained(120)
    report(lease_lost_after_seconds=seconds, posts=len(world.posts()))
    assert world.stale() == []


PEOPLE = "SELECT username FROM access_accessrequest r JOIN accounts_hubidentity p ON p.id = r.person_id ORDER BY r.id"


def _hub_id(sql: Database, username: str) -> str:
    return str(sql("SELECT hub_id FROM accounts_hubidentity WHERE username = %s", [username])[0][0])
