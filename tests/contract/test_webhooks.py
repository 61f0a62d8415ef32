"""Webhooks by the unmodified huggingface_hub client: managed through the API, and called when something happens."""

import contextlib
import json
import queue
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd
from huggingface_hub.errors import HfHubHTTPError

from tests.contract.conftest import MODEL, OPEN
from tests.localhub.visitor import Visitor

pytestmark = pytest.mark.processes
WATCHED = [{"type": "user", "name": "aurora"}]


class Receiver:
    """A server that takes webhook calls; `next()` waits for one."""

    def __init__(self):
        self.calls: queue.Queue = queue.Queue()
        self.answer = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.calls.put((dict(self.headers.items()), body))
                self.send_response(receiver.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def next(self):
        """Headers by lower-case name, and the payload."""
        headers, body = self.calls.get(timeout=20)
        return {name.lower(): value for name, value in headers.items()}, body

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver():
    with contextlib.closing(Receiver()) as made:
        yield made


def test_webhooks_are_managed(world):
    made = world.author.create_webhook(url="https://hook.example/x", watched=WATCHED, secret="s3cret")
    assert (made.url, made.secret, made.disabled) == ("https://hook.example/x", "s3cret", False)
    assert made.domains == ["repo", "discussion"]
    assert [(item.type, item.name) for item in made.watched] == [("user", "aurora")]
    assert [hook.id for hook in world.author.list_webhooks()] == [made.id]
    assert world.author.get_webhook(made.id) == made
    changed = world.author.update_webhook(made.id, url="https://hook.example/y", domains=["repo"])
    assert (changed.url, changed.domains, changed.watched, changed.secret) == (
        "https://hook.example/y",
        ["repo"],
        made.watched,
        "s3cret",
    )
    assert world.author.disable_webhook(made.id).disabled
    assert not world.author.enable_webhook(made.id).disabled
    world.author.delete_webhook(made.id)
    assert world.author.list_webhooks() == []


def test_webhooks_are_their_owner_s(world):
    made = world.author.create_webhook(url="https://hook.example/x", watched=WATCHED)
    assert world.requester.list_webhooks() == []
    for call in (world.requester.get_webhook, world.requester.delete_webhook, world.requester.disable_webhook):
        with pytest.raises(HfHubHTTPError) as caught:
            call(made.id)
        assert caught.value.response.status_code == 404
    with pytest.raises(HfHubHTTPError):
        world.stranger.list_webhooks()
    reader = world.door.token("aurora", role="read")
    assert len(world.author.list_webhooks(token=reader)) == 1
    with pytest.raises(HfHubHTTPError):
        world.author.delete_webhook(made.id, token=reader)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://hook.example"},
        {"url": "no address"},
        {"watched": [{"type": "planet", "name": "x"}]},
        {"domains": ["nothing"]},
        {"secret": "schlüssel"},
    ],
)
def test_webhooks_that_the_hub_refuses(world, wrong):
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.create_webhook(**{"url": "https://hook.example/x", "watched": WATCHED, **wrong})
    assert caught.value.response.status_code == 400


def test_what_a_commit_sends(world, receiver):
    made = world.author.create_webhook(url=receiver.url, watched=WATCHED, secret="s3cret")
    before = world.author.model_info(MODEL)
    commit = world.author.upload_file(repo_id=MODEL, path_in_repo="x.txt", path_or_fileobj=b"x")
    headers, body = receiver.next()
    assert headers["x-webhook-secret"] == "s3cret"
    assert headers["content-type"] == "application/json"
    assert body["event"] == {"action": "update", "scope": "repo.content"}
    assert body["updatedRefs"] == [{"ref": "refs/heads/main", "oldSha": before.sha, "newSha": commit.oid}]
    assert body["webhook"] == {"id": made.id, "version": 3}
    repo = body["repo"]
    assert (repo["type"], repo["name"], repo["headSha"], repo["private"]) == ("model", MODEL, commit.oid, False)
    assert repo["url"] == {"web": f"{world.door.base_url}/{MODEL}", "api": f"{world.door.base_url}/api/models/{MODEL}"}
    assert repo["id"] == before._id


