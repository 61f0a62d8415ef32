"""Each method of the client against answers as the Hub was recorded to give them."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from hubgate.hub import session
from hubgate.hub.client import HubClient
from hubgate.hub.errors import (
    AlreadyThere,
    BadAnswer,
    GatedRefusal,
    NoRights,
    NoSuchRequest,
    Refused,
    RepoNotFound,
    TokenRejected,
)
from hubgate.hub.types import RequestTarget
from tests.hub.conftest import TOKEN
from tests.hub.scripted import answer, recorded, web_page

REPO = ("models", "aurora-lab/tiny-gated")
JORDAN = RequestTarget(username="jordan")
ROW = {"requestId": "r1", "timestamp": "2026-10-05T11:22:33.456Z", "status": "pending"}
INFO = {
    "_id": "6f00000000000000000000a1",
    "id": "aurora-lab/tiny-gated",
    "author": "aurora-lab",
    "gated": "manual",
    "private": False,
    "disabled": False,
    "sha": "a" * 40,
    "tags": ["license:mit"],
    "lastModified": "2026-10-05T11:22:33.000Z",
    "createdAt": "2026-09-05T11:22:33.000Z",
    "cardData": {"license": "mit"},
}


def rows(count, first=0):
    return [{**ROW, "requestId": f"r{number}"} for number in range(first, first + count)]


def next_link(hub, cursor):
    return {"link": f'<{hub.origin}/api/models/{REPO[1]}/user-access-request/pending?cursor={cursor}>; rel="next"'}


def test_the_call_is_signed_and_named(hub, client):
    hub.then(answer(200, {"name": "aurora-lab"}))
    client.whoami()
    asked = hub.asked[0]
    assert (asked.method, asked.path) == ("GET", "/api/whoami-v2")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    version = tomllib.loads((Path(session.__file__).parents[2] / "pyproject.toml").read_text())["project"]["version"]
    assert asked.headers["user-agent"] == f"hubgate/{version}"


def test_without_a_token_nothing_is_signed(hub, budget):
    hub.then(answer(200, []))
    list(HubClient(hub.origin, None, budget).list_repos("models", "aurora-lab"))
    assert "authorization" not in hub.asked[0].headers


def test_the_token_shows_nowhere(client):
    assert "aSecret" not in repr(client) + repr(vars(client))


def test_cookies_of_one_token_do_not_go_out_with_another(hub, budget):
    hub.then(answer(200, {"name": "a"}, {"set-cookie": "session=1; Path=/"}), answer(200, {"name": "b"}))
    HubClient(hub.origin, "hf_a", budget).whoami()
    HubClient(hub.origin, "hf_b", budget).whoami()
    assert "cookie" not in hub.asked[1].headers


@pytest.mark.parametrize("endpoint", ["", "huggingface.co", "ftp://huggingface.co", "file:///etc"])
def test_an_address_that_is_none_is_refused(endpoint, budget):
    with pytest.raises(ValueError, match="address"):
        HubClient(endpoint, TOKEN, budget)


@pytest.mark.parametrize("token", ["hf_a\nx: y", "hf_ä", " "])
def test_a_token_that_is_none_is_refused_without_repeating_it(token, budget):
    with pytest.raises(ValueError, match="token") as caught:
        HubClient("https://huggingface.co", token, budget)
    assert "hf_" not in str(caught.value)


def test_repo_info(hub, client):
    hub.then(answer(200, INFO))
    info = client.repo_info(*REPO)
    assert (info.id, info.hub_id, info.gated, info.is_closed) == (REPO[1], INFO["_id"], "manual", True)
    assert (info.private, info.disabled, info.sha, info.tags) == (False, False, "a" * 40, ("license:mit",))
    assert info.last_modified == datetime(2026, 10, 5, 11, 22, 33, tzinfo=UTC)
    assert info.card_data == {"license": "mit"}
    assert hub.asked[0].path.startswith(f"/api/models/{REPO[1]}?expand=")
    assert "expand=gated" in hub.asked[0].path


@pytest.mark.parametrize(
    ("said", "gated", "closed"),
    [
        (False, False, False),
        ("auto", "auto", True),
        ("members", "members", True),
        (True, "true", True),
        (None, None, True),
        ({"mode": "x"}, '{"mode": "x"}', True),
    ],
)
def test_an_unknown_gate_is_kept_and_never_open(hub, client, said, gated, closed):
    hub.then(answer(200, {**INFO, "gated": said}))
    info = client.repo_info(*REPO)
    assert (info.gated, info.is_closed) == (gated, closed)


def test_a_space_is_not_asked_for_a_gate_that_expand_does_not_know(hub, client):
    hub.then(answer(200, {"id": "aurora-lab/demo", "_id": "1"}), answer(200, [{"id": "aurora-lab/demo"}]))
    assert client.repo_info("spaces", "aurora-lab/demo").gated is None
    list(client.list_repos("spaces", "aurora-lab"))
    assert "expand" not in hub.asked[0].path + hub.asked[1].path


def test_lists_of_repositories_follow_their_pages(hub, client):
    more = {"link": f'<{hub.origin}/api/datasets?cursor=2>; rel="next"'}
    hub.then(answer(200, [INFO, {"gated": "auto"}], more), answer(200, [{**INFO, "id": "aurora-lab/other"}]))
    pages = list(client.list_repos("datasets", "aurora-lab"))
    assert [row.id for page in pages for row in page.rows] == ["aurora-lab/tiny-gated", "aurora-lab/other"]
    assert [[odd.reason for odd in page.odd] for page in pages] == [["no_id"], []]
    assert [page.complete_hint for page in pages] == [False, True]
    assert hub.asked[1].path == "/api/datasets?cursor=2"


def test_a_card_comes_with_its_tag_and_is_not_sent_twice(hub, client):
    text = "---\nlicense: mit\n---\n# Grüße"
    hub.then(
        answer(200, text.encode(), {"content-type": "text/plain", "etag": '"abc"', "x-repo-commit": "c1"}),
        answer(304, b"", {"etag": '"abc"'}),
    )
    card = client.card("datasets", "aurora-lab/tiny", "refs/pr/1")
    assert (card.text, card.etag, card.commit, card.not_modified) == (text, '"abc"', "c1", False)
    assert hub.asked[0].path == "/datasets/aurora-lab/tiny/resolve/refs%2Fpr%2F1/README.md"
    again = client.card("datasets", "aurora-lab/tiny", etag=card.etag)
    assert (again.text, again.not_modified) == (None, True)
    assert hub.asked[1].headers["if-none-match"] == '"abc"'


def test_no_card_is_an_answer_too(hub, client):
    headers = {"content-type": "text/plain", "x-error-code": "EntryNotFound", "x-error-message": "Entry not found"}
    hub.then(answer(404, b"Entry not found", headers))
    assert client.card(*REPO) is None


def test_a_card_has_a_limit(hub, client):
    hub.then(answer(200, b"x" * 1001, {"content-type": "text/plain"}))
    with pytest.raises(BadAnswer, match="longer than 1000 bytes"):
        client.card(*REPO, max_bytes=1000)


def test_requests_page_by_page(hub, client):
    hub.then(
        answer(200, rows(10), next_link(hub, "a")),
        answer(200, rows(10, 10), next_link(hub, "b")),
        answer(200, rows(3, 20), {"etag": 'W/"17"'}),
    )
    pages = list(client.access_requests(*REPO, "pending", limit=10))
    assert [page.raw_count for page in pages] == [10, 10, 3]
    assert [row.request_id for page in pages for row in page.rows] == [f"r{number}" for number in range(23)]
    assert [page.complete_hint for page in pages] == [False, False, True]
    assert pages[2].etag == 'W/"17"'
    assert hub.asked[0].path == f"/api/models/{REPO[1]}/user-access-request/pending?limit=10"
    assert {asked.headers["authorization"] for asked in hub.asked} == {f"Bearer {TOKEN}"}


def test_an_empty_list_is_complete(hub, client, answers):
    hub.then(recorded(answers["lists-empty"]["expect"]))
    (page,) = client.access_requests(*REPO, "reset")
    assert (page.rows, page.raw_count, page.complete_hint, page.next_url) == ([], 0, True, None)


def test_a_full_page_without_a_next_proves_nothing(hub, client):
    hub.then(answer(200, rows(1000)))
    (page,) = client.access_requests(*REPO, "accepted")
    assert (page.raw_count, page.next_url, page.complete_hint) == (1000, None, False)


def test_odd_rows_count_for_the_fullness_of_a_page(hub, client):
    hub.then(answer(200, [*rows(9), 7]))
    (page,) = client.access_requests(*REPO, "accepted", limit=10)
    assert (len(page.rows), len(page.odd), page.complete_hint) == (9, 1, False)


def test_after_is_sent_in_utc(hub, client):
    hub.then(answer(200, []))
    zone = timezone(timedelta(hours=2))
    list(client.access_requests(*REPO, "pending", after=datetime(2026, 10, 5, 13, 22, 33, 456789, zone)))
    assert hub.asked[0].path.endswith("?limit=1000&after=2026-10-05T11%3A22%3A33.456Z")


def test_a_broken_walk_goes_on_where_it_broke(hub, client):
    hub.then(answer(200, rows(10), next_link(hub, "a")), answer(500, {"error": "oh"}), answer(200, rows(2, 10)))
    walk = client.access_requests(*REPO, "pending", limit=10)
    first = next(walk)
    with pytest.raises(Exception, match="trouble"):
        next(walk)
    (rest,) = client.access_requests(*REPO, "pending", limit=10, resume=first.next_url)
    assert (rest.raw_count, rest.complete_hint) == (2, True)
    assert hub.asked[2].path == hub.asked[1].path


@pytest.mark.parametrize("limit", [9, 1001])
def test_page_sizes_that_the_hub_refuses_are_not_sent(client, limit):
    with pytest.raises(ValueError, match="pages of 10"):
        client.access_requests(*REPO, "pending", limit=limit)


@pytest.mark.parametrize(
    ("case", "status", "reason"),
    [
        ("handle-pending-to-accepted", "accepted", None),
        ("handle-pending-to-rejected-reason", "rejected", "not this time"),
        ("handle-accepted-to-reset-reason", "reset", "please agree again"),
    ],
)
def test_deciding_one_sends_what_was_recorded(hub, client, answers, case, status, reason):
    hub.then(recorded(answers[case]["expect"]))
    client.handle(*REPO, JORDAN, status, reason=reason)
    assert (hub.asked[0].method, hub.asked[0].path) == ("POST", answers[case]["path"])
    assert hub.asked[0].json() == answers[case]["body"]
    assert hub.asked[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("target", "wire"),
    [
        (RequestTarget("id1", "jordan", "r1"), {"userId": "id1"}),
        (RequestTarget(None, "jordan", "r1"), {"user": "jordan"}),
        (RequestTarget(request_id="r1"), {"requestId": "r1"}),
    ],
)
def test_a_request_is_named_by_one_key(hub, client, target, wire):
    hub.then(answer(200, {}))
    client.handle(*REPO, target, "accepted")
    assert hub.asked[0].json() == {**wire, "status": "accepted"}


def test_what_the_hub_would_refuse_or_ignore_is_not_sent(hub, client):
    for call in (
        lambda: client.handle(*REPO, RequestTarget(), "accepted"),
        lambda: client.handle(*REPO, JORDAN, "accepted", reason="welcome"),
        lambda: client.handle(*REPO, JORDAN, "rejected", reason="🙂" * 101),
        lambda: client.handle(*REPO, JORDAN, "bogus"),
        lambda: client.handle("models", "a/../b", JORDAN, "accepted"),
        lambda: client.handle("kernels", "a/b", JORDAN, "accepted"),
        lambda: client.batch(*REPO, [], "accepted"),
        lambda: client.batch(*REPO, [JORDAN] * 101, "accepted"),
        lambda: client.batch(*REPO, [RequestTarget(request_id="r1")], "accepted"),
        lambda: client.grant(*REPO, RequestTarget(request_id="r1")),
        lambda: client.update_settings(*REPO, gated=True),
        lambda: client.update_settings(*REPO, gated="open"),
        lambda: client.update_settings(*REPO),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            call()
    assert hub.asked == []


def test_a_batch_tells_each_result(hub, client, answers):
    case = answers["batch-mixed"]
    hub.then(recorded(case["expect"]))
    targets = [JORDAN, RequestTarget(username="no-such-user-4821")]
    results = client.batch(*REPO, targets, "pending")
    assert hub.asked[0].json() == case["body"]
    assert [(one.target, one.ok, one.error) for one in results] == [
        (targets[0], True, None),
        (targets[1], False, "user_not_found"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        [{"user": "jordan", "ok": True}],
        [{"user": "riley", "ok": True}, {"user": "jordan", "ok": True}],
        ["ok", "ok"],
    ],
)
def test_a_batch_answer_that_does_not_fit_leaves_the_outcome_open(hub, client, said):
    hub.then(answer(200, said))
    with pytest.raises(BadAnswer) as caught:
        client.batch(*REPO, [JORDAN, RequestTarget(username="riley")], "rejected", reason="no")
    assert caught.value.outcome_unknown


def test_grant_and_settings(hub, client, answers):
    hub.then(answer(200, {}), recorded(answers["settings-to-auto"]["expect"]), answer(200, {"gated": False}))
    hub.then(answer(200, {"visibility": "private"}))
    client.grant(*REPO, JORDAN)
    client.update_settings(*REPO, gated="auto")
    client.update_settings(*REPO, gated=False)
    client.update_settings(*REPO, private=True)
    assert [asked.json() for asked in hub.asked] == [
        {"user": "jordan"},
        {"gated": "auto"},
        {"gated": False},
        {"visibility": "private"},
    ]
    assert hub.asked[1].method == "PUT"


def test_a_gate_that_is_not_confirmed_is_an_error(hub, client):
    hub.then(answer(200, {}))
    with pytest.raises(BadAnswer) as caught:
        client.update_settings(*REPO, gated="manual")
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("case", "call", "error"),
    [
        ("errors-whoami-bad-token", lambda c: c.whoami(), TokenRejected),
        ("lists-anon-401", lambda c: next(c.access_requests(*REPO, "pending")), TokenRejected),
        ("errors-owner-list-foreign-repo", lambda c: next(c.access_requests(*REPO, "pending")), NoRights),
        ("handle-none-to-accepted-404", lambda c: c.handle(*REPO, JORDAN, "accepted"), NoSuchRequest),
        ("handle-bad-status-400", lambda c: c.handle(*REPO, JORDAN, "accepted"), Refused),
        ("grant-not-gated-400", lambda c: c.grant(*REPO, JORDAN), Refused),
        ("auth-check-none", lambda c: c.auth_check(*REPO), GatedRefusal),
        ("auth-check-pending", lambda c: c.auth_check(*REPO, write=True), GatedRefusal),
        ("errors-missing-repo-resolve", lambda c: c.card(*REPO), TokenRejected),
    ],
)
def test_recorded_refusals(hub, client, answers, case, call, error):
    expect = answers[case]["expect"]
    hub.then(recorded(expect))
    with pytest.raises(error) as caught:
        call(client)
    assert type(caught.value) is error
    assert caught.value.status == expect["status"]
    assert caught.value.message == expect["headers"]["x-error-message"]
    assert caught.value.code == expect["headers"]["x-error-code"]
    assert not caught.value.outcome_unknown
    assert "aSecret" not in repr(caught.value) + repr(vars(caught.value))


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (404, {"x-error-code": "RepoNotFound"}, {"error": "Repository not found"}, RepoNotFound),
        (404, {}, {"error": "User not found"}, Refused),
        (400, {}, {"error": "That user already has access to the repo"}, AlreadyThere),
        (451, {"x-error-code": "GatedRepo"}, {"error": "Not in your region"}, GatedRefusal),
        (405, {}, {"error": ["a", "b"]}, Refused),
    ],
)
def test_other_refusals(hub, client, status, headers, body, error):
    hub.then(answer(status, body, headers))
    with pytest.raises(error) as caught:
        client.grant(*REPO, JORDAN)
    assert type(caught.value) is error
    assert not caught.value.temporary


def test_auth_check_is_quiet_when_all_is_well(hub, client, answers):
    hub.then(recorded(answers["auth-check-anon-public"]["expect"]), web_page())
    client.auth_check(*REPO)
    with pytest.raises(BadAnswer):
        client.auth_check(*REPO)
