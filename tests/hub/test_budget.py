"""The shared rate budget: who may call when (HC §9)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.hub.budget import (
    BudgetState,
    MemoryBudgetStore,
    Permit,
    Wait,
    bucket_of_answer,
    bucket_of_path,
    kept_from,
    observe,
    polling_period_s,
    reserve,
    teaches,
)

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def headers(left, seconds, quota=1000, bucket="api"):
    return {
        "RateLimit": f'"{bucket}";r={left};t={seconds}',
        "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w=300',
    }


def spend(state, lane, now, most=100_000):
    """Calls that `lane` gets before it has to wait, and the state and refusal then."""
    for count in range(most):
        state, decision = reserve(state, lane, now)
        if isinstance(decision, Wait):
            return count, state, decision
    raise AssertionError("no end of permits")


def test_background_leaves_a_fifth_to_people():
    state = observe(BudgetState(), headers(1000, 100), 200, NOW)
    count, state, refusal = spend(state, "background", NOW)
    assert (count, refusal) == (800, Wait(later(101), "kept"))
    count, state, refusal = spend(state, "people", NOW)
    assert (count, refusal) == (200, Wait(later(101), "spent"))


def test_an_unknown_quota_is_taken_for_a_small_one():
    count, state, refusal = spend(BudgetState(), "background", NOW)
    assert (count, refusal) == (400, Wait(later(300), "kept"))
    assert spend(state, "people", NOW)[0] == 100


def test_what_others_spend_of_the_same_quota_counts():
    state = observe(BudgetState(), headers(210, 100), 200, NOW)
    assert spend(state, "background", NOW)[0] == 10


def test_calls_in_flight_are_not_given_out_again_by_an_earlier_answer():
    state = observe(BudgetState(), headers(500, 100), 200, NOW)
    for _ in range(10):
        state, _ = reserve(state, "people", NOW)
    state = observe(state, headers(499, 100), 200, NOW)
    assert state.remaining == 490


def test_a_new_window_is_full_again():
    state = observe(BudgetState(), headers(0, 100), 200, NOW)
    assert reserve(state, "people", later(100))[1] == Wait(later(101), "spent")
    state, decision = reserve(state, "people", later(101))
    assert decision == Permit()
    assert state.remaining == 999


def test_an_answer_from_a_new_window_ends_the_old_one():
    state = observe(BudgetState(), headers(3, 2), 200, NOW)
    state = observe(state, headers(998, 299), 200, later(2))
    assert (state.remaining, state.reset_at) == (998, later(302))


def test_a_late_answer_from_the_window_before_changes_nothing():
    state = observe(BudgetState(), headers(998, 299), 200, NOW)
    assert observe(state, headers(0, 1), 200, later(1)) == state


def test_a_guessed_window_gives_way_to_the_hubs():
    state, _ = reserve(BudgetState(quota=1000), "background", NOW)
    assert state.is_guess
    state = observe(state, headers(700, 20), 200, NOW)
    assert (state.remaining, state.reset_at, state.is_guess) == (700, later(21), False)


@pytest.mark.parametrize("lane", ["people", "background"])
def test_one_429_pauses_everyone_until_the_reset(lane):
    state = observe(BudgetState(), {"ratelimit": '"api";r=0;t=55'}, 429, NOW)
    assert reserve(state, lane, later(55))[1] == Wait(later(56), "paused")
    assert reserve(state, lane, later(57))[1] == Permit()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"RateLimit": '"api";r=0;t=37'}, 38),
        ({"RateLimit": '"api";r=0;t=37', "Retry-After": "5"}, 38),
        ({"Retry-After": "12"}, 13),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 61),
        ({"RateLimit": "nonsense"}, 61),
        ({"Retry-After": "9" * 4000}, 3601),
        ({}, 61),
    ],
)
def test_how_long_a_429_lasts(said, seconds):
    assert observe(BudgetState(), said, 429, NOW).paused_until == later(seconds)


def test_a_429_without_a_word_lasts_to_the_end_of_the_known_window():
    state = observe(BudgetState(), headers(900, 200), 200, NOW)
    assert observe(state, {}, 429, later(10)).paused_until == later(201)


def test_a_second_429_never_shortens_a_pause():
    state = observe(BudgetState(), {"RateLimit": '"api";r=0;t=55'}, 429, NOW)
    assert observe(state, {"Retry-After": "1"}, 429, later(1)).paused_until == later(56)


def test_a_clock_set_back_never_costs_more_than_a_window():
    state = observe(BudgetState(), headers(0, 250), 429, NOW)
    _, decision = reserve(state, "people", NOW - timedelta(hours=1))
    assert decision == Wait(NOW - timedelta(hours=1) + timedelta(seconds=251), "paused")
    spent = observe(BudgetState(), headers(0, 250), 200, NOW)
    _, decision = reserve(spent, "people", NOW - timedelta(hours=1))
    assert decision == Wait(NOW - timedelta(hours=1) + timedelta(seconds=301), "spent")


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/models/a/b/user-access-request/pending", "api"),
        ("/api/whoami-v2", "whoami"),
        ("/a/b/resolve/main/README.md", "resolvers"),
        ("/datasets/a/b/resolve/main/README.md", "resolvers"),
        ("/a/b/user-access-report", "pages"),
    ],
)
def test_buckets_by_path(path, bucket):
    assert bucket_of_path(path) == bucket


@pytest.mark.parametrize(
    ("said", "status", "bucket"),
    [
        ({"RateLimit": '"pages";r=3;t=1'}, 200, "pages"),
        ({"RateLimit": '"other";r=3;t=1'}, 200, "whoami"),
        ({"RateLimit": '"api";r=0;t=1'}, 429, "api"),
        ({"RateLimit": '"api";r=9;t=1'}, 429, "whoami"),
        ({}, 429, "whoami"),
    ],
)
def test_a_stricter_limit_does_not_pause_the_whole_bucket(said, status, bucket):
    assert bucket_of_answer(said, status, "whoami") == bucket


def test_what_an_answer_teaches():
    assert teaches({}, 429)
    assert teaches(headers(1, 1), 200)
    assert not teaches({"content-type": "text/html"}, 500)


@pytest.mark.parametrize(("quota", "kept"), [(500, 100), (1000, 200), (3, 1), (1, 1), (0, 0)])
def test_the_part_that_is_kept(quota, kept):
    assert kept_from("background", quota) == kept


def test_a_bulk_decision_takes_most_of_the_quota_and_leaves_some_to_single_ones():
    assert kept_from("people", 500) == 0
    assert kept_from("bulk", 500) == 25


@pytest.mark.parametrize(("calls", "quota", "period"), [(200, 2500, 60), (1000, 2500, 240), (10, None, 60)])
def test_polling_takes_half_of_the_quota(calls, quota, period):
    assert polling_period_s(calls, quota) == period


def test_threads_share_one_budget():
    store = MemoryBudgetStore()
    store.record("t", "api", headers(1000, 100), 200, NOW)
    permits = []

    def work():
        while isinstance(store.reserve("t", "api", "background", NOW), Permit):
            permits.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(permits) == 800
    assert store.reserve("another", "api", "background", NOW) == Permit()
    assert store.state("t", "api").remaining == 200


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["people", "bulk", "background", "answer", "refused"]),
        st.integers(-20, 120),
        st.integers(0, 60),
        st.integers(0, 300),
    ),
    max_size=80,
)


@given(EVENTS)
def test_no_history_breaks_the_rules(events):
    state, now = BudgetState(), NOW
    for what, passed, left, seconds in events:
        now += timedelta(seconds=passed)
        if what == "answer":
            state = observe(state, headers(left, seconds, quota=60), 200, now)
        elif what == "refused":
            state = observe(state, headers(0, seconds, quota=60), 429, now)
            assert isinstance(reserve(state, "people", now)[1], Wait)
        else:
            state, decision = reserve(state, what, now)
            if isinstance(decision, Wait):
                assert now < decision.until <= now + timedelta(seconds=3601)
            else:
                assert state.remaining is not None
                assert state.remaining >= kept_from(what, state.quota or 500)


@pytest.mark.parametrize("known", [None, 500, 100_000])
def test_another_quota_than_was_thought_counts_at_once(known):
    """The careful guess before the first answer, or an older plan, must not hold back what the Hub grants now."""
    state = BudgetState(quota=known, remaining=499, reset_at=later(300), is_guess=True)
    headers = {
        "RateLimit": '"resolvers";r=499999;t=300',
        "RateLimit-Policy": '"fixed window";"resolvers";q=500000;w=300',
    }
    state = observe(state, headers, 200, NOW)
    assert state.remaining == 499_999
    assert reserve(state, "background", NOW)[1] == Permit()
