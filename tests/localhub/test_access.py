"""The access-request family over HTTP, beyond the recorded cases: lists, organisations, tokens, datasets."""

import itertools
import time

import pytest

from tests.localhub.conftest import API, LIST, REPO

pytestmark = pytest.mark.processes


def users(response):
    assert response.status_code == 200, response.text
    return [item["user"]["user"] for item in response.json()]


def generate(stage, count=25, **values):
    stage.door.generate(REPO, count, prefix="person", start="2026-03-01T00:00:00Z", step_seconds=60, **values)


def test_lists_are_newest_first_and_page_by_link(stage):
    generate(stage)
    url, pages = f"{LIST}/pending?limit=10", []
    while url:
        response = stage.author.get(url)
        pages.append(users(response))
        url = response.links.get("next", {}).get("url")
        assert url is None or url.startswith(f"{stage.door.base_url}{LIST}/pending?limit=10&cursor=")
    assert [len(page) for page in pages] == [10, 10, 5]
    assert list(itertools.chain(*pages)) == [f"person-{number:06d}" for number in reversed(range(25))]


def test_a_full_last_page_has_no_link(stage):
    generate(stage, 10)
    response = stage.author.get(f"{LIST}/pending?limit=10")
    assert len(response.json()) == 10
    assert "link" not in response.headers


def test_rows_of_one_moment_are_not_lost_between_pages(stage):
    stage.door.generate(REPO, 25, step_seconds=0)
    seen, url = [], f"{LIST}/pending?limit=10"
    while url:
        response = stage.author.get(url)
        seen += users(response)
        url = response.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) == 25


def test_after_and_before_exclude_their_moment(stage):
    generate(stage, 5)
    query = "after=2026-03-01T00:01:00Z&before=2026-03-01T00:04:00.000Z"
    assert users(stage.author.get(f"{LIST}/pending?{query}")) == ["person-000003", "person-000002"]


def test_q_matches_the_start_of_the_user_name_literally(stage):
    stage.door.requests(REPO, [{"user": name} for name in ("kim", "kim_2", "kimono", "joakim")])
    assert set(users(stage.author.get(f"{LIST}/pending", params={"q": "KIM"}))) == {"kim", "kim_2", "kimono"}
    assert users(stage.author.get(f"{LIST}/pending", params={"q": "kim_"})) == ["kim_2"]
    assert users(stage.author.get(f"{LIST}/pending", params={"q": "%"})) == []
    assert users(stage.author.get(f"{LIST}/pending", params={"q": "uni.example"})) == []


def test_a_bad_cursor_and_a_bad_status_are_told(stage):
    for cursor in ("xx", "", "WzFd", "WzEsMl0", "WyJ4Iix7fV0", "é"):
        status = stage.author.get(f"{LIST}/pending", params={"cursor": cursor}).status_code
        assert status == (400 if cursor else 200)
    bad = stage.author.get(f"{LIST}/escalated")
    assert (bad.status_code, "at status" in bad.json()["error"]) == (400, True)


def test_auto_mode_accepts_at_once_without_a_reviewer(stage):
    stage.door.repo(REPO, gated="auto")
    assert stage.requester.post(f"/{REPO}/ask-access", json={}).status_code == 303
    (item,) = stage.author.get(f"{LIST}/accepted").json()
    assert {"reviewedAt", "grantedBy"}.isdisjoint(item)
    assert stage.requester.get(f"{API}/auth-check").text == "OK"


def test_gate_off_keeps_the_rows_and_opens_the_files(stage):
    stage.door.requests(REPO, [{"user": "kim", "status": "rejected"}])
    assert stage.author.put(f"{API}/settings", json={"gated": False}).json() == {"gated": False}
    assert stage.requester.get(f"{API}/auth-check").status_code == 200
    stage.author.put(f"{API}/settings", json={"gated": "auto"})
    assert users(stage.author.get(f"{LIST}/rejected")) == ["kim"]
    assert stage.requester.get(f"{API}/auth-check").status_code == 403


def test_settings_do_not_echo_notifications(stage):
    body = {"gated": "manual", "gatedNotificationsMode": "bulk", "gatedNotificationsEmail": "a@b.example"}
    assert stage.author.put(f"{API}/settings", json=body).json() == {"gated": "manual"}


def test_batch_moves_and_is_idempotent(stage):
    stage.door.requests(
        REPO, [{"user": "kim"}, {"user": "lee", "status": "rejected"}, {"user": "ono", "status": "reset"}]
    )
    kim = stage.door.requests(REPO, [{"user": "kim"}])[0]["userId"]
    requests = [{"userId": kim}, {"user": "LEE"}, {"user": "ono"}, {"user": "aurora"}, {"user": "ghost"}]
    body = {"status": "rejected", "rejectionReason": "not now", "requests": requests}
    expected = [
        {"userId": kim, "ok": True},
        {"user": "LEE", "ok": True},
        {"user": "ono", "ok": True},
        {"user": "aurora", "ok": False, "error": "request_not_found"},
        {"user": "ghost", "ok": False, "error": "user_not_found"},
    ]
    assert stage.author.post(f"{LIST}/batch", json=body).json() == expected
    assert stage.author.post(f"{LIST}/batch", json=body).json() == expected
    assert stage.door.row(REPO, "kim")["rejectionReason"] == "not now"
    # An item that is there already keeps what it had.
    assert stage.door.row(REPO, "lee")["rejectionReason"] == ""


