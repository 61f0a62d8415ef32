"""A bulk decision while somebody decides some of its requests one by one: one last word for each."""

from __future__ import annotations

from random import Random

import pytest

from tests.crash.conftest import Install, StartWriter, report
from tests.crash.sizes import SLACK, STUCK_S, size_of
from tests.procfixtures import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]


def test_bulk_and_single_decisions_leave_one_last_word_each(
    install: Install, token: str, start_writer: StartWriter, chance: Random
):
    """R17."""
    size = size_of("R17")
    world = install()
    repo = world.repo("wide", 0)
    world.hub.generate(repo, size.requests)
    world.people[repo] = [f"person-{number:06d}" for number in range(size.requests)]
    world.connect(token)
    for _ in range(2):
        world.start_worker()
    ((key,),) = [row.values() for row in world.writer.do("prepare", {"repo": repo, "verb": "accept"})]
    other = start_writer(world.env)
    chosen = chance.sample(world.people[repo], size.singles)
    reject = [
        {"repo": repo, "person": person, "verb": "reject", "seen": "pending", "reason": "Not this one."}
        for person in chosen
    ]
    other.begin("decide", {"decisions": reject, "pause": 0.02})
    rejected = "SELECT count(*) FROM access_accessrequest WHERE status = 'rejected'"
    wait_until(lambda: world.sql(rejected)[0][0] >= size.singles // 4, 60, "some to be rejected singly")
    world.writer.do("start", {"key": key})
    singly = other.finish()
    wait_until(lambda: world.sql("SELECT state FROM access_bulkdecision") == [("done",)], 60 * SLACK, "the decision")
    took = world.drained(120 * SLACK)

    stood = len([one for one in singly if not one["refused"]])
    outcomes = dict(world.sql("SELECT outcome, count(*) FROM access_bulkrow GROUP BY outcome"))
    report("R17", requests=size.requests, singles=len(singly), stood=stood, bulk=outcomes["decided"], drained_s=took)
    assert len(singly) == size.singles
    assert all("author decided" in one["refused"] for one in singly if one["refused"])
    assert size.singles // 4 <= stood
    assert outcomes == {"decided": size.requests - stood, "refused": stood}
    statuses = dict(world.sql("SELECT status, count(*) FROM access_accessrequest GROUP BY status"))
    assert statuses == {"accepted": size.requests - stood, "rejected": stood}
    decisions = (
        "SELECT count(*), count(DISTINCT subject_id) FROM audit_auditevent"
        " WHERE event IN ('access.request.accepted', 'access.request.rejected')"
    )
    assert world.sql(decisions) == [(size.requests, size.requests)]
    assert world.wrong() == []
