"""A Hub that limits, fails or falls silent after it acted: restraint while it lasts, and all goes out afterwards."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from hubgate.hub.circuit import OPEN_AFTER
from tests.crash.conftest import Install, Production, accept, report
from tests.crash.sizes import FULL, SLACK, STUCK_S, size_of
from tests.procfixtures import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]

# Calls that were under way when the answer of another came.
UNDER_WAY_S = 0.5 * SLACK
FEW = 10


def test_after_a_429_nobody_calls_before_its_time_and_people_keep_their_share(install: Install, token: str):
    """R6."""
    size = size_of("R6")
    world = install(HUBGATE_POLL_SECONDS="1", HUBGATE_COMPARE_SECONDS="2", HUBGATE_REPOSITORIES_SECONDS="2")
    repos = [world.repo(name, 4) for name in ("one", "two", "three", "four")]
    world.connect(token)
    world.hub.fault("rate_limited", path="^/api/", t=size.t, probability=0.3, seed=4)
    for _ in range(2):
        world.start_worker(2)
    started = last_call(world)
    world.accept(repos[0])
    wait_until(lambda: _limited(world, started) >= size.limits, size.limits * (size.t + 10) * SLACK, "the limits")
    calls = [call for call in world.hub.journal(started) if call["path"].startswith("/api/")]
    world.hub.clear_faults()
    limits = [seconds(call) for call in calls if call["status"] == 429]
    early = [call["path"] for limit in limits for call in calls if limit + UNDER_WAY_S < seconds(call) < limit + size.t]
    windows = 1 + sum(second - first >= size.t for first, second in pairwise(limits))
    world.drained(60 * SLACK)
    wait_until(lambda: world.sql("SELECT count(*) FROM access_requestmirror WHERE error <> ''") == [(0,)], 60, "sync")

    # A small quota that the mirror would spend alone: the last fifth is for what people decide.
    world.hub.settings(quotas={"api": 60})
    began = last_call(world)
    held_back = "SELECT count(*) FROM access_requestmirror WHERE error LIKE '%%rate limit%%'"
    wait_until(lambda: world.sql(held_back) == [(len(repos),)], 60 * SLACK, "the mirror to be held back")
    spent = len([call for call in world.hub.journal(began) if call["path"].startswith("/api/")])
    for repo in repos[1:]:
        world.accept(repo)
    people = world.drained(30 * SLACK)
    report(
        "R6", calls=len(calls), limits=len(limits), windows=windows, early=len(early), quota=60,
        spent_by_mirror=spent, people_s=people,
    )  # fmt: skip
    assert early == [] or (not FULL and len(early) <= len(limits))  # on a busy machine one of them may be late by more
    # Two processes that call at the same moment may both be refused; nobody calls after that.
    assert len(limits) <= 2 * windows
    assert spent <= 48
    assert world.wrong() == []


def _limited(world: Production, after: int) -> int:
    return sum(call["status"] == 429 for call in world.hub.journal(after))


def last_call(world: Production) -> int:
    """The number of the last call in the Hub's journal."""
    return max((call["sequence"] for call in world.hub.journal()), default=0)


def seconds(call: dict[str, Any]) -> float:
    """When the Hub got a call."""
    return datetime.fromisoformat(call["time"]).timestamp()


def test_a_hub_that_is_down_is_asked_now_and_then_and_gets_all_once_it_is_back(install: Install, token: str):
    """R7."""
    size = size_of("R7")
    world = install(HUBGATE_HUB_PROBE_SECONDS=str(size.probe_s), HUBGATE_POLL_SECONDS="5")
    repos = [world.repo(name, size.decisions // 3) for name in ("one", "two", "three")]
    halves = [[(repo, person) for repo in repos for person in world.people[repo][half::2]] for half in (0, 1)]
    world.connect(token)
    for number, status in enumerate((500, 502, 503, 504)):
        # So many of each at most: a push that fails time and again waits twice as long each time.
        world.hub.fault("server_error", status=status, probability=0.085, seed=number, count=size.faults)
    world.start_worker(4)
    for repo, person in halves[0]:
        world.decide(accept(repo, [person]))
    shaky = world.drained(120 * SLACK)
    world.hub.clear_faults()

    sequence = last_call(world)
    world.hub.fault("server_error", status=503)
    for repo, person in halves[1]:
        world.decide(accept(repo, [person]))
    wait_until(lambda: len(_probes(world, sequence)) >= size.probes, (size.probes + 6) * size.probe_s * SLACK, "probes")
    calls = world.hub.journal(sequence)
    at_first = len(calls) - len(_probes(world, sequence))
    gaps = [second - first for first, second in pairwise(map(seconds, calls[at_first:]))]
    waiting = world.behind()
    parked = world.sql("SELECT count(*) FROM outbox_outboxitem WHERE parked_at IS NOT NULL")[0][0]
    world.hub.clear_faults()
    back = time.monotonic()
    world.drained(60 * SLACK)
    drained = time.monotonic() - back
    report(
        "R7", drained_at_30_percent_s=shaky, calls_before_open=at_first, probes=len(gaps), shortest_gap_s=min(gaps),
        waiting=waiting, parked=parked, drained_s=drained,
    )  # fmt: skip
    assert at_first <= FEW
    assert min(gaps) >= 0.9 * size.probe_s
    assert waiting == len(halves[1])
    assert parked == 0
    assert drained <= size.probe_s + 15 * SLACK
    assert world.wrong() == []


def _probes(world: Production, after: int) -> list[dict[str, Any]]:
    """The calls since the one that found the circuit open: after enough failures, and with a pause before."""
    calls = world.hub.journal(after)
    for place in range(OPEN_AFTER, len(calls)):
        if seconds(calls[place]) - seconds(calls[place - 1]) > 1:
            return calls[place:]
    return []


def test_a_rejection_whose_answer_was_lost_is_not_told_again(install: Install, token: str, chance: Random):
    """R13."""
    size = size_of("R13")
    world = install()
    repos = [world.repo(name, size.rejections // 3) for name in ("one", "two", "three")]
    world.connect(token)
    world.decide(
        [
            {"repo": repo, "person": person, "verb": "reject", "seen": "pending", "reason": f"Reason {number}."}
            for repo in repos
            for place, person in enumerate(world.people[repo])
            for number in [place % (size.groups // 3)]
        ]
    )
    # The ten seconds in which a rejection can be undone have passed.
    world.sql("UPDATE outbox_outboxitem SET due_at = now() WHERE kind = 'access.push'")
    world.hub.fault(
        "apply_then_fail", method="POST", probability=0.3, seed=chance.randrange(1000), count=size.groups // 4,
        seconds=size.seconds,
    )  # fmt: skip
    world.hub.fault("apply_then_fail", method="POST", path=repos[0], count=1, seconds=size.seconds)
    world.start_worker(4)
    seconds_taken = world.drained(120 * SLACK * (10 if size.seconds else 1))
    lost = sum(fault["hits"] for fault in world.hub.faults())
    report(
        "R13", rejections=size.rejections, posts=len(world.posts()), answers_lost=lost, repeated=world.repeated(),
        drained_s=seconds_taken,
    )  # fmt: skip
    assert lost >= 1
    assert world.repeated() == 0
    assert world.wrong() == []