def test_batch_on_an_open_repository_is_refused(stage):
    stage.door.repo(REPO, gated=False)
    refused = stage.author.post(f"{LIST}/batch", json={"status": "accepted", "requests": [{"user": "kim"}]})
    assert (refused.status_code, refused.headers["x-error-code"]) == (400, "RepoNotGated")


def test_a_new_request_after_reset_has_a_new_time_and_new_answers(stage):
    stage.door.repo(REPO, files={"README.md": "---\nextra_gated_fields:\n  Why: text\n  Ok: checkbox\n---\n"})
    stage.door.requests(
        REPO, [{"user": "kim", "status": "reset", "timestamp": "2026-01-01T00:00:00Z", "fields": {"Why": "old"}}]
    )
    stage.requester.post(f"/{REPO}/ask-access", data={"Why": "new\nlines", "Ok": "on", "Other": "x"})
    row = stage.door.row(REPO, "kim")
    assert (row["status"], row["fields"], row["reviewedAt"]) == ("pending", {"Why": "new\nlines", "Ok": "on"}, None)
    assert row["timestamp"] > "2026-01-01T00:00:00.000Z"


def test_grant_shares_no_email_and_a_later_reset_and_ask_does(stage):
    assert stage.author.post(f"{LIST}/grant", json={"user": "kim"}).json() == {}
    (item,) = stage.author.get(f"{LIST}/accepted").json()
    assert "email" not in item["user"]
    assert "email" not in stage.author.get(f"/{REPO}/user-access-report").json()[0]
    stage.author.post(f"{LIST}/handle", json={"user": "kim", "status": "reset", "resetReason": "again, please"})
    assert stage.door.row(REPO, "kim")["resetReason"] == "again, please"
    stage.requester.post(f"/{REPO}/ask-access", json={})
    (item,) = stage.author.get(f"{LIST}/pending").json()
    assert item["user"]["email"] == "kim@uni.example"


def test_the_report_has_everybody(stage):
    generate(stage, 2300, statuses={"pending": 3, "accepted": 2, "rejected": 1, "reset": 1}, seed=7)
    report = stage.author.get(f"/{REPO}/user-access-report").json()
    assert len(report) == 2300
    assert {entry["status"] for entry in report} == {"pending", "accepted", "rejected", "reset"}


@pytest.mark.parametrize("call", ["handle", "batch", "grant"])
def test_permission_comes_before_the_body(stage, call):
    assert stage.requester.post(f"{LIST}/{call}", json={"nonsense": 1}).status_code == 403
    assert stage.stranger.post(f"{LIST}/{call}", json={"nonsense": 1}).status_code == 401
    assert stage.author.post(f"{LIST}/{call}", json={"nonsense": 1}).status_code == 400


def test_a_body_that_is_no_json_is_told(stage):
    refused = stage.author.post(f"{LIST}/handle", content=b"{", headers={"Content-Type": "application/json"})
    assert (refused.status_code, "Invalid JSON" in refused.json()["error"]) == (400, True)


def test_a_broken_form_is_a_bad_request(stage):
    headers = {"Content-Type": "multipart/form-data"}
    assert stage.requester.post(f"/{REPO}/ask-access", content=b"x", headers=headers).status_code == 400
    wrong = stage.requester.post(f"{API}/paths-info/main", json=["README.md"])
    assert wrong.status_code == 400


def test_asking_without_credentials_or_on_an_open_repository(stage):
    assert stage.stranger.post(f"/{REPO}/ask-access", json={}).status_code == 401
    stage.door.repo(REPO, gated=False)
    refused = stage.requester.post(f"/{REPO}/ask-access", json={})
    assert (refused.status_code, refused.headers["x-error-code"]) == (400, "RepoNotGated")


def test_datasets_speak_of_datasets(stage):
    stage.door.repo("aurora/weather", type="dataset", gated="manual")
    api = "/api/datasets/aurora/weather"
    refused = stage.requester.get(f"{api}/auth-check")
    told = "Access to dataset aurora/weather is restricted and you are not in the authorized list."
    assert refused.json()["error"] == f"{told} Visit {stage.door.base_url}/datasets/aurora/weather to ask for access."
    asked = stage.requester.post("/datasets/aurora/weather/ask-access", json={})
    assert asked.headers["location"] == f"{stage.door.base_url}/datasets/aurora/weather"
    stage.author.post(f"{api}/user-access-request/handle", json={"user": "kim", "status": "accepted"})
    assert stage.requester.get(f"{api}/auth-check").status_code == 200


