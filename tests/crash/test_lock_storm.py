"""SQLite with eight processes that decide while another takes in a long list: nobody is told that it is locked."""

from __future__ import annotations

import pytest

from tests.crash.conftest import StartWriter, World, percentile, report
from tests.crash.sizes import FULL, SLACK, STUCK_S, size_of

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]

PROCESSES = 8


def test_eight_processes_decide_on_sqlite_while_a_long_list_is_taken_in(
    embedded_world: World, start_writer: StartWriter, token: str
):
    """R22."""
    size, world = size_of("R22"), embedded_world
    repos = [world.repo(f"small-{number}", size.decisions) for number in range(PROCESSES)]
    big = world.repo("big", 0)
    world.connect(token)
    world.hub.generate(big, size.rows, status="pending")
    writers = [start_writer(world.env) for _ in repos]
    for writer, repo in zip(writers, repos, strict=True):  # each is ready before any begins
        writer.do("decide", {"decisions": [_accept(repo, world.people[repo][0])]})
    world.writer.begin("mirror", {})
    for writer, repo in zip(writers, repos, strict=True):
        decisions = [_accept(repo, person) for person in world.people[repo][1:]]
        writer.begin("decide", {"decisions": decisions, "pause": 0.05})
    done = [one for writer in writers for one in writer.finish()]
    (mirrored,) = world.writer.finish()
    seconds = [one["seconds"] for one in done]
    p99 = percentile(seconds, 0.99)
    stored = world.sql("SELECT count(*) FROM access_accessrequest")[0][0]
    report("R22", rows=size.rows, decisions=len(done), p50_s=percentile(seconds, 0.5), p99_s=p99,
           slowest_s=max(seconds), mirror_s=mirrored["seconds"])  # fmt: skip
    assert [one["refused"] for one in done] == [""] * (PROCESSES * (size.decisions - 1))
    assert stored == size.rows + PROCESSES * size.decisions
    assert p99 <= 0.5 or not FULL
    assert percentile(seconds, 0.5) <= 0.5 * SLACK**2  # ten processes on whatever is left of two cores


def _accept(repo: str, person: str) -> dict[str, str]:
    return {"repo": repo, "person": person, "verb": "accept", "seen": "pending"}
