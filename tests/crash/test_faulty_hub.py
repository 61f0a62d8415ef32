"""A Hub that hangs, breaks off, cuts its lists or sends odd rows: what is known stays, what cannot be known is said."""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import partial
from random import Random

import pytest

from hubgate.localhub.door import ControlDoor
from tests.crash.conftest import Install, Production, percentile, report, scaled
from tests.crash.sizes import FULL, SLACK, STUCK_S, size_of
from tests.procfixtures import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]

SLOTS = 4
UNSEEN_S = 1.0  # from one look at the leases to the next, and what a worker does before and after a call
DUE_NOW = "UPDATE access_requestmirror SET compare_due_at = now(), poll_due_at = now() RETURNING now()"


def mirror_again(world: Production) -> None:
    """Have the workers read all lists of all repositories, and wait until each reading has ended."""
    ((began, *_), *_) = world.sql(DUE_NOW)
    waiting = "SELECT 1 FROM access_requestmirror WHERE leased_until IS NOT NULL OR poll_due_at <= %s"
    wait_until(lambda: not world.sql(waiting, [began]), 60 * SLACK, "all readings to end")


def is_partial(world: Production, repo: str) -> bool:
    """What `access.queries.mirror_state` says of the repository's lists."""
    (found,) = world.writer.do("partial", {"repo": repo})
    return bool(found["partial"])


def is_in(hub: ControlDoor, repo: str, person: str) -> bool:
    """Whether the Hub lets the person in."""
    row = hub.row(repo, person)
    return row is not None and row["status"] == "accepted"


def statuses(world: Production, repo: str) -> Counter[str]:
    """How many requests of the repository we hold in each status."""
    query = (
        "SELECT status, count(*) FROM access_accessrequest WHERE repository_id ="
        " (SELECT id FROM repos_repository WHERE name = %s) GROUP BY status"
    )
    return Counter(dict(world.sql(query, [repo])))


def test_a_repository_whose_hub_hangs_takes_a_quarter_of_the_workers_and_holds_up_no_other(
    install: Install, token: str
):
    """R8."""
    size = size_of("R8")
    world = install(HUBGATE_HUB_READ_SECONDS=str(size.read_s))
    hanging, well = world.repo("hanging", 40), world.repo("well", size.others)
    world.connect(token)
    world.start_worker(SLOTS)
    world.hub.fault("hang", path=hanging, seconds=120)
    with Slots(world, hanging) as slots:
        world.sql("UPDATE access_requestmirror SET poll_due_at = now()")
        for start in range(0, 40, 10):  # many nudges, each of which wakes a worker
            world.accept(hanging, world.people[hanging][start : start + 10])
        began = time.monotonic()
        waits: list[float] = []
        for person in world.people[well]:
            world.accept(well, [person])
            asked = time.monotonic()
            wait_until(partial(is_in, world.hub, well, person), 60, f"{person} to get in")
            waits.append(time.monotonic() - asked)
        wait_until(lambda: time.monotonic() > began + size.hang_s, size.hang_s + 10, "enough hanging")
    report("R8", blocked_share=slots.share(), most=slots.most, longest_call=slots.longest, slowest_other=max(waits))
    assert slots.seen
    assert slots.share() <= 0.25
    assert slots.longest <= 1.5 * size.read_s + UNSEEN_S * SLACK
    assert percentile(waits, 0.5) <= 5
    assert max(waits) <= 5 or not FULL
    assert world.behind() == len(world.people[hanging])
    world.hub.clear_faults()
    world.sql("UPDATE outbox_outboxitem SET due_at = now() WHERE done < wanted")
    world.drained(60 * SLACK)
    assert world.stale() == []