def test_lists_show_the_old_state_while_the_lag_lasts(stage):
    stage.door.requests(REPO, [{"user": "kim"}])
    stage.door.settings(lag=60)
    stage.author.post(f"{LIST}/handle", json={"user": "kim", "status": "accepted"})
    assert users(stage.author.get(f"{LIST}/pending")) == ["kim"]
    assert users(stage.author.get(f"{LIST}/accepted")) == []
    # The decision itself is in force, and a second one sees it.
    assert stage.requester.get(f"{API}/auth-check").status_code == 200
    assert stage.author.post(f"{LIST}/handle", json={"user": "kim", "status": "accepted"}).status_code == 404


def test_lists_show_the_new_state_after_the_lag(stage):
    stage.door.requests(REPO, [{"user": "kim"}])
    stage.door.settings(lag=0.3)
    decided = time.monotonic()
    stage.author.post(f"{LIST}/handle", json={"user": "kim", "status": "accepted"})
    while users(stage.author.get(f"{LIST}/accepted")) != ["kim"]:
        assert time.monotonic() < decided + 10
    assert users(stage.author.get(f"{LIST}/pending")) == []


def test_members_pass_the_gate_unless_they_are_gated_too(stage):
    members = {"adm": "admin", "wri": "write", "con": "contributor", "rea": "read"}
    clients = {name: stage.client(stage.door.person(name)["tokens"][0]) for name in members}
    stage.door.org("lab", members)
    stage.door.repo("lab/model", gated="manual", creator="con")
    check = "/api/models/lab/model/auth-check"
    assert {name: client.get(check).status_code for name, client in clients.items()} == dict.fromkeys(members, 200)
    writes = {name: client.get(f"{check}/write").status_code for name, client in clients.items()}
    assert writes == {"adm": 200, "wri": 200, "con": 200, "rea": 403}
    clients["adm"].put("/api/models/lab/model/settings", json={"orgMembersGated": True})
    gated = {name: client.get(check).status_code for name, client in clients.items()}
    assert gated == {"adm": 200, "wri": 403, "con": 200, "rea": 403}


def test_a_private_repository_is_not_there_for_others(stage):
    stage.door.requests(REPO, [{"user": "kim", "status": "accepted"}])
    stage.door.repo(REPO, private=True)
    assert stage.author.get(API).json()["private"] is True
    for path in (API, f"{API}/auth-check", f"/{REPO}/resolve/main/README.md"):
        refused = stage.requester.get(path)
        assert (refused.status_code, refused.headers["x-error-code"]) == (404, "RepoNotFound")
        refused = stage.stranger.get(path)
        assert (refused.status_code, "x-error-code" in refused.headers) == (401, False)


def test_emails_and_people_can_be_hidden(stage):
    stage.door.requests(REPO, [{"user": "kim"}])
    stage.door.repo(REPO, hide_emails=True)
    (item,) = stage.author.get(f"{LIST}/pending").json()
    assert "email" not in item["user"]
    stage.door.repo(REPO, hide_people=True)
    (item,) = stage.author.get(f"{LIST}/pending").json()
    assert list(item) == ["requestId", "timestamp", "status"]
    assert list(stage.author.get(f"/{REPO}/user-access-report").json()[0]) == ["time", "status"]
    handled = stage.author.post(f"{LIST}/handle", json={"requestId": item["requestId"], "status": "accepted"})
    assert handled.json() == {}
    assert stage.author.post(f"{LIST}/handle", json={"requestId": "0" * 24, "status": "accepted"}).status_code == 404


def test_tokens_of_every_kind(stage):
    scoped = [{"entity": {"type": "model", "name": REPO}, "permissions": ["repo.write"]}]
    tokens = {
        "read": stage.door.token("aurora", role="read"),
        "narrow": stage.door.token("aurora", role="fineGrained"),
        "scoped": stage.door.token("aurora", role="fineGrained", scoped=scoped),
        "expired": stage.door.token("aurora", expired=True),
    }
    found = {name: stage.client(token).get(f"{LIST}/pending").status_code for name, token in tokens.items()}
    assert found == {"read": 403, "narrow": 403, "scoped": 200, "expired": 401}
    told = stage.client(tokens["scoped"]).get("/api/whoami-v2").json()["auth"]["accessToken"]
    assert (told["role"], told["fineGrained"]["scoped"]) == ("fineGrained", scoped)


def test_an_accepted_person_with_a_narrow_token_is_told_so(stage):
    stage.door.requests(REPO, [{"user": "kim", "status": "accepted"}])
    narrow = stage.client(stage.door.token("kim", role="fineGrained"))
    refused = narrow.get(f"{API}/auth-check")
    assert (refused.status_code, "fine-grained token settings" in refused.json()["error"]) == (403, True)
    ticked = stage.client(stage.door.token("kim", role="fineGrained", can_read_gated_repos=True))
    assert ticked.get(f"{API}/auth-check").status_code == 200
