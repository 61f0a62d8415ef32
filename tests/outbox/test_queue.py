"""Noting down work: counted, coalesced, due when it was said, and announced after the commit only."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from hubgate.outbox import queries, queue
from hubgate.outbox.models import OutboxItem
from hubgate.outbox.registry import Later, Parked
from tests.outbox.conftest import Work


@pytest.fixture
def nudged():
    """The kinds that were announced, and a nudge that then fails."""
    heard: list[str] = []

    def nudge(kind: str) -> None:
        heard.append(kind)
        raise ConnectionError("the broker is down")

    before = list(queue._nudges)
    queue._nudges[:] = [nudge]
    yield heard
    queue._nudges[:] = before


@pytest.mark.django_db
def test_repeats_of_a_key_are_counted_in_one_row(work: Work):
    queue.enqueue(work.name, ["7", 8, "7"])
    queue.enqueue(work.name, [7])
    assert [
        (item.key, item.wanted, item.done) for item in OutboxItem.objects.filter(kind=work.name).order_by("key")
    ] == [
        ("7", 2, 0),
        ("8", 1, 0),
    ]
    assert queries.count_behind(work.name) == 2


@pytest.mark.django_db
def test_more_keys_than_one_statement_takes(work: Work):
    queue.enqueue(work.name, range(1200))
    queue.enqueue(work.name, range(1100, 1300))
    rows = OutboxItem.objects.filter(kind=work.name)
    assert rows.count() == 1300
    assert rows.filter(wanted=2).count() == 100


@pytest.mark.django_db
def test_a_later_change_brings_its_own_due_time(work: Work):
    soon, late = timezone.now(), timezone.now() + timedelta(hours=1)
    queue.enqueue(work.name, ["1"], due_at=late)
    assert work.item("1").due_at == late
    assert work.drain() == 0
    queue.enqueue(work.name, ["1"], due_at=soon)
    assert work.item("1").due_at == soon
    assert work.drain() == 1


@pytest.mark.django_db
def test_nothing_to_enqueue_is_nothing(work: Work, django_assert_num_queries):
    with django_assert_num_queries(0):
        queue.enqueue(work.name, [])


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", [Later("the Hub was away"), Parked("the Hub refused")])
def test_a_new_change_and_a_retry_forget_what_went_wrong(work: Work, outcome):
    for again in (lambda: queue.enqueue(work.name, ["1"]), lambda: queue.retry(work.name, "1")):
        work.change("1", "a")
        work.answer = lambda key: outcome
        work.drain()
        state = queries.states(work.name, ["1"])["1"]
        assert (state.behind, state.parked, state.error) == (True, isinstance(outcome, Parked), outcome.error)
        assert again() is not False
        assert queries.states(work.name, ["1"])["1"].error == ""
        work.answer = Work.answer
        assert work.drain() == 1
        assert not queries.states(work.name, ["1"])["1"].behind


@pytest.mark.django_db
def test_there_is_no_retry_of_what_was_never_wanted_or_is_done(work: Work):
    assert queue.retry(work.name, "1") is False
    work.change("1", "a")
    work.drain()
    assert queue.retry(work.name, "1") is False


@pytest.mark.django_db(transaction=True)
def test_a_nudge_comes_after_the_commit_and_its_failure_harms_nothing(work: Work, nudged: list[str], caplog):
    with caplog.at_level(logging.CRITICAL), transaction.atomic():
        queue.enqueue(work.name, ["1"])
        assert nudged == []
    assert nudged == [work.name]
    assert work.item("1").wanted == 1

    def fail() -> None:
        with transaction.atomic():
            queue.enqueue(work.name, ["2"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction.atomic():
        queue.enqueue(work.name, ["3"], due_at=timezone.now() + timedelta(seconds=10))
    assert nudged == [work.name]
    assert sorted(OutboxItem.objects.filter(kind=work.name).values_list("key", flat=True)) == ["1", "3"]
