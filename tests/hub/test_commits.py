"""A commit on the wire, and what becomes of the Hub's answer to it."""

import json

import pytest

from hubgate.hub.errors import BadAnswer, HubUnreachable, NoRights, ParentMoved, RateLimited, Refused, RepoMoved
from hubgate.hub.types import CommitInfo
from tests.hub.scripted import answer

REPO = ("models", "aurora-lab/tiny-gated")
PARENT, MADE = "a" * 40, "b" * 40
URL = f"https://huggingface.co/{REPO[1]}/commit/{MADE}"


def commit(client, **more):
    given = {"parent": PARENT, "summary": "Say it", "files": {"README.md": b"hello\n"}, **more}
    return client.commit(*REPO, **given)


def test_the_lines_that_go_out(hub, client):
    hub.then(answer(200, {"commitOid": MADE, "commitUrl": URL}))
    made = commit(client, description="Why", files={"b.txt": b"\xff", "a/ö.txt": b""}, revision="refs/pr/3")
    assert made == CommitInfo(MADE, URL, None)
    asked = hub.asked[0]
    assert (asked.method, asked.path) == ("POST", f"/api/models/{REPO[1]}/commit/refs%2Fpr%2F3")
    assert asked.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in asked.body.splitlines()] == [
        {"key": "header", "value": {"summary": "Say it", "description": "Why", "parentCommit": PARENT}},
        {"key": "file", "value": {"content": "", "path": "a/ö.txt", "encoding": "base64"}},
        {"key": "file", "value": {"content": "/w==", "path": "b.txt", "encoding": "base64"}},
    ]


def test_a_pull_request_and_its_number(hub, client):
    page = f"https://huggingface.co/{REPO[1]}/discussions/12"
    hub.then(answer(200, {"commitOid": MADE, "commitUrl": URL, "pullRequestUrl": page}))
    assert commit(client, create_pr=True, parent=None).pull_request_number == 12
    assert hub.asked[0].path.endswith("/commit/main?create_pr=1")
    assert "parentCommit" not in json.loads(hub.asked[0].body.splitlines()[0])["value"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(412, {"error": "A commit has happened since. Please refresh and try again."}), ParentMoved),
        (answer(403, {"error": "Forbidden: pass `create_pr=1`"}), NoRights),
        (answer(400, {"error": "Invalid metadata"}), Refused),
        (answer(429, {}), RateLimited),
        (answer(307, b"", {"location": "/api/models/aurora-lab/new-name/commit/main"}), RepoMoved),
    ],
)
def test_refusals(hub, client, given, error):
    hub.then(given)
    with pytest.raises(error) as caught:
        commit(client)
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(502, {}), HubUnreachable),
        (answer(200, {}), BadAnswer),
        (answer(200, {"commitOid": "x", "commitUrl": URL}), BadAnswer),
        (answer(200, []), BadAnswer),
    ],
)
def test_what_may_have_been_written(hub, client, given, error):
    hub.then(given)
    with pytest.raises(error) as caught:
        commit(client)
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": {}},
        {"files": {"../README.md": b""}},
        {"files": {"a//b": b""}},
        {"files": {".git/x": b""}},
        {"files": {"a\nb": b""}},
        {"files": {"big": bytes(10 * 2**20 + 1)}},
        {"summary": " "},
        {"parent": "main"},
    ],
)
def test_what_is_not_sent_at_all(hub, client, wrong):
    with pytest.raises(ValueError, match="commit|repository"):
        commit(client, **wrong)
    assert hub.asked == []


def test_a_file_is_read_with_its_commit(hub, client):
    hub.then(answer(200, b"---\r\n", {"content-type": "text/plain", "x-repo-commit": PARENT}))
    assert client.read_file("datasets", REPO[1], "a b/README.md", "refs/pr/1") == (b"---\r\n", PARENT)
    assert hub.asked[0].path == f"/datasets/{REPO[1]}/resolve/refs%2Fpr%2F1/a%20b/README.md"
    hub.then(answer(200, b"hello", {"content-type": "text/plain"}))
    with pytest.raises(BadAnswer):
        client.read_file(*REPO, "README.md")
