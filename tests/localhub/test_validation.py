"""The validator's wording, issue by issue, without HTTP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.localhub import messages, validation
from hubgate.localhub.messages import Refusal

USER = {"user": "kim"}
STATUS = '✖ Invalid option: expected one of "accepted"|"rejected"|"pending"|"reset"\n  → at status'
ONE = "✖ Either userId or user must be provided, but not both"
HEX = "0123456789abcdef01234567"


def refused(check, *given):
    with pytest.raises(Refusal) as caught:
        check(*given)
    assert caught.value.status == 400
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({**USER}, STATUS),
        ({**USER, "status": "bogus"}, STATUS),
        ({**USER, "status": None}, STATUS),
        ({"status": "accepted"}, ONE),
        ({**USER, "userId": HEX, "status": "accepted"}, ONE),
        ({**USER, "requestId": "x", "status": "accepted"}, ONE),
        ({"user": 7, "status": "accepted"}, "✖ Invalid input: expected string, received number\n  → at user"),
        ({"user": None, "status": "accepted"}, "✖ Invalid input: expected string, received null\n  → at user"),
        (
            {**USER, "status": "rejected", "rejectionReason": "x" * 201},
            "✖ Too big: expected string to have <=200 characters\n  → at rejectionReason",
        ),
        (
            {**USER, "status": "reset", "resetReason": "x" * 201},
            "✖ Too big: expected string to have <=200 characters\n  → at resetReason",
        ),
        (None, "✖ Invalid input: expected object, received null"),
        ([], "✖ Invalid input: expected object, received array"),
    ],
)
def test_handle_refuses(body, message):
    assert refused(validation.handle, body) == message


def test_several_issues_come_in_one_answer():
    message = refused(validation.handle, {"user": 1, "status": "x"})
    assert message.count("✖") == 2


@pytest.mark.parametrize("person", [USER, {"userId": HEX}, {"requestId": "abc"}])
def test_handle_takes_one_person_and_reasons_of_200_characters(person):
    body = {**person, "status": "rejected", "rejectionReason": "é" * 200}
    assert validation.handle(body) == body


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        ([], "✖ Too small: expected array to have >=1 items\n  → at requests"),
        ([USER] * 101, "✖ Too big: expected array to have <=100 items\n  → at requests"),
        ("kim", "✖ Invalid input: expected array, received string\n  → at requests"),
        ([USER, {}], f"{ONE}\n  → at requests[1]"),
        ([{**USER, "userId": HEX}], f"{ONE}\n  → at requests[0]"),
        (["kim"], "✖ Invalid input: expected object, received string\n  → at requests[0]"),
        ([{"user": 1}], "✖ Invalid input: expected string, received number\n  → at requests[0].user"),
    ],
)
def test_batch_refuses(requests, message):
    assert refused(validation.batch, {"status": "accepted", "requests": requests}) == message


def test_batch_takes_100_people():
    assert len(validation.batch({"status": "accepted", "requests": [USER] * 100})["requests"]) == 100


@pytest.mark.parametrize("body", [{}, {**USER, "userId": HEX}])
def test_grant_wants_one_person(body):
    assert refused(validation.grant, body) == ONE


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": "9"}, "✖ Too small: expected number to be >=10\n  → at limit"),
        ({"limit": ""}, "✖ Too small: expected number to be >=10\n  → at limit"),
        ({"limit": "1001"}, "✖ Too big: expected number to be <=1000\n  → at limit"),
        ({"limit": "many"}, "✖ Invalid input: expected number, received NaN\n  → at limit"),
        ({"limit": "10.5"}, "✖ Invalid input: expected int, received number\n  → at limit"),
        ({"after": "yesterday"}, "✖ Invalid ISO datetime\n  → at after"),
        ({"before": "2026-01-01T00:00:00"}, "✖ Invalid ISO datetime\n  → at before"),
        ({"q": "x" * 251}, "✖ Too big: expected string to have <=250 characters\n  → at q"),
    ],
)
def test_list_query_refuses(query, message):
    assert refused(validation.list_query, query) == message


@pytest.mark.parametrize("limit", ["10", "1000"])
def test_limits_at_the_edge_are_fine(limit):
    assert validation.list_query({"limit": limit})["limit"] == int(limit)


def test_times_are_brought_to_the_form_of_the_store():
    assert validation.list_query({"after": "2026-01-01T01:00:00+01:00"})["after"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize("gated", [True, "yes", None, 0, 1])
def test_settings_refuse_other_gates(gated):
    assert refused(validation.settings, {"gated": gated}, False) == "✖ Invalid input\n  → at gated"


def test_settings_keep_known_keys_only():
    assert validation.settings({"gated": False, "unknown": 1}, False) == {"gated": False}


def test_only_a_space_can_be_protected():
    assert validation.settings({"visibility": "protected"}, True) == {"visibility": "protected"}
    assert "at visibility" in refused(validation.settings, {"visibility": "protected"}, False)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "user", "userId", "requestId", "status", "rejectionReason", "resetReason", "requests", "gated", "private",
    "visibility", "orgMembersGated", "gatedNotificationsMode", "gatedNotificationsEmail", "discussionsSorting",
)  # fmt: skip


def outcome(check, *given):
    """What a check gives, or the refusal that it raises; any other exception is a fault."""
    try:
        return check(*given)
    except Refusal as refusal:
        return refusal


@given(VALUES | st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
def test_any_json_is_taken_or_refused(body):
    for check in (validation.handle, validation.batch, validation.grant):
        found = outcome(check, body)
        assert found is body or (found.status, found.message[0]) == (400, "✖")
    found = outcome(validation.settings, body, True)
    assert isinstance(found, dict) or (found.status, found.message[0]) == (400, "✖")


@given(st.dictionaries(st.sampled_from(["limit", "after", "before", "q", "cursor"]), st.text(max_size=12), max_size=4))
def test_any_query_is_taken_or_refused(query):
    found = outcome(validation.list_query, query)
    assert found.status == 400 if isinstance(found, Refusal) else 10 <= found["limit"] <= 1000


def test_a_time_outside_the_calendar_is_refused():
    assert (
        refused(validation.list_query, {"after": "0001-01-01T00:00:00+23:59"}) == "✖ Invalid ISO datetime\n  → at after"
    )


def test_header_has_stars_for_what_is_not_ascii_and_single_spaces():
    message = "✖ Too small: expected number to be >=10\n  → at limit"
    assert messages.in_header(message) == "* Too small: expected number to be >=10 * at limit"