class Slots:
    """Watches how many workers are busy with a repository: a batch of its pushes, or a reading of its lists."""

    PUSHES = (
        "SELECT DISTINCT 'push ' || lease FROM outbox_outboxitem o JOIN access_accessrequest r"
        " ON o.kind = 'access.push' AND o.key = CAST(r.id AS varchar) AND o.leased_until > now()"
        " WHERE r.repository_id = %(repository)s"
        " UNION SELECT 'mirror ' || leased_until FROM access_requestmirror"
        " WHERE repository_id = %(repository)s AND leased_until > now()"
    )

    def __init__(self, world: Production, repo: str) -> None:
        self.seen: Counter[str] = Counter()
        self.most = 0
        self._world, self._samples = world, 0
        self._repository = world.sql("SELECT id FROM repos_repository WHERE name = %s", [repo])[0][0]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._seconds = 0.0

    def _watch(self) -> None:
        began = time.monotonic()
        while not self._over.wait(0.1):
            busy = [name for (name,) in self._world.sql(self.PUSHES, {"repository": self._repository})]
            self.seen.update(busy)
            self.most = max(self.most, len(busy))
            self._samples += 1
        self._seconds = time.monotonic() - began

    def share(self) -> float:
        """The share of all workers' time that went into the repository."""
        return self.seen.total() / (self._samples * SLOTS)

    @property
    def longest(self) -> float:
        """Seconds of the longest hold on the repository."""
        return max(self.seen.values()) * self._seconds / self._samples

    def __enter__(self) -> Slots:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_broken_pages_are_asked_for_again_and_change_nothing_that_is_known(
    install: Install, token: str, chance: Random
):
    """R9."""
    world = install()
    repo, count = world.repo("long", 0), scaled(3200)
    world.hub.generate(repo, count, status="accepted")
    world.connect(token, count)
    spoilt = ("cut_body", "truncated_json", "html", "login_redirect")
    for place, kind in enumerate(chance.sample(spoilt, k=4)):  # every other call, until each kind has struck
        world.hub.fault(kind, method="GET", path=f"{repo}/user-access-request/", skip=place, count=1)
    world.start_worker()
    sequence = _last(world)
    mirror_again(world)
    faults = {fault["kind"]: fault["hits"] for fault in world.hub.faults()}
    pages = [call for call in world.hub.journal(sequence) if repo in call["path"] and "fault" not in call]
    report("R9", **faults, good_pages=len(pages))
    assert faults == dict.fromkeys(spoilt, 1)
    assert statuses(world, repo) == {"accepted": count}
    assert not is_partial(world, repo)

    # A list that never comes whole: what was known stays, and it is said.
    world.hub.clear_faults()
    world.hub.fault("truncated_json", method="GET", path="/accepted.*cursor")
    mirror_again(world)
    assert statuses(world, repo) == {"accepted": count}
    assert is_partial(world, repo)

    world.hub.clear_faults()
    mirror_again(world)
    assert not is_partial(world, repo)
    assert world.sql("SELECT sum(missing_walks) FROM access_accessrequest") == [(0,)]


def test_a_list_cut_to_a_thousand_rows_revokes_nothing_and_is_said_to_be_incomplete(install: Install, token: str):
    """R10."""
    world = install()
    repo, count = world.repo("capped", 0), scaled(1500)
    world.hub.generate(repo, count, status="accepted")
    world.connect(token, count)
    world.start_worker()
    world.hub.fault("list_cap", method="GET", path=f"{repo}/user-access-request/accepted", rows=1000)
    for _ in range(3):  # a request is believed gone after two complete walks
        mirror_again(world)
    capped = world.hub.faults()[0]["hits"]
    report("R10", requests=count, capped_lists=capped)
    assert capped >= 3
    assert statuses(world, repo) == {"accepted": count}
    assert world.sql("SELECT sum(missing_walks) FROM access_accessrequest") == [(0,)]
    assert is_partial(world, repo)


ODD = {
    "missing_key": "bad_time",
    "unknown_status": "status_unknown",
    "big_field": "too_big",
    "unknown_key": None,
    "nul": None,
    "surrogate": None,
    "null_email": None,
    "no_user": None,
}


def test_odd_rows_are_set_aside_once_each_and_the_others_are_stored(install: Install, token: str):
    """R12."""
    world = install()
    for what in ODD:
        repo = world.repo(what.replace("_", "-"), 3)
        world.hub.fault("odd_rows", method="GET", path=f"{repo}/user-access-request/pending", what=what, at=1)
    world.connect(token, sum(2 if reason else 3 for reason in ODD.values()))
    world.start_worker()
    for _ in range(2):
        mirror_again(world)
    rows = world.sql(
        "SELECT repo.name, odd.reason FROM access_oddrow odd JOIN repos_repository repo ON repo.id = odd.repository_id"
    )
    errors = world.sql("SELECT error FROM access_requestmirror WHERE error <> ''")
    report(
        "R12", repositories=len(ODD), set_aside=len(rows), readings=sum(fault["hits"] for fault in world.hub.faults())
    )
    assert errors == []
    assert sorted(rows) == sorted(
        (f"aurora/{what.replace('_', '-')}", reason) for what, reason in ODD.items() if reason
    )
    for what, reason in ODD.items():
        repo = f"aurora/{what.replace('_', '-')}"
        assert statuses(world, repo) == {"pending": 2 if reason else 3}, what
    assert all(fault["hits"] >= 3 for fault in world.hub.faults())


def _last(world: Production) -> int:
    """The number of the last call in the Hub's journal."""
    return max((call["sequence"] for call in world.hub.journal()), default=0)
