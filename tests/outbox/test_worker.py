"""Carrying work out: the four cases of a worker's life, and what a change meanwhile does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from hubgate.outbox import queries, worker
from hubgate.outbox.models import OutboxItem
from hubgate.outbox.registry import Done, Handler, Later, Outcome, Parked
from tests.outbox.conftest import Work
from tests.threads import failures, race, sqlite_busy


@pytest.mark.django_db
def test_what_is_due_is_carried_out_in_batches_oldest_first(work: Work):
    for number in range(7):
        work.change(str(number), "a", due_in=-100 + number)
    assert work.drain() == 7
    assert work.calls == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert queries.count_behind(work.name) == 0
    assert work.drain() == 0


@pytest.mark.django_db
def test_a_worker_that_dies_before_the_call_leaves_the_key_to_the_next(work: Work):
    work.change("1", "a")
    assert worker.claim(work.kind, uuid4().hex)
    assert work.drain() == 0, "it is held"
    work.expire_leases()
    assert work.drain() == 1
    assert work.told == {"1": "a"}
    assert not queries.states(work.name, ["1"])["1"].behind


@pytest.mark.django_db
def test_a_worker_that_dies_between_the_call_and_settling_has_it_carried_out_again(work: Work):
    work.change("1", "a")
    worker.claim(work.kind, uuid4().hex)
    work.kind.handle(["1"])
    work.change("1", "b")
    work.expire_leases()
    work.drain()
    assert work.calls == [["1"], ["1"]]
    assert work.told == {"1": "b"}
    assert not queries.states(work.name, ["1"])["1"].behind


@pytest.mark.django_db
@pytest.mark.parametrize("late", [Done(), Later("too late"), Parked("refused")])
def test_a_handler_that_outlives_its_lease_leaves_nothing_stale(work: Work, late):
    """The slow one read the old state, lost its lease, and told the old state last."""
    work.change("1", "old")
    lease = uuid4().hex
    claims = worker.claim(work.kind, lease)
    work.expire_leases()
    work.change("1", "new")
    work.drain()
    assert work.told == {"1": "new"}
    work.told["1"] = "old"

    worker.settle(claims, lease, {"1": late})

    assert queries.states(work.name, ["1"])["1"].behind, "the key is wanted once more"
    work.drain()
    assert work.told == {"1": "new"}
    assert not queries.states(work.name, ["1"])["1"].behind


@pytest.mark.django_db
def test_a_late_worker_that_still_holds_the_lease_settles(work: Work):
    work.change("1", "a")
    lease = uuid4().hex
    claims = worker.claim(work.kind, lease)
    work.expire_leases()
    worker.settle(claims, lease, {"1": Done()})
    assert not queries.states(work.name, ["1"])["1"].behind


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "due_in", "runs"), [(Done(), 0, 2), (Later("no"), 0, 2), (Parked("no"), 0, 2), (Done(), 3600, 1)]
)
def test_a_change_during_a_push_is_not_lost(work: Work, outcome, due_in: float, runs: int):
    """Whatever became of the older push, the newer change goes out at its own time."""
    work.change("1", "a")

    def change_once() -> None:
        if len(work.calls) == 1:
            work.change("1", "b", due_in=due_in)
            work.answer = lambda key: outcome
        else:
            work.answer = Work.answer

    work.meanwhile = change_once
    work.drain()
    state = queries.states(work.name, ["1"])["1"]
    assert len(work.calls) == runs
    assert not state.parked
    assert state.behind is (runs == 1)
    if runs == 1:
        assert work.item("1").due_at > timezone.now() + timedelta(minutes=59)
    else:
        assert work.told == {"1": "b"}


@pytest.mark.django_db
def test_parked_work_rests_until_somebody_looks(work: Work):
    work.change("1", "a")
    work.answer = lambda key: Parked("The Hub knows no such person.")
    work.drain()
    assert work.drain() == 0
    assert queries.count_behind(work.name) == 0
    state = queries.states(work.name, ["1"])["1"]
    assert (state.parked, state.behind, state.error, state.attempts) == (True, True, "The Hub knows no such person.", 1)


@pytest.mark.django_db
def test_later_waits_until_the_time_named_or_longer_each_time(work: Work):
    until = timezone.now() + timedelta(seconds=37)
    work.change("1", "a")
    work.answer = lambda key: Later("not now", until)
    work.drain()
    assert work.item("1").due_at == until

    waits = []
    work.answer = lambda key: Later("not now")
    for _ in range(3):
        OutboxItem.objects.filter(kind=work.name).update(due_at=timezone.now())
        work.drain()
        waits.append(round((work.item("1").due_at - timezone.now()).total_seconds()))
    assert waits == [4, 8, 16]
    assert worker.backoff(50) == timedelta(minutes=10)


@pytest.mark.django_db
def test_a_handler_that_raises_is_tried_again_and_seen(work: Work, caplog):
    def explode(key: str) -> Done:
        raise RuntimeError("a fault of ours")

    for key in ("1", "2"):
        work.change(key, "a")
    work.answer = explode
    with caplog.at_level(logging.CRITICAL):
        assert work.drain() == 2
    for key in ("1", "2"):
        item = work.item(key)
        assert item.last_error == "RuntimeError in the handler"
        assert item.attempts == 1
        assert item.due_at > timezone.now()
        assert item.leased_until is None


@pytest.mark.django_db
def test_a_handler_that_met_the_locks_of_others_is_run_again_and_has_not_failed(work: Work, tmp_path, caplog):
    """After a failure of its own nothing else changes: the next wait is as long as it would have been."""
    work.change("1", "a")
    work.answer = lambda key: Later("not now")
    work.drain()
    OutboxItem.objects.update(due_at=timezone.now())

    def refuse(key: str) -> Done:
        raise sqlite_busy(tmp_path)

    work.answer = refuse
    with caplog.at_level(logging.CRITICAL):
        assert work.drain() == 1
    item = work.item("1")
    assert (item.attempts, item.last_error, item.lease, item.leased_until) == (1, "not now", "", None)
    assert timezone.now() < item.due_at < timezone.now() + timedelta(seconds=2)

    OutboxItem.objects.update(due_at=timezone.now())
    work.answer = lambda key: Done()
    assert work.drain() == 1
    assert not queries.states(work.name, ["1"])["1"].behind


@pytest.mark.django_db
def test_a_change_while_a_handler_met_the_locks_of_others_keeps_its_own_time(work: Work, tmp_path, caplog):
    work.change("1", "a")
    work.meanwhile = lambda: work.change("1", "b", due_in=3600)

    def refuse(key: str) -> Done:
        raise sqlite_busy(tmp_path)

    work.answer = refuse
    with caplog.at_level(logging.CRITICAL):
        assert work.drain() == 1
    assert work.item("1").due_at > timezone.now() + timedelta(minutes=59)


@pytest.mark.django_db
def test_a_key_that_the_handler_forgot_is_not_done(work: Work):
    work.change("1", "a")
    work.wrap = lambda carry, keys: carry(keys) and {}
    work.drain()
    assert queries.states(work.name, ["1"])["1"].error == "the handler gave no outcome"


@pytest.mark.django_db(transaction=True)
def test_a_key_is_carried_by_one_worker_at_a_time(work: Work):
    """Workers and writers at once: no key is handled twice at the same time, and none is stale at the end."""
    keys = [str(number) for number in range(6)]
    lock = threading.Lock()
    inside: set[str] = set()
    twice: list[str] = []

    def alone(carry: Handler, batch: Sequence[str]) -> Mapping[str, Outcome]:
        with lock:
            twice.extend(inside & set(batch))
            inside.update(batch)
        try:
            return carry(batch)
        finally:
            with lock:
                inside.difference_update(batch)

    work.wrap = alone

    def write() -> None:
        for number in range(5):
            for key in keys:
                work.change(key, f"{threading.get_ident()}-{number}")

    found = race(write, write, *[lambda: [work.drain() for _ in range(15)]] * 3)
    assert failures(found) == []
    work.drain()
    assert twice == []
    assert queries.count_behind(work.name) == 0
    assert work.told == work.ours
