"""The numbers of a repository and a namespace, against a reckoning row by row."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access import measures, states
from access.measures import RANGES, WEEK
from access.models import AccessRequest
from access.queries import statistics
from tests import factories

SECONDS = st.integers(0, 5 * 365 * 86400)


@given(SECONDS)
def test_a_step_holds_its_wait(seconds):
    step = measures.step_of(seconds)
    assert seconds < measures.step_end(step)
    assert step == 0 or measures.step_end(step - 1) <= seconds
    length = measures.step_end(step) - (measures.step_end(step - 1) if step else 0)
    assert length <= max(60, seconds / 14)  # never coarser than a fourteenth of the wait


@given(st.lists(SECONDS, min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_quantile_is_the_nearest_rank_up_to_its_step(waits, share):
    counts = Counter(map(measures.step_of, waits))
    exact = sorted(waits)[max(1, -int(-share * len(waits) // 1)) - 1]
    assert measures.quantile(counts, share) == measures.step_end(measures.step_of(exact))


@given(st.lists(SECONDS, max_size=60))
def test_every_wait_is_in_one_class(waits):
    told = dict(measures.classes(Counter(map(measures.step_of, waits))))
    limits = [(0, 3600), (3600, 86400), (86400, 3 * 86400), (3 * 86400, WEEK), (WEEK, 4 * WEEK), (4 * WEEK, 1 << 60)]
    assert list(told.values()) == [sum(low <= wait < high for wait in waits) for low, high in limits]


def test_a_week_begins_on_monday_and_the_range_ends_with_the_one_that_runs():
    now = datetime(2026, 11, 25, 10, tzinfo=UTC)  # a Wednesday
    weeks = RANGES["12w"]
    assert weeks.begins(weeks.last(now)) == datetime(2026, 11, 23, tzinfo=UTC)
    assert weeks.begins(weeks.first(now)) == datetime(2026, 9, 7, tzinfo=UTC)
    assert RANGES["4w"].begins(RANGES["4w"].first(now)) == datetime(2026, 10, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (1, "1 min"), (3600, "60 min"), (7200, "2 h"), (86400, "24 h"), (172800, "2 days"),
     (216000, "2.5 days"), (12 * 86400, "12 days"), (6 * WEEK, "6 weeks"), (5000 * WEEK, "5,000 weeks")],
)  # fmt: skip
def test_a_wait_reads_as_one_would_say_it(seconds, said):
    assert measures.duration(seconds) == said


@pytest.fixture
def author(db):
    """An author whose namespace is connected for 200 days."""
    with time_machine.travel(timezone.now() - timedelta(days=200), tick=False):
        return factories.make_author()


@pytest.fixture
def repository(author):
    return factories.make_repository()


def fill(author, repository, number=70, seed=7):
    """Requests of all kinds over a year and a half: of the Hub with and without a time, of a person here, granted."""
    dice, now = random.Random(seed), timezone.now()
    rows = []
    for index in range(number):
        asked = now - timedelta(minutes=dice.randrange(1, 380 * 1440))
        status = dice.choice(["pending", "accepted", "accepted", "rejected", "reset"])
        wait = timedelta(seconds=int(10 ** dice.uniform(0, 6.8)))
        reviewed = min(asked + wait, now) if status != "pending" and dice.random() < 0.8 else None
        rows.append(factories.row(f"p{index}", asked_at=asked, reviewed_at=reviewed, status=status))
    factories.record(repository, *rows)
    for index in range(4):
        request = factories.ask(repository, f"here{index}", asked_at=now - timedelta(days=9, hours=index))
        with time_machine.travel(now - timedelta(days=index), tick=False):
            factories.decide(author, request, states.REJECT, "No.")
    from access import actions

    actions.grant(actor=factories.actor(author), repository_id=repository.pk, username="granted")


def reckon(scope, wanted, now):
    """The same numbers one row at a time."""
    first, last = wanted.first(now), wanted.last(now)
    begin = wanted.begins(first)
    index = lambda at: (int(at.timestamp()) + wanted.offset) // wanted.step  # noqa: E731
    asked: Counter[int] = Counter()
    decided: Counter[int] = Counter()
    outcomes: Counter[tuple[str, str]] = Counter()
    waits: dict[int, list[int]] = {}
    history = undated = 0
    for request in AccessRequest.objects.filter(repository__in=scope.repositories):
        if request.via != "grant" and request.asked_at >= begin:
            asked[index(request.asked_at)] += 1
        at = request.decided_at
        if request.status not in ("accepted", "rejected", "reset") or at is None or at < begin:
            continue
        decided[index(at)] += 1
        outcomes[request.status, request.cause] += 1
        dated = request.cause != "hub" or request.hub_reviewed_at is not None
        if at >= scope.connected_at and dated and request.via != "grant" and at >= request.asked_at:
            wait = int(at.timestamp()) - int(request.asked_at.timestamp())
            waits.setdefault(index(at), []).append(wait)
        elif at < scope.connected_at:
            history += 1
        else:
            undated += 1

    def at_rank(values, share):
        if not values:
            return None
        return measures.step_end(measures.step_of(sorted(values)[max(1, -int(-share * len(values) // 1)) - 1]))

    every = [wait for group in waits.values() for wait in group]
    return {
        "periods": [
            (asked[i], decided[i], len(waits.get(i, [])), at_rank(waits.get(i), 0.5), at_rank(waits.get(i), 0.9))
            for i in range(first, last + 1)
        ],
        "outcomes": dict(outcomes),
        "median": at_rank(every, 0.5),
        "ninth": at_rank(every, 0.9),
        "left out": (history, undated),
        "waits": sum(len(group) for group in waits.values()),
    }


@pytest.mark.parametrize("key", list(RANGES))
@pytest.mark.parametrize("seed", [1, 2])
def test_the_database_counts_as_one_would_by_hand(author, repository, key, seed):
    fill(author, repository, seed=seed)
    other = factories.make_repository("aurora-lab/second")
    fill(author, other, number=20, seed=seed + 10)
    wanted = RANGES[key]
    for scope in (statistics.of_repository(repository), statistics.of_namespace(repository.namespace)):
        found = statistics.numbers(scope, wanted)
        expected = reckon(scope, wanted, found.at)
        assert [(p.asked, p.decided, p.timed, p.median, p.ninth) for p in found.periods] == expected["periods"]
        assert {(o.status, o.cause): o.number for o in found.outcomes} == expected["outcomes"]
        assert (found.median, found.ninth) == (expected["median"], expected["ninth"])
        assert (found.history, found.undated) == expected["left out"]
        assert sum(number for _, number in found.waits) == found.timed == expected["waits"]


def test_the_desk_as_it_is_now(author, repository):
    fill(author, repository)
    second = factories.make_repository("aurora-lab/second")
    factories.ask(second, "amina", asked_at=timezone.now() - timedelta(days=500))
    found = statistics.numbers(statistics.of_namespace(repository.namespace), RANGES["12w"]).desk
    pending = AccessRequest.objects.filter(status="pending")
    assert found.waiting == pending.count()
    assert found.oldest == pending.earliest("asked_at").asked_at
    assert {load.name: load.waiting for load in found.loads} == {
        "tiny-gated": pending.filter(repository=repository).count(),
        "second": 1,
    }
    assert dict(found.deciders)["Mara Keller"] == 5
    recent = [load.timed for load in found.loads]
    assert sum(recent) == found.timed


def test_nothing_at_all_is_said_plainly(repository):
    found = statistics.numbers(statistics.of_repository(repository), RANGES["12w"])
    assert measures.asked_finding(found) == "Nobody asked and nothing was decided in the last 12 weeks."
    assert measures.wait_finding(found) == "No wait is known of the last 12 weeks."
    assert measures.outcome_finding(found) == "Nothing was decided in the last 12 weeks."
    assert (found.desk.waiting, found.desk.oldest, found.desk.loads) == (0, None, [])


def test_the_number_of_queries_does_not_grow(author, repository):
    scope = statistics.of_namespace(repository.namespace)
    with CaptureQueriesContext(connection) as few:
        statistics.numbers(scope, RANGES["52w"])
    for number in range(3):
        fill(author, factories.make_repository(f"aurora-lab/more-{number}"), number=10)
    scope = statistics.of_namespace(repository.namespace)
    with CaptureQueriesContext(connection) as many:
        statistics.numbers(scope, RANGES["52w"])
    assert len(few) == len(many) == 6
