"""A list's body → rows (HC §1.2); every kind of odd row; what is no page."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.hub.rows import MAX_ANSWER, MAX_ID, NotAPageError, read_request_rows
from hubgate.hub.types import RequestRow

SECRET = "my secret answer"


def item(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "requestId": "6f00000000000000000000a1",
        "user": {
            "_id": "6f00000000000000000000b2",
            "avatarUrl": "/avatars/x.svg",
            "isPro": True,
            "fullname": "Riley Park",
            "user": "jordan",
            "type": "user",
            "verifiedOrgNames": ["Uni"],
            "email": "jordan@example.org",
            "numModels": 4,
        },
        "timestamp": "2026-10-05T11:22:33.456Z",
        "reviewedAt": "2026-10-05T12:00:00Z",
        "status": "accepted",
        "grantedBy": {"_id": "6f00000000000000000000c3", "user": "aurora-lab"},
        "fields": {"Affiliation": "Uni", "Why": SECRET},
        "newThing": {"a": 1},
    }
    made.update(changes)
    return {key: value for key, value in made.items() if value is not ...}


def user(**changes):
    return {key: value for key, value in {**item()["user"], **changes}.items() if value is not ...}


def read(*items, status="accepted"):
    return read_request_rows(json.dumps(list(items)).encode(), status)


def only(**changes):
    rows, odd = read(item(**changes))
    assert odd == []
    return rows[0]


def test_a_whole_row():
    assert only() == RequestRow(
        request_id="6f00000000000000000000a1",
        user_id="6f00000000000000000000b2",
        username="jordan",
        fullname="Riley Park",
        email="jordan@example.org",
        avatar_url="/avatars/x.svg",
        is_pro=True,
        verified_orgs=("Uni",),
        status="accepted",
        requested_at=datetime(2026, 10, 5, 11, 22, 33, 456000, UTC),
        reviewed_at=datetime(2026, 10, 5, 12, tzinfo=UTC),
        granted_by="aurora-lab",
        fields={"Affiliation": "Uni", "Why": SECRET},
    )


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"requestId": ...}, "request_id", None),
        ({"requestId": 17}, "request_id", "17"),
        ({"user": ...}, "user_id", None),
        ({"user": None}, "username", None),
        ({"user": user(email=None)}, "email", None),
        ({"user": user(email=...)}, "email", None),
        ({"user": user(avatarUrl=["x"])}, "avatar_url", None),
        ({"user": user(verifiedOrgNames=...)}, "verified_orgs", ()),
        ({"user": user(verifiedOrgNames="Uni")}, "verified_orgs", ()),
        ({"user": user(verifiedOrgNames=["Uni", 3, "", "Lab"])}, "verified_orgs", ("Uni", "Lab")),
        ({"user": user(fullname="R" * 500)}, "fullname", "R" * 500),
        ({"status": "on_hold"}, "status", "on_hold"),
        ({"status": ...}, "status", "accepted"),
        ({"timestamp": "2026-10-05T11:22:33Z"}, "requested_at", datetime(2026, 10, 5, 11, 22, 33, tzinfo=UTC)),
        ({"timestamp": "2026-10-05T13:22:33+02:00"}, "requested_at", datetime(2026, 10, 5, 11, 22, 33, tzinfo=UTC)),
        ({"timestamp": "2026-10-05T11:22:33"}, "requested_at", datetime(2026, 10, 5, 11, 22, 33, tzinfo=UTC)),
        ({"reviewedAt": ...}, "reviewed_at", None),
        ({"grantedBy": ...}, "granted_by", None),
        ({"grantedBy": "aurora-lab"}, "granted_by", None),
        ({"fields": ...}, "fields", {}),
        ({"fields": None}, "fields", {}),
        ({"fields": []}, "fields", {}),
        ({"fields": {"Agree": True, "Age": 7, "No": None}}, "fields", {"Agree": "true", "Age": "7", "No": ""}),
        ({"fields": {"Where": {"city": "Zürich"}}}, "fields", {"Where": '{"city": "Zürich"}'}),
        ({"fields": [{"Why": "x"}]}, "fields", {"fields": '[{"Why": "x"}]'}),
        ({"fields": "free text"}, "fields", {"fields": "free text"}),
        ({"fields": {"A": "x\x00y"}}, "fields", {"A": "x\ufffdy"}),
        ({"fields": {"A": "x\ud800y"}}, "fields", {"A": "x\ufffdy"}),
        ({"fields": {"A": ["x\ud800y", "\x00"]}}, "fields", {"A": '["x\ufffdy", "\\u0000"]'}),
        ({"user": user(fullname="R\x00 \udfff", verifiedOrgNames=["U\x00"])}, "fullname", "R\ufffd \ufffd"),
        ({"user": user(verifiedOrgNames=["U\x00"])}, "verified_orgs", ("U\ufffd",)),
        ({"fields": {"A": "é" * MAX_ANSWER}}, "fields", {"A": "é" * MAX_ANSWER}),
    ],
)
def test_a_row_that_differs_is_still_a_row(changes, name, value):
    row = only(**changes)
    assert getattr(row, name) == value
    orjson.dumps(row._asdict())


def test_hidden_people_are_told_apart_by_the_request():
    rows, odd = read(item(user=..., requestId="r1"), item(user=..., requestId="r2"))
    assert [row.request_id for row in rows] == ["r1", "r2"]
    assert {row.username for row in rows} == {None}
    assert odd == []


ODD = [
    ("not_an_object", 7),
    ("not_an_object", None),
    ("not_an_object", ["x"]),
    ("no_id", item(requestId=..., user=...)),
    ("no_id", item(requestId="", user={})),
    ("bad_user", item(user="jordan")),
    ("bad_user", item(user=user(fullname={"first": "Riley"}))),
    ("bad_id", item(requestId={"a": 1})),
    ("bad_id", item(requestId=True)),
    ("bad_id", item(user=user(user="j" * (MAX_ID + 1)))),
    ("bad_status", item(status={"was": "accepted"})),
    ("bad_status", item(status="")),
    ("bad_time", item(timestamp=...)),
    ("bad_time", item(timestamp="yesterday")),
    ("bad_time", item(timestamp=1760000000)),
    ("bad_time", item(timestamp="0001-01-01T00:00:00+09:00")),
    ("bad_time", item(reviewedAt="soon")),
    ("too_big", item(fields={"Why": "x" * 2**20})),
    ("too_big", item(fields={"Why": {"nested": "x" * 2**20}})),
    ("too_big", item(fields={f"Q{n}": "x" * 60_000 for n in range(5)})),
    ("too_big", item(user=user(email="x" * 2**20))),
    ("same_label", item(fields={"A\x00": "1", "A\ufffd": "2"})),
]


@pytest.mark.parametrize(("reason", "bad"), ODD)
def test_an_odd_row_is_set_aside_alone_and_tells_no_answer(reason, bad):
    rows, odd = read(item(), bad, item())
    assert len(rows) == 2
    assert [one.reason for one in odd] == [reason]
    assert SECRET not in odd[0].hint
    assert "example.org" not in odd[0].hint
    assert len(odd[0].hint) < 1200
    assert odd == read(bad)[1]


def test_an_odd_row_is_known_again_when_its_counters_change():
    first = read(item(timestamp=..., user=user(numModels=4)))[1]
    second = read(item(timestamp=..., user=user(numModels=5)))[1]
    other = read(item(timestamp=..., requestId="another", user=...))[1]
    assert first == second
    assert first[0].digest != other[0].digest


def test_odd_rows_without_an_id_differ_by_what_they_hold():
    _, odd = read(7, 8, "x")
    assert len({one.digest for one in odd}) == 3


def test_a_deep_answer_is_a_text_or_set_aside_but_never_an_end():
    deep = b'[{"requestId":"r","timestamp":"2026-10-05T11:22:33Z","fields":{"A":' + b"[" * 900 + b"]" * 900 + b"}}]"
    rows, odd = read_request_rows(deep, "pending")
    assert len(rows) + len(odd) == 1


def test_bytes_that_are_no_utf8_are_mended():
    body = json.dumps([item(fields={"A": "MARK"})]).encode().replace(b"MARK", b"x\xff\xfey")
    rows, _ = read_request_rows(body, "accepted")
    assert rows[0].fields == {"A": "x\ufffd\ufffdy"}


GOOD = json.dumps([item(), item()]).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!doctype html><p>hello",
        GOOD[:-1],
        GOOD[: len(GOOD) // 2],
        GOOD.replace(SECRET.encode(), b"\\ud800")[:-1],
        b'{"error": "no"}',
        b'"text"',
        b"null",
        b"[" * 100_000,
        b'["\\ud800"' + b"[" * 100_000,
    ],
)
def test_what_is_no_page_gives_no_row(body):
    with pytest.raises(NotAPageError) as caught:
        read_request_rows(body, "pending")
    assert SECRET not in str(caught.value)


@given(st.integers(0, len(GOOD) - 1))
def test_a_page_cut_anywhere_is_no_page(place):
    with pytest.raises(NotAPageError):
        read_request_rows(GOOD[:place], "pending")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ["requestId", "user", "status", "timestamp", "reviewedAt", "grantedBy", "fields"]
USER_KEYS = ["_id", "user", "fullname", "email", "avatarUrl", "isPro", "verifiedOrgNames"]


@given(
    st.lists(
        JSON
        | st.builds(lambda changes: {**item(), **changes}, st.dictionaries(st.sampled_from(KEYS), JSON))
        | st.builds(lambda changes: item(user=user(**changes)), st.dictionaries(st.sampled_from(USER_KEYS), JSON)),
        max_size=4,
    )
)
def test_no_item_ever_breaks_its_page(items):
    rows, odd = read(*items)
    assert len(rows) + len(odd) == len(items)
    for row in rows:
        kept = orjson.dumps(row._asdict())
        assert b"\\u0000" not in kept.replace(b"\\\\", b"")
        assert row.request_id or row.user_id or row.username
        assert row.requested_at.tzinfo is UTC
        assert all(type(text) is str for text in row.fields.values())
    for one in odd:
        one.hint.encode()
