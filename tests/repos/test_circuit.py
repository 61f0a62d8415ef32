"""The circuit in the database: what one process finds out holds for all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hubgate.hub.circuit import OPEN_AFTER
from repos.circuit import StoredCircuit
from repos.models import HubCircuit
from tests.threads import race

ORIGIN = "https://hub.example"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE, OTHER = "models/aurora/one", "models/aurora/other"
AGAIN = timedelta(seconds=15)


def fail(*subjects: str, at: datetime = NOW) -> list[datetime | None]:
    """Each call as if by another process; what each learns."""
    return [StoredCircuit().note(ORIGIN, subject, at, ok=False) for subject in subjects]


@pytest.mark.django_db
def test_failures_of_all_processes_count_together_and_open_it_for_all():
    assert StoredCircuit().admit(ORIGIN, ONE, NOW) is None
    learnt = fail(*[ONE, OTHER] * (OPEN_AFTER // 2))
    assert learnt == [None] * (OPEN_AFTER - 1) + [NOW + AGAIN]
    assert StoredCircuit().admit(ORIGIN, "", NOW) == NOW + AGAIN
    assert StoredCircuit().admit("https://other.example", ONE, NOW) is None


@pytest.mark.django_db
def test_a_success_closes_it_and_is_written_only_where_something_had_failed(django_assert_num_queries):
    fail(*[ONE, OTHER] * OPEN_AFTER)
    assert StoredCircuit().note(ORIGIN, ONE, NOW, ok=True) is None
    row = HubCircuit.objects.get(origin=ORIGIN)
    assert (row.failures, row.subjects, row.probe_at) == (0, [], None)
    with django_assert_num_queries(1):
        StoredCircuit().note(ORIGIN, ONE, NOW, ok=True)
    with django_assert_num_queries(1):
        assert StoredCircuit().admit(ORIGIN, ONE, NOW) is None


@pytest.mark.django_db(transaction=True)
def test_of_all_that_ask_when_the_time_has_come_one_calls():
    fail(*[ONE, OTHER] * OPEN_AFTER)
    later = NOW + AGAIN
    found = race(*[lambda: StoredCircuit().admit(ORIGIN, ONE, later)] * 6)
    assert sorted(found, key=lambda one: one is not None) == [None] + [later + AGAIN] * 5
