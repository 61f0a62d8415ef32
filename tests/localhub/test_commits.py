"""Commits over HTTP and by hubgate's own client: parents, rights, pull requests, and what is refused."""

import base64
import itertools
import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubgate.hub.budget import MemoryBudgetStore
from hubgate.hub.client import HubClient
from hubgate.hub.errors import EntryNotFound, NoRights, ParentMoved, Refused, RevisionNotFound
from tests.localhub.conftest import API, REPO

pytestmark = pytest.mark.processes
NUMBERS = itertools.count()


def put(path, text):
    content = base64.b64encode(text.encode()).decode()
    return {"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}}


def delete(path, key="deletedFile"):
    return {"key": key, "value": {"path": path}}


def send(client, operations, *, repo=REPO, revision="main", summary="Change", query="", **header):
    lines = [{"key": "header", "value": {"summary": summary, "description": "", **header}}, *operations]
    return client.post(
        f"/api/models/{repo}/commit/{revision}{query}",
        content=b"".join(json.dumps(line).encode() + b"\n" for line in lines),
        headers={"Content-Type": "application/x-ndjson"},
    )


def text(client, path, revision="main"):
    return client.get(f"/{REPO}/resolve/{revision}/{path}").text


def own_client(stage, token):
    return HubClient(stage.door.base_url, token, MemoryBudgetStore())


def test_a_commit_moves_the_head(stage):
    before = stage.author.get(API).json()
    made = send(stage.author, [put("README.md", "---\nlicense: mit\ntags: [a]\n---\n"), put("x/y.txt", "y")]).json()
    after = stage.author.get(API).json()
    assert made["commitOid"] == after["sha"] != before["sha"]
    assert made["commitUrl"] == f"{stage.door.base_url}/{REPO}/commit/{after['sha']}"
    assert after["cardData"]["license"] == "mit"
    assert "a" in after["tags"]
    assert [file["rfilename"] for file in after["siblings"]] == ["README.md", "config.json", "x/y.txt"]
    old = stage.author.get(f"{API}/revision/{before['sha']}").json()
    assert (old["sha"], old["tags"], len(old["siblings"])) == (before["sha"], before["tags"], 2)
    history = stage.author.get(f"{API}/commits/main").json()
    assert [(one["title"], one["id"]) for one in history][0] == ("Change", after["sha"])
    assert history[1]["id"] == before["sha"]


def test_the_same_parent_twice_is_412(stage):
    parent = stage.author.get(API).json()["sha"]
    assert send(stage.author, [put("a.txt", "1")], parentCommit=parent).status_code == 200
    late = send(stage.author, [put("a.txt", "2")], parentCommit=parent)
    assert (late.status_code, late.json()["error"]) == (
        412,
        "A commit has happened since. Please refresh and try again.",
    )
    assert text(stage.author, "a.txt") == "1"


def test_of_many_at_once_with_one_parent_one_is_taken(stage):
    parent = stage.author.get(API).json()["sha"]
    statuses = []

    def commit(number):
        statuses.append(send(stage.author, [put("a.txt", str(number))], parentCommit=parent).status_code)

    threads = [threading.Thread(target=commit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [412] * 7
    assert len(stage.author.get(f"{API}/commits/main").json()) == 2


@pytest.mark.parametrize(
    ("operations", "status", "told"),
    [
        ([delete("none.txt")], 404, "A file with this name doesn't exist"),
        ([delete("config.json/")], 200, ""),
        ([delete("config.json", "deletedFolder")], 404, "A file with this name doesn't exist"),
        ([put("config.json/x", "")], 400, "A file and a folder"),
        ([put("../x", "")], 400, "Invalid path"),
        ([put("a//x", "")], 400, "Invalid path"),
        ([put(".git/config", "")], 400, "Invalid path"),
        ([put("x" * 501, "")], 400, "Invalid path"),
        ([put("big.txt", "x" * (10 * 2**20 + 1))], 400, "larger than 10 MiB"),
        (
            [{"key": "lfsFile", "value": {"path": "w", "algo": "sha256", "oid": "a" * 64, "size": 3}}],
            400,
            "LFS pointer",
        ),
        ([{"key": "lfsFile", "value": {"path": "w", "algo": "md5", "oid": "a" * 64}}], 400, "Invalid LFS file"),
        ([{"key": "file", "value": {"path": "x", "content": "%%", "encoding": "base64"}}], 400, "Invalid base64"),
        ([{"key": "file", "value": {"path": "x", "content": 5}}], 400, "content must be a string"),
        ([{"key": "rename", "value": {}}], 400, "Invalid key"),
        ([5], 400, "expected an object"),
        ([put("README.md", "---\na: [\n---\n")], 400, "Invalid YAML metadata"),
        ([put("README.md", "---\n- a\n---\n")], 400, "must be an object"),
        ([put("README.md", "---\nlicense: {a: b}\n---\n")], 400, '"license" must be'),
        ([put("README.md", "no front matter")], 200, ""),
    ],
)
def test_what_a_commit_may_hold(stage, operations, status, told):
    before = stage.author.get(API).json()["sha"]
    answer = send(stage.author, operations)
    assert answer.status_code == status
    if status != 200:
        assert told in answer.json()["error"]
        assert stage.author.get(API).json()["sha"] == before


@pytest.mark.parametrize("header", [{"summary": ""}, {"summary": None}, {"parentCommit": "abc"}, {"description": 5}])
def test_a_header_that_does_not_stand(stage, header):
    assert send(stage.author, [put("a", "b")], **header).status_code == 400


def test_a_body_that_is_none(stage):
    for body in (b"", b"{", b"[]", b"\xff\xfe", json.dumps(put("a", "b")).encode()):
        answer = stage.author.post(f"{API}/commit/main", content=body, headers={"Content-Type": "application/x-ndjson"})
        assert (answer.status_code, body) == (400, body)
    assert stage.author.post(f"{API}/commit/main", json={}).status_code == 400


def test_who_may_commit(stage):
    stage.door.repo("aurora/open", files={"a": "1"})
    reader = stage.client(stage.door.token("aurora", role="read"))
    told = {
        name: (answer.status_code, answer.json()["error"])
        for name, answer in (
            ("stranger", send(stage.stranger, [put("a", "2")], repo="aurora/open")),
            ("requester", send(stage.requester, [put("a", "2")], repo="aurora/open")),
            ("reader", send(reader, [put("a", "2")], repo="aurora/open")),
            ("reader's pr", send(reader, [put("a", "2")], repo="aurora/open", query="?create_pr=1")),
            ("nowhere", send(stage.author, [put("a", "2")], repo="aurora/none")),
            ("gated", send(stage.requester, [put("a", "2")], query="?create_pr=1")),
        )
    }
    assert {name: status for name, (status, _) in told.items()} == {
        "stranger": 401,
        "requester": 403,
        "reader": 403,
        "reader's pr": 403,
        "nowhere": 404,
        "gated": 403,
    }
    assert "pass `create_pr=1`" in told["requester"][1]
    assert "ask for access" in told["gated"][1]


def test_a_pull_request_leaves_main_alone(stage):
    stage.door.requests(REPO, [{"user": "kim", "status": "accepted"}])
    head = stage.author.get(API).json()["sha"]
    made = send(stage.requester, [put("README.md", "# other\n")], query="?create_pr=1", summary="Other").json()
    assert made["pullRequestUrl"] == f"{stage.door.base_url}/{REPO}/discussions/1"
    assert stage.author.get(API).json()["sha"] == head
    assert text(stage.author, "README.md", "refs%2Fpr%2F1") == "# other\n"
    assert text(stage.author, "README.md") == "# thermo\n"
    more = send(stage.requester, [put("more.txt", "x")], revision="refs%2Fpr%2F1")
    assert more.status_code == 200
    assert stage.author.get(f"{API}/revision/refs%2Fpr%2F1").json()["sha"] == more.json()["commitOid"]
    (ref,) = stage.author.get(f"{API}/refs?include_prs=1").json()["pullRequests"]
    assert (ref["ref"], ref["targetCommit"]) == ("refs/pr/1", more.json()["commitOid"])
    assert send(stage.author, [put("x", "y")], query="?create_pr=1").json()["pullRequestUrl"].endswith("/2")


def test_a_pull_request_from_an_older_commit(stage):
    old = stage.author.get(API).json()["sha"]
    send(stage.author, [put("new.txt", "new")])
    send(stage.author, [put("README.md", "# pr\n")], query="?create_pr=1", parentCommit=old)
    files = stage.author.get(f"{API}/tree/refs%2Fpr%2F1").json()
    assert [file["path"] for file in files] == ["README.md", "config.json"]


def test_preupload_tells_how_to_send(stage):
    stage.door.commit(
        REPO,
        {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\nsmall.bin !filter\n", ".gitignore": "*.log\n"},
    )

    def ask(path, size=3):
        answer = stage.author.post(
            f"{API}/preupload/main", json={"files": [{"path": path, "size": size, "sample": ""}]}
        )
        (entry,) = answer.json()["files"]
        return entry["uploadMode"], entry["shouldIgnore"]

    assert ask("a.txt") == ("regular", False)
    assert ask("deep/w.bin") == ("lfs", False)
    assert ask("small.bin") == ("regular", False)
    assert ask("a.txt", 11 * 2**20) == ("lfs", False)
    assert ask("deep/x.log") == ("regular", True)
    assert stage.author.post(f"{API}/preupload/main", json={"files": [5]}).status_code == 400
    assert stage.stranger.post(f"{API}/preupload/main", json={"files": []}).status_code == 401


def test_validate_yaml(stage):
    def ask(content, kind="model"):
        return stage.stranger.post("/api/validate-yaml", json={"content": content, "repoType": kind})

    assert ask("---\nlicense: mit\n---\n").json() == {"errors": [], "warnings": []}
    assert "empty or missing yaml metadata" in ask("# hello\n").json()["warnings"][0]["message"]
    wrong = ask("---\na: b: c\n---\n")
    assert (wrong.status_code, len(wrong.json()["errors"])) == (400, 1)
    assert ask("", "kernel").status_code == 400
    assert stage.stranger.post("/api/validate-yaml", json=5).status_code == 400


def test_our_own_client_commits_and_reads_back(stage):
    client = own_client(stage, stage.author_token)
    content, sha = client.read_file("models", REPO, "README.md")
    assert content == b"# thermo\n"
    made = client.commit("models", REPO, parent=sha, summary="Edit", files={"README.md": b"# new\r\n", "u/ö.txt": b""})
    assert client.read_file("models", REPO, "README.md") == (b"# new\r\n", made.sha)
    assert client.read_file("models", REPO, "u/ö.txt", made.sha) == (b"", made.sha)
    assert client.read_file("models", REPO, "README.md", sha) == (b"# thermo\n", sha)
    with pytest.raises(ParentMoved):
        client.commit("models", REPO, parent=sha, summary="Late", files={"README.md": b""})
    opened = client.commit("models", REPO, parent=sha, summary="Pr", files={"a": b"b"}, create_pr=True)
    assert opened.pull_request_number == 1
    assert client.read_file("models", REPO, "a", "refs/pr/1") == (b"b", opened.sha)


def test_our_own_client_is_told_what_went_wrong(stage):
    author, other = own_client(stage, stage.author_token), own_client(stage, stage.requester_token)
    with pytest.raises(NoRights):
        other.commit("models", REPO, parent=None, summary="x", files={"a": b""})
    with pytest.raises(RevisionNotFound):
        author.commit("models", REPO, revision="none", parent=None, summary="x", files={"a": b""})
    with pytest.raises(EntryNotFound):
        author.read_file("models", REPO, "none.md")
    with pytest.raises(RevisionNotFound):
        author.read_file("models", REPO, "README.md", "none")
    with pytest.raises(Refused, match="Invalid YAML"):
        author.commit("models", REPO, parent=None, summary="x", files={"README.md": b"---\na: [\n---\n"})


NAMES = st.sampled_from(["a.txt", "b.txt", "d/a.txt", "d/e/b.txt", "README.md"])
STEP = st.dictionaries(NAMES, st.one_of(st.none(), st.text(alphabet="ab\n", max_size=6)), min_size=1, max_size=4)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=1, max_size=6))
def test_a_series_of_commits_gives_the_tree_of_a_dict(stage, steps):
    repo = f"aurora/series-{next(NUMBERS)}"
    stage.door.repo(repo, files={"a.txt": "first"})
    model, head = {"a.txt": "first"}, stage.author.get(f"/api/models/{repo}").json()["sha"]
    history = [(head, dict(model))]
    for step in steps:
        operations = []
        for path, content in step.items():
            if content is not None:
                model[path] = content
                operations.append(put(path, content))
            elif path in model:
                del model[path]
                operations.append(delete(path))
        answer = send(stage.author, operations, repo=repo, parentCommit=head)
        assert answer.status_code == 200
        head = answer.json()["commitOid"]
        history.append((head, dict(model)))
    assert [one["id"] for one in stage.author.get(f"/api/models/{repo}/commits/main").json()] == [
        oid for oid, _ in reversed(history)
    ]
    for oid, files in history:
        tree = stage.author.get(f"/api/models/{repo}/tree/{oid}?recursive=true").json()
        assert {entry["path"] for entry in tree if entry["type"] == "file"} == set(files)
        for path, content in files.items():
            assert stage.author.get(f"/{repo}/resolve/{oid}/{path}").text == content


def test_commits_and_settings_at_once_keep_both(stage):
    """Neither may put back what it found of the other's when it began."""
    wrong = []

    def gates():
        for number in range(20):
            gate = ("auto", "manual")[number % 2]
            stage.author.put(f"{API}/settings", json={"gated": gate})
            if stage.author.get(f"{API}?expand=gated").json()["gated"] != gate:
                wrong.append(gate)

    thread = threading.Thread(target=gates)
    thread.start()
    while thread.is_alive():
        made = send(stage.author, [put("a", "b")]).json()["commitOid"]
        if stage.author.get(f"{API}?expand=sha").json()["sha"] != made:
            wrong.append(made)
    thread.join()
    assert wrong == []
