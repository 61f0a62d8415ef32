"""The Hub changes on its own while its lists are read: the next round knows it all, and nothing is told back."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

import pytest

from hubgate.localhub.door import ControlDoor
from tests.crash.conftest import Install, Production, accept, report
from tests.crash.sizes import SLACK, STUCK_S, size_of
from tests.crash.test_faulty_hub import mirror_again

pytestmark = [pytest.mark.processes, pytest.mark.timeout(STUCK_S)]


class Churn:
    """While inside, people withdraw, ask and ask again on the Hub."""

    def __init__(self, hub: ControlDoor, repo: str, chance: Random) -> None:
        self.changes: Counter[str] = Counter()
        self._hub, self._repo, self._chance = ControlDoor(hub.base_url), repo, chance
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._change)

    def _change(self) -> None:
        known = [row["user"] for row in self._hub.rows(self._repo)]
        while not self._over.wait(0.02):
            what = self._chance.choice(["withdrawn", "asked", "asked again"])
            person = self._chance.choice(known)
            if what == "withdrawn":
                self._hub.delete_requests(self._repo, [person])
                known.remove(person)
            else:
                if what == "asked":
                    person = f"late-{self.changes[what]:05d}"
                    known.append(person)
                self._hub.requests(self._repo, [{"user": person, "status": "pending"}])
            self.changes[what] += 1

    def __enter__(self) -> Churn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._hub.close()


def test_a_list_that_changes_between_its_pages_loses_nobody(install: Install, token: str, chance: Random):
    """R11."""
    size = size_of("R11")
    world = install()
    repo = world.repo("busy", 0)
    world.hub.generate(repo, size.rows, status="pending")
    world.connect(token, size.rows)
    world.start_worker(2)
    with Churn(world.hub, repo, chance) as churn:
        for _ in range(size.rounds):
            mirror_again(world)
    for _ in range(3):  # a request is believed gone after two complete walks
        mirror_again(world)
    theirs = {row["user"]: row["status"] for row in world.hub.rows(repo)}
    rows = world.sql(
        "SELECT p.username, r.status FROM access_accessrequest r JOIN accounts_hubidentity p ON p.id = r.person_id"
    )
    ours = {person: status for person, status in rows if status != "withdrawn"}
    lost = sorted(set(theirs) - set(ours))
    report("R11", rows=size.rows, **{name.replace(" ", "_"): count for name, count in churn.changes.items()},
           rounds=size.rounds, lost=len(lost), twice=len(rows) - len(dict(rows)))  # fmt: skip
    assert len(rows) == len(dict(rows))
    assert ours == theirs
    assert set(churn.changes) == {"withdrawn", "asked", "asked again"}


def test_what_is_decided_on_the_hub_meanwhile_is_found_and_the_later_decision_stands(install: Install, token: str):
    """R18."""
    size = size_of("R18")
    world = install()
    repo = world.repo("one", size.requests)
    world.connect(token)
    people = world.people[repo]
    share = max(2, size.requests // 20)
    told, before, after = people[: -2 * share], people[-2 * share : -share], people[-share:]
    worker = world.start_worker(4)
    world.accept(repo, told)
    world.drained(60 * SLACK)
    # What a push just did proves nothing for thirty seconds; these have passed.
    world.sql("UPDATE access_accessrequest SET pushed_at = pushed_at - interval '1 minute'")
    worker.kill()

    flipped = told[:share]
    world.accept(repo, before)  # waiting when the Hub decides: the Hub is later
    _reject_on_hub(world, repo, [*flipped, *before, *after])
    world.decide(accept(repo, after))  # decided after the Hub did: we are later
    sequence = max(call["sequence"] for call in world.hub.journal())
    world.sql("UPDATE access_requestmirror SET read_before_push = true")
    world.start_worker(4)
    mirror_again(world)
    world.drained(60 * SLACK)
    mirror_again(world)
    ours = dict(
        world.sql(
            "SELECT p.username, r.status FROM access_accessrequest r JOIN accounts_hubidentity p ON p.id = r.person_id"
        )
    )
    causes = dict(
        world.sql(
            "SELECT p.username, e.cause FROM audit_auditevent e JOIN access_accessrequest r ON r.id = e.subject_id"
            " JOIN accounts_hubidentity p ON p.id = r.person_id WHERE e.event IN"
            " ('access.request.changed-on-hub', 'access.request.superseded', 'access.request.hub-superseded')"
        )
    )
    targets = {target for post in world.posts(after=sequence) for target in _people_of(world, post["body"])}
    report("R18", requests=size.requests, flipped=3 * share, told_back=len(targets))
    assert {ours[person] for person in [*flipped, *before]} == {"rejected"}
    assert {ours[person] for person in after} == {"accepted"}
    assert causes == dict.fromkeys([*flipped, *before, *after], "hub")
    assert targets == set(after)
    assert world.stale() == []


def _reject_on_hub(world: Production, repo: str, people: list[str]) -> None:
    """Somebody rejects them on the Hub's own page; a row keeps the time of its request there."""
    asked = {row["user"]: row["timestamp"] for row in world.hub.rows(repo)}
    rows = [{"user": person, "status": "rejected", "timestamp": asked[person]} for person in people]
    world.hub.requests(repo, rows)


def _people_of(world: Production, body: dict[str, object]) -> list[str]:
    ids = [str(row["userId"]) for row in body.get("requests", [body])]  # type: ignore[attr-defined]
    return [name for (name,) in world.sql("SELECT username FROM accounts_hubidentity WHERE hub_id = ANY(%s)", [ids])]
