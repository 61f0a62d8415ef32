"""The control door: the journal, the switches, and every fault as a client sees it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from hubgate.localhub.door import DoorError
from tests.localhub.conftest import API, LIST, REPO

pytestmark = pytest.mark.processes
PENDING = f"{LIST}/pending"


@pytest.fixture
def waiting(stage):
    stage.door.generate(REPO, 20)
    return stage


def test_429_without_retry_after(waiting):
    waiting.door.fault("rate_limited", t=55, path="/pending", count=1)
    limited = waiting.author.get(PENDING)
    assert (limited.status_code, limited.headers["ratelimit"]) == (429, '"api";r=0;t=55')
    assert "retry-after" not in limited.headers
    assert waiting.author.get(PENDING).status_code == 200


def test_server_errors_by_share_are_the_same_for_the_same_seed(waiting):
    def statuses():
        waiting.door.clear_faults()
        waiting.door.fault("server_error", status=503, path="/pending", probability=0.5, seed=3)
        return [waiting.author.get(PENDING).status_code for _ in range(20)]

    first = statuses()
    assert {200, 503} == set(first)
    assert statuses() == first


def test_skip_and_count(waiting):
    waiting.door.fault("server_error", method="GET", path="/pending", skip=1, count=2)
    assert [waiting.author.get(PENDING).status_code for _ in range(4)] == [200, 500, 500, 200]
    (rule,) = waiting.door.faults()
    assert rule["hits"] == 2


def test_a_hang_ends_when_the_faults_are_cleared(waiting):
    waiting.door.fault("hang", path="/pending", seconds=60)
    with pytest.raises(httpx2.ReadTimeout):
        waiting.author.get(PENDING, timeout=0.3)
    with ThreadPoolExecutor() as pool:
        began = time.monotonic()
        hanging = pool.submit(waiting.stranger.get, PENDING)
        while sum(rule["hits"] for rule in waiting.door.faults()) < 2:
            assert time.monotonic() < began + 10
        waiting.door.clear_faults()
        assert hanging.result(timeout=10).status_code == 504


def test_hanging_calls_whose_callers_gave_up_make_room(waiting):
    waiting.door.fault("hang", path="/pending", seconds=60)

    def give_up(_):
        with pytest.raises(httpx2.TimeoutException):
            httpx2.get(f"{waiting.door.base_url}{PENDING}", timeout=0.4)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give_up, range(40)))
    assert waiting.author.get(API, timeout=5).status_code == 200


def test_a_cut_body_is_an_error_and_not_a_short_answer(waiting):
    waiting.door.fault("cut_body", path="/pending", count=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        waiting.author.get(PENDING)
    assert len(waiting.author.get(PENDING).json()) == 20


def test_truncated_json_is_a_whole_answer(waiting):
    waiting.door.fault("truncated_json", path="/pending")
    answer = waiting.author.get(PENDING)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_html_and_a_login_page_instead_of_json(waiting):
    waiting.door.fault("html", path="/pending", count=1)
    waiting.door.fault("login_redirect", path="/pending", count=1)
    page = waiting.author.get(PENDING)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    login = waiting.author.get(PENDING, follow_redirects=True)
    assert (login.status_code, "Sign in" in login.text) == (200, True)


def test_a_capped_list_has_no_next(waiting):
    waiting.door.fault("list_cap", path="/pending", rows=10)
    assert "next" not in waiting.author.get(f"{PENDING}?limit=10").links
    assert len(waiting.author.get(PENDING).json()) == 10


@pytest.mark.parametrize(
    ("what", "more", "check"),
    [
        ("missing_key", {}, lambda row: "timestamp" not in row),
        ("missing_key", {"value": "requestId"}, lambda row: "requestId" not in row),
        ("unknown_key", {}, lambda row: row["somethingNew"]),
        ("unknown_status", {}, lambda row: row["status"] == "escalated"),
        ("nul", {}, lambda row: "\0" in row["user"]["fullname"]),
        ("surrogate", {}, lambda row: "\ud800" in row["user"]["fullname"]),
        ("big_field", {}, lambda row: len(row["fields"]["big"]) == 1 << 20),
        ("null_email", {}, lambda row: row["user"]["email"] is None),
        ("no_user", {}, lambda row: "user" not in row),
    ],
)
def test_odd_rows(waiting, what, more, check):
    plain = waiting.author.get(PENDING).json()
    waiting.door.fault("odd_rows", path="/pending", what=what, at=3, **more)
    odd = json.loads(waiting.author.get(PENDING).content)
    assert check(odd[3])
    assert odd[:3] + odd[4:] == plain[:3] + plain[4:]


def test_a_decision_that_is_applied_and_then_fails(waiting):
    waiting.door.fault("apply_then_fail", method="POST", path="/handle", count=1)
    body = {"user": "person-000000", "status": "accepted"}
    assert waiting.author.post(f"{LIST}/handle", json=body).status_code == 500
    assert waiting.door.row(REPO, "person-000000")["status"] == "accepted"
    assert waiting.author.post(f"{LIST}/handle", json=body).status_code == 404


def test_a_failing_decision_is_not_applied(waiting):
    waiting.door.fault("server_error", method="POST", path="/handle")
    body = {"user": "person-000000", "status": "accepted"}
    assert waiting.author.post(f"{LIST}/handle", json=body).status_code == 500
    assert waiting.door.row(REPO, "person-000000")["status"] == "pending"


def test_an_expired_token(waiting):
    waiting.door.fault("expired_token", path=API)
    refused = waiting.author.get(PENDING)
    assert (refused.status_code, refused.json()) == (401, {"error": "Invalid username or password."})
    assert "x-error-code" not in refused.headers


def test_quotas_are_counted_per_token_and_told_on_every_answer(waiting):
    waiting.door.settings(quotas={"api": 3})
    answers = [waiting.author.get(PENDING) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"].split(";")[:2] for answer in answers] == [
        ['"api"', "r=2"], ['"api"', "r=1"], ['"api"', "r=0"], ['"api"', "r=0"],
    ]  # fmt: skip
    assert answers[0].headers["ratelimit-policy"] == '"fixed window";"api";q=3;w=300'
    assert waiting.requester.get(API).status_code == 200
    assert waiting.author.get(f"/{REPO}/resolve/main/README.md").headers["ratelimit"].startswith('"resolvers";')


def test_the_journal_tells_who_called_what(waiting):
    waiting.door.clear_journal()
    body = {"user": "person-000000", "status": "rejected", "rejectionReason": "no"}
    waiting.author.post(f"{LIST}/handle", json=body)
    waiting.requester.post(f"/{REPO}/ask-access", json={"Secret answer": "x"})
    waiting.stranger.get(f"{API}?expand=gated")
    decision, asked, info = waiting.door.journal()
    assert (decision["method"], decision["path"], decision["owner"], decision["status"]) == (
        "POST", f"{LIST}/handle", "aurora", 200,
    )  # fmt: skip
    assert decision["body"] == body
    assert (asked["owner"], "body" in asked, len(asked["body_digest"])) == ("kim", False, 64)
    assert (info["query"], info["owner"], info["status"]) == ("expand=gated", "", 200)
    assert [entry["path"] for entry in waiting.door.journal(after=asked["sequence"])] == [API]


def test_the_clock_can_be_moved(waiting):
    waiting.door.settings(clockOffset=-86_400 * 400)
    waiting.requester.post(f"/{REPO}/ask-access", json={})
    assert waiting.door.row(REPO, "kim")["timestamp"] < "2026-06-01"


def test_reset_leaves_nothing(waiting):
    waiting.door.fault("html")
    waiting.door.settings(requestIds=False, lag=9, clockOffset=60, quotas={"api": 1})
    waiting.door.reset()
    assert waiting.author.get("/api/whoami-v2").status_code == 401
    assert waiting.door.faults() == []
    restored = waiting.door.settings()
    assert (restored["requestIds"], restored["lag"], restored["clockOffset"]) == (True, 0, 0)
    assert restored["quotas"]["api"] > 1000
    assert len(waiting.door.journal()) == 1


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda door: door.fault("explosion"), "Unknown kind"),
        (lambda door: door.fault("odd_rows", what="purple"), "Unknown what"),
        (lambda door: door.fault("html", path="("), "regular expression"),
        (lambda door: door.repo("nobody/x"), "no namespace"),
        (lambda door: door.repo(REPO, gated=True), "gated is false, auto or manual"),
        (lambda door: door.repo(REPO, colour="red"), "Unknown key colour"),
        (lambda door: door.requests(REPO, [{"user": "kim", "status": "escalated"}]), "Unknown status"),
        (lambda door: door.requests(REPO, [{"user": "kim", "timestamp": "soon"}]), "timestamp"),
        (lambda door: door.requests("aurora/none", []), "There is no model"),
        (lambda door: door.requests(REPO, [{}]), "'user' is missing"),
        (lambda door: door.person("x", tokens=[{"role": "king"}]), "Unknown role"),
        (lambda door: door.org("o", {"ghost": "read"}), "no person named"),
        (lambda door: door.reset("spring"), "Unknown seed"),
        (lambda door: door.settings(lag="long"), "not of the kind"),
        (lambda door: door.requests(REPO, [7]), "not of the kind"),
    ],
)
def test_the_door_tells_what_is_wrong(stage, call, told):
    with pytest.raises(DoorError, match=told):
        call(stage.door)


def test_the_door_refuses_browser_pages_and_other_methods(stage):
    url = f"{stage.door.base_url}/_control/reset"
    assert httpx2.post(url, json={}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert httpx2.post(url, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 400
    assert httpx2.get(url).status_code == 405
