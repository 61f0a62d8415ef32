"""Files over HTTP: ranges, ETags, redirects, revisions, masking."""

import base64
import hashlib

import pytest

from tests.localhub.conftest import API, REPO

pytestmark = pytest.mark.processes
CONTENT = bytes(range(256)) * 40


@pytest.fixture
def weights(stage):
    stage.door.commit(
        REPO, {"w.bin": {"base64": base64.b64encode(CONTENT).decode(), "lfs": True, "xet_hash": "a" * 64}}
    )
    return f"/{REPO}/resolve/main/w.bin"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=10000-", 10000, 10239),
        ("bytes=-40", 10200, 10239),
        ("bytes=10200-99999", 10200, 10239),
    ],
)
def test_ranges(stage, weights, asked, first, last):
    part = stage.author.get(weights, headers={"Range": asked})
    assert part.status_code == 206
    assert part.content == CONTENT[first : last + 1]
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"


def test_a_range_behind_the_end_is_416(stage, weights):
    refused = stage.author.get(weights, headers={"Range": "bytes=20000-"})
    assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{len(CONTENT)}")


def test_head_tells_what_get_would_send(stage, weights):
    head, got = stage.author.head(weights), stage.author.get(weights)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "x-linked-etag", "x-linked-size", "x-repo-commit", "content-length", "accept-ranges"):
        assert head.headers[name] == got.headers[name]
    assert head.headers["etag"] == f'"{sha256}"'
    assert "x-xet-hash" not in head.headers


def test_head_works_on_the_api_too(stage):
    assert stage.stranger.head(API).headers["etag"] == stage.stranger.get(API).headers["etag"]


def test_a_known_etag_gets_304(stage, weights):
    etag = stage.author.get(weights).headers["etag"]
    assert stage.author.get(weights, headers={"If-None-Match": etag}).status_code == 304
    etag = stage.stranger.get(API).headers["etag"]
    assert stage.stranger.get(API, headers={"If-None-Match": etag}).status_code == 304
    stage.door.repo(REPO, gated="auto")
    assert stage.stranger.get(API, headers={"If-None-Match": etag}).status_code == 200


def test_strangers_are_sent_to_the_cache_for_small_files_of_open_repositories(stage):
    stage.door.repo("aurora/open", files={"config.json": "{}", "ein name.txt": "x"})
    moved = stage.stranger.get("/aurora/open/resolve/main/ein%20name.txt")
    assert moved.status_code == 307
    assert moved.headers["location"].startswith("/api/resolve-cache/models/aurora/open/")
    assert stage.stranger.get(moved.headers["location"]).text == "x"
    assert stage.author.get("/aurora/open/resolve/main/config.json").status_code == 200
    cached = stage.stranger.get("/aurora/open/resolve/main/config.json").headers["location"]
    stage.door.repo("aurora/open", gated="manual")
    assert stage.stranger.get(cached).status_code == 401


def test_hashes_are_masked_for_those_without_access(stage, weights):
    def entry(client):
        return next(one for one in client.get(f"{API}/tree/main").json() if one["path"] == "w.bin")

    for client in (stage.stranger, stage.requester):
        assert (entry(client)["lfs"]["oid"], entry(client)["xetHash"]) == ("*" * 64, "*" * 64)
    stage.door.requests(REPO, [{"user": "kim", "status": "accepted"}])
    assert entry(stage.requester)["lfs"]["oid"] == hashlib.sha256(CONTENT).hexdigest()
    assert entry(stage.requester)["xetHash"] == "a" * 64


def test_the_tree_pages_by_cursor(stage):
    stage.door.commit(REPO, {f"many/{number:04d}.txt": "x" for number in range(1500)})
    first = stage.author.get(f"{API}/tree/main/many")
    second = stage.author.get(first.links["next"]["url"])
    assert (len(first.json()), len(second.json())) == (1000, 500)
    assert "link" not in second.headers
    assert len(stage.author.get(f"{API}/tree/main?recursive=true&expand=true").json()) == 100


def test_older_revisions_branches_and_encoded_refs(stage):
    old = stage.door.repo(REPO)["sha"]
    stage.door.commit(REPO, {"config.json": '{"a": 2}\n'})
    stage.door.commit(REPO, {"config.json": '{"a": 3}\n'}, branch="feature/x")
    found = {
        revision: stage.author.get(f"/{REPO}/resolve/{revision}/config.json").text
        for revision in (old, "main", "feature%2Fx", "refs%2Fheads%2Fmain", "refs/heads/main")
    }
    assert found == {
        old: '{"a": 1}\n',
        "main": '{"a": 2}\n',
        "feature%2Fx": '{"a": 3}\n',
        "refs%2Fheads%2Fmain": '{"a": 2}\n',
        "refs/heads/main": '{"a": 2}\n',
    }
    missing = stage.author.get(f"/{REPO}/resolve/none/config.json")
    assert (missing.status_code, missing.headers["x-error-code"]) == (404, "RevisionNotFound")


def test_a_renamed_repository_answers_307_on_every_route(stage):
    stage.door.move_repo(REPO, "aurora/renamed")
    for path in (
        API,
        f"{API}/tree/main?recursive=true",
        f"/{REPO}/resolve/main/README.md",
        f"{API}/user-access-request/pending",
    ):
        moved = stage.author.get(path)
        assert (moved.status_code, moved.headers["location"]) == (307, path.replace(REPO, "aurora/renamed"))
        assert stage.author.get(moved.headers["location"]).status_code == 200
    asked = stage.requester.post(f"/{REPO}/ask-access", json={}, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (307, "/aurora/renamed/ask-access")


def test_ids_that_the_hub_refuses(stage):
    for name in ("a--b", "-a", "a.git", "a b", "a..b", "x" * 97):
        refused = stage.author.post("/api/repos/create", json={"name": name})
        assert (refused.status_code, name) == (400, name)


def test_names_differ_in_more_than_case(stage):
    refused = stage.author.post("/api/repos/create", json={"name": "THERMO"})
    assert refused.status_code == 409
    assert stage.author.get("/api/models/Aurora/Thermo").json()["id"] == REPO


def test_unknown_expand_values_are_told(stage):
    refused = stage.stranger.get(f"{API}?expand[]=gated&expand[]=nothing")
    assert (refused.status_code, "at expand[1]" in refused.json()["error"]) == (400, True)
    assert list(stage.stranger.get(f"{API}?expand=sha&expand=gated").json()) == ["_id", "id", "sha", "gated"]
    assert stage.stranger.get("/api/spaces?expand=gated").status_code == 400