def test_what_else_wakes_them(world, receiver):
    world.author.create_webhook(url=receiver.url, watched=[{"type": "model", "name": OPEN}])
    world.requester.create_commit(OPEN, [CommitOperationAdd("x", b"x")], commit_message="Propose", create_pr=True)
    world.author.comment_discussion(OPEN, 1, "Fine")
    world.author.merge_pull_request(OPEN, 1)
    world.author.update_repo_settings(OPEN, gated="manual")
    world.author.update_repo_settings(OPEN, visibility="private")
    world.author.move_repo(OPEN, "aurora/other")
    told = []
    for _ in range(8):
        _, body = receiver.next()
        told.append((body["event"]["action"], body["event"]["scope"]))
        if body["event"]["scope"] == "discussion.comment":
            assert (body["comment"]["content"], body["discussion"]["num"]) == ("Fine", 1)
        if body["event"]["scope"] == "repo.config":
            assert body["updatedConfig"] == ({"private": True} if body["repo"]["private"] else {})
    assert told == [
        ("create", "discussion"),
        ("update", "repo.content"),
        ("create", "discussion.comment"),
        ("update", "repo.content"),
        ("update", "discussion"),
        ("update", "repo.config"),
        ("update", "repo.config"),
        ("move", "repo"),
    ]


def test_what_does_not(world, receiver):
    """No event for access requests, for other people's private repositories, other domains, or while disabled."""
    hook = world.requester.create_webhook(url=receiver.url, watched=WATCHED, domains=["repo"])
    off = world.author.create_webhook(url=receiver.url, watched=WATCHED)
    world.author.disable_webhook(off.id)
    world.door.requests(MODEL, [{"user": "kim"}])
    world.author.accept_access_request(MODEL, "kim")
    world.author.create_discussion(OPEN, "A question")
    world.author.create_repo("aurora/secret", private=True)
    world.author.upload_file(repo_id="aurora/secret", path_in_repo="x", path_or_fileobj=b"x")
    world.author.upload_file(repo_id=OPEN, path_in_repo="x", path_or_fileobj=b"x")
    _, body = receiver.next()
    assert (body["repo"]["name"], body["webhook"]["id"]) == (OPEN, hook.id)
    assert receiver.calls.empty()


def test_a_receiver_that_fails_holds_nothing_up_and_is_called_once(world, receiver):
    receiver.answer = 500
    world.author.create_webhook(url="http://127.0.0.1:9/closed", watched=WATCHED)
    world.author.create_webhook(url=receiver.url, watched=WATCHED)
    for number in range(2):
        world.author.upload_file(repo_id=OPEN, path_in_repo="x", path_or_fileobj=str(number).encode())
    shas = [receiver.next()[1]["repo"]["headSha"] for _ in range(2)]
    assert shas[1] == world.author.model_info(OPEN).sha != shas[0]
    assert receiver.calls.empty()


def test_a_call_is_sent_again(world, receiver):
    made = world.author.create_webhook(url=receiver.url, watched=WATCHED)
    world.author.upload_file(repo_id=OPEN, path_in_repo="x", path_or_fileobj=b"x")
    _, first = receiver.next()
    with Visitor(world.door.base_url) as visitor:
        visitor.sign_in("aurora", "/settings/webhooks")
        found = re.search(r'name="replay" value="([0-9a-f]{24})"', visitor.page)
        assert found
        visitor.post("/settings/webhooks", {"replay": found[1]})
    assert receiver.next()[1] == first
    base = f"{world.door.base_url}/api/settings/webhooks/{made.id}/replay"
    headers = {"Authorization": f"Bearer {world.author_token}"}
    assert httpx2.post(f"{base}/{found[1]}", headers=headers).status_code == 200
    assert receiver.next()[1] == first
    assert httpx2.post(f"{base}/{'0' * 24}", headers=headers).status_code == 404
