"""Tasks that come twice, late or out of order, and two people who decide at once: the last committed word counts."""

from __future__ import annotations

import threading
import time
from random import Random

import pytest
from celery import Celery

from tests.crash.conftest import Install, Production, StartWriter, report, targets
from tests.crash.sizes import SLACK, STUCK_S, size_of

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]

TICKS = ("hubgate.outbox.tasks.drain", "repos.tasks.mirror_due", "access.tasks.mirror_due")


def deliver(world: Production, times: int) -> None:
    """Have each of hubgate's tasks delivered so many times at once."""
    with Celery("again", broker=world.env["REDIS_URL"], set_as_current=False) as app:
        for task in TICKS * times:
            app.send_task(task)
        for _ in range(times):
            app.send_task(TICKS[0], args=["access.push"])


def test_a_task_that_comes_several_times_and_late_does_what_it_does_once(install: Install, token: str, chance: Random):
    """R14."""
    size = size_of("R14")
    world = install()
    repos = [world.repo(name, size.decisions // 2) for name in ("one", "two")]
    world.connect(token)
    for _ in range(2):
        world.start_worker(4)
    delivered = 0
    for repo in repos:
        for start in range(0, len(world.people[repo]), 5):
            world.accept(repo, world.people[repo][start : start + 5])
            times = chance.randint(2, 5)
            delivered += times
            deliver(world, times)
    world.drained(60 * SLACK)
    first = len(world.posts())
    repeated = world.repeated()

    # What was delivered for these comes again after they were taken back.
    world.decide(
        [{"repo": repos[0], "person": p, "verb": "put_back", "seen": "accepted"} for p in world.people[repos[0]]]
    )
    world.drained(60 * SLACK)
    told = len(world.posts())
    deliver(world, 5)
    world.stack.manage("shell", "-c", "from hubgate.outbox import tasks; tasks.drain('access.push')")
    report("R14", decisions=size.decisions, deliveries=delivered, posts=first, repeated=repeated)
    assert len(world.posts()) == told
    assert repeated == 0
    pushed = "SELECT count(*), count(DISTINCT subject_id) FROM audit_auditevent WHERE event = 'access.request.pushed'"
    assert world.sql(pushed) == [(size.decisions + len(world.people[repos[0]]), size.decisions)]
    assert world.sql("SELECT count(*) FROM access_accessrequest") == [(size.decisions,)]
    assert world.wrong() == []


def test_the_hub_ends_with_the_last_committed_decision_whatever_order_pushes_take(
    install: Install, start_writer: StartWriter, token: str, chance: Random
):
    """R15."""
    size = size_of("R15")
    world = install(HUBGATE_HUB_READ_SECONDS="3")
    repos = [world.repo(name, size.requests // 3) for name in ("one", "two", "three")]
    writers = [world.writer, *(start_writer(world.env) for _ in range(2))]
    world.connect(token)
    world.hub.fault("apply_then_fail", method="POST", probability=0.1, seconds=0.5, seed=chance.randrange(1000))
    world.hub.fault("hang", method="POST", probability=0.1, seconds=0.5, seed=chance.randrange(1000))
    for _ in range(2):
        world.start_worker(4)
    for writer, repo in zip(writers, repos, strict=True):
        writer.begin("decide", {"decisions": _interleaved(repo, world.people[repo], chance)})
    done: list[dict[str, object]] = []
    threads = [threading.Thread(target=lambda writer=writer: done.extend(writer.finish())) for writer in writers]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + STUCK_S / 2
    while any(thread.is_alive() for thread in threads) or world.behind():
        assert time.monotonic() < ends, f"{world.behind()} pushes still wait"
        # The ten seconds in which a rejection can be undone have passed.
        world.sql("UPDATE outbox_outboxitem SET due_at = now() WHERE due_at > now() AND attempts = 0")
        threads[0].join(0.2)
        if not any(thread.is_alive() for thread in threads):
            world.hub.clear_faults()
    report("R15", requests=size.requests, decisions=len(done), posts=len(world.posts()), wrong=len(world.stale()))
    assert [one["refused"] for one in done] == [""] * (3 * 3 * (size.requests // 3))
    for sentence in world.stale():  # what the Hub was told of them, and what it answered
        print(sentence, *told_of(world, sentence.partition(":")[0]), sep="\n  ")
    assert world.wrong() == []


def told_of(world: Production, person: str) -> list[str]:
    """Each decision on a person that the Hub got, in its order."""
    ((hub_id,),) = world.sql("SELECT hub_id FROM accounts_hubidentity WHERE username = %s", [person])
    return [
        f"{post['sequence']} {post['time']} {post['body']['status']} {post['status']} {post.get('fault', '')}"
        for post in world.posts()
        if post["body"] is not None and hub_id in targets(post["body"])
    ]


def _interleaved(repo: str, people: list[str], chance: Random) -> list[dict[str, str]]:
    """Three decisions on each person in their order, those of all people mixed."""
    left = {}
    for person in people:
        verbs = chance.choice([("accept", "reject", "accept"), ("reject", "accept", "reject")])
        seen = ("pending", *(f"{verb}ed" for verb in verbs))
        left[person] = [
            {"repo": repo, "person": person, "verb": verb, "seen": before, "reason": "No affiliation."}
            for verb, before in zip(verbs, seen, strict=False)
        ]
    mixed = [person for person in people for _ in range(3)]
    chance.shuffle(mixed)
    return [left[person].pop(0) for person in mixed]
