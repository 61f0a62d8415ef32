"""Which choice counts, and when a digest is due, on every night that clocks do something odd."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.notify import rules
from hubgate.notify.rules import Preferences

ZONES = sorted(available_timezones())
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ({}, ("hourly", "", False)),
        ({("t", ""): "daily"}, ("daily", "", True)),
        ({("", "namespace:3"): "at_once", ("t", ""): "daily"}, ("at_once", "namespace:3", True)),
        ({("", "namespace:3"): "at_once", ("t", "namespace:3"): "daily"}, ("daily", "namespace:3", True)),
        ({("", "repository:7"): "in_hubgate", ("t", "namespace:3"): "daily"}, ("in_hubgate", "repository:7", True)),
        ({("other", "repository:7"): "daily", ("t", "repository:8"): "daily"}, ("hourly", "", False)),
        ({("t", "namespace:7"): "daily", ("t", "repository:3"): "daily"}, ("hourly", "", False)),
    ],
)
def test_the_nearest_choice_counts(choices, found):
    got = rules.resolve(Preferences(choices), topic="t", default="hourly", repository_id=7, namespace_id=3)
    assert (got.pace, got.scope, got.chosen) == found


def test_where_nothing_is_said_of_the_place_the_general_choice_counts():
    chosen = Preferences({("t", "repository:7"): "daily", ("t", ""): "at_once"})
    assert rules.resolve(chosen, topic="t", default="hourly").pace == "at_once"


@given(MOMENTS)
def test_the_next_hour_is_full_and_near(after: datetime):
    due = rules.next_hour(after)
    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)
    assert timedelta(0) < due - after <= timedelta(hours=1)


@given(MOMENTS, st.sampled_from(ZONES), st.integers(0, 23))
def test_a_day_after_a_day_none_is_doubled_or_skipped(after: datetime, zone: str, hour: int):
    """However late or early the worker looks, each digest is about a day after the last; only Samoa left out a date."""
    due = rules.next_day(after, zone, hour)
    assert after < due <= after + timedelta(hours=50)
    following = rules.next_day(due, zone, hour, last=due)
    assert timedelta(hours=20) <= following - due <= timedelta(hours=50)
    assert rules.next_day(after, zone, hour, last=due) == following


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 23))
def test_a_move_over_the_date_line_neither_doubles_nor_skips(after, before_zone, zone, before_hour, hour):
    last = rules.next_day(after, before_zone, before_hour)
    due = rules.next_day(last, zone, hour, last=last)
    assert timedelta(hours=12) <= due - last <= timedelta(hours=50)


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-03-28T02:00", "2026-03-29T01:00"),  # 02:30 is left out that night: at 03:00 summer time
        ("2026-03-29T01:00", "2026-03-30T00:00"),
        ("2026-10-24T01:00", "2026-10-25T00:00"),  # twice 02:00 that night: the first
        ("2026-10-25T00:00", "2026-10-26T01:00"),
    ],
)
def test_both_nights_of_berlin(after: str, due: str):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert rules.next_day(moment, "Europe/Berlin", 2) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_from_auckland_to_honolulu_the_same_date_comes_again_and_so_does_the_digest():
    told = rules.next_day(datetime(2026, 6, 9, 21, tzinfo=UTC) - timedelta(hours=2), "Pacific/Auckland", 8)
    assert told.astimezone(ZoneInfo("Pacific/Auckland")).isoformat() == "2026-06-10T08:00:00+12:00"
    due = rules.next_day(told, "Pacific/Honolulu", 8, last=told)
    assert due.astimezone(ZoneInfo("Pacific/Honolulu")).isoformat() == "2026-06-10T08:00:00-10:00"
    assert due - told == timedelta(hours=22)


def test_a_zone_that_left_the_database_is_read_as_utc():
    assert rules.next_day(datetime(2026, 1, 1, tzinfo=UTC), "Mars/Olympus", 8) == datetime(2026, 1, 1, 8, tzinfo=UTC)
