"""The local Hub's pages of commits, discussions, pull requests and webhooks, as a person without scripts uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from hubgate.localhub.door import ControlDoor
from tests.localhub.visitor import Visitor

pytestmark = pytest.mark.processes
REPO = "aurora/model"


@pytest.fixture
def tokens(hub: ControlDoor) -> dict[str, str]:
    made = {name: hub.person(name)["tokens"][0] for name in ("aurora", "kim")}
    hub.repo(REPO, files={"README.md": "# model\n", "notes.txt": "one\ntwo\n"})
    return made


@pytest.fixture
def aurora(hub: ControlDoor, tokens: dict[str, str]) -> Iterator[Visitor]:
    with Visitor(hub.base_url) as visitor:
        visitor.sign_in("aurora")
        yield visitor


@pytest.fixture
def kim(hub: ControlDoor, tokens: dict[str, str]) -> Iterator[Visitor]:
    with Visitor(hub.base_url) as visitor:
        visitor.sign_in("kim")
        yield visitor


def propose(hub: ControlDoor, token: str, **files: str) -> None:
    operations = [CommitOperationAdd(f"{name}.txt", text.encode()) for name, text in files.items()]
    HfApi(endpoint=hub.base_url, token=token).create_commit(
        REPO, operations, commit_message="Propose <it>", create_pr=True
    )


def test_a_discussion_from_question_to_close(kim, aurora):
    kim.get(f"/{REPO}/discussions")
    opened = kim.post(
        f"/{REPO}/discussions", {"title": "A <b> question", "description": "Why **so**? <script>x</script>"}
    )
    assert opened.url.path == f"/{REPO}/discussions/1"
    assert "A <b> question" in kim.text
    assert "<strong>so</strong>" in kim.page
    assert "<script>" not in kim.page
    aurora.get(f"/{REPO}/discussions")
    assert "A <b> question open #1 by kim" in aurora.text
    aurora.get(f"/{REPO}/discussions/1")
    aurora.post(f"/{REPO}/discussions/1", {"do": "close", "comment": "Because"})
    assert "Because" in aurora.text
    assert "aurora closed it" in aurora.text
    kim.get(f"/{REPO}/discussions/1")
    kim.post(f"/{REPO}/discussions/1", {"do": "open", "comment": ""})
    assert "kim opened it" in kim.text


def test_a_pull_request_is_looked_at_and_merged(hub, tokens, kim, aurora):
    propose(hub, tokens["kim"], notes="one\nthree\n")
    kim.get(f"/{REPO}/discussions/1")
    assert "Merge" not in kim.text.split()
    assert kim.post(f"/{REPO}/discussions/1", {"do": "merge", "comment": ""}).status_code == 403
    aurora.get(f"/{REPO}/discussions/1")
    assert '<span class="removed">-two</span>' in aurora.page
    assert '<span class="added">+three</span>' in aurora.page
    aurora.post(f"/{REPO}/discussions/1", {"do": "merge", "comment": "Thanks"})
    assert "aurora merged it" in aurora.text
    aurora.get(f"/{REPO}/commits/main")
    assert "Propose <it> (#1)" in aurora.text
    link = re.search(r'href="(/aurora/model/commit/[0-9a-f]{40})"', aurora.page)
    assert link
    aurora.get(link[1])
    assert "1 file changed" in aurora.text
    assert "+three" in aurora.text


def test_a_conflict_is_told(hub, tokens, aurora):
    propose(hub, tokens["kim"], notes="theirs\n")
    hub.commit(REPO, {"notes.txt": "ours\n"})
    aurora.get(f"/{REPO}/discussions/1")
    assert "main has changed notes.txt too" in aurora.text
    assert 'value="merge"' not in aurora.page
    refused = aurora.post(f"/{REPO}/discussions/1", {"do": "merge", "comment": ""})
    assert (refused.status_code, "conflicts with main" in aurora.text) == (400, True)


def test_what_is_behind_the_gate_stays_there(hub, tokens, kim):
    propose(hub, tokens["aurora"], secret="the secret\n")
    hub.repo(REPO, gated="manual")
    sha = hub.commit(REPO, {"secret.txt": "the secret\n"})
    for page in (f"/{REPO}/discussions/1", f"/{REPO}/commit/{sha}", f"/{REPO}/commits/main"):
        assert kim.get(page).status_code == 200
        assert "the secret" not in kim.page
    api = f"{hub.base_url}/api/models/{REPO}/discussions/1?diff=1"
    assert "the secret" not in httpx2.get(api).text
    assert "the secret" in httpx2.get(api, headers={"Authorization": f"Bearer {tokens['aurora']}"}).text


def test_a_tagged_repository_asks_before_its_discussions(hub, kim):
    hub.commit(REPO, {"README.md": "---\ntags: [not-for-all-audiences]\n---\n"})
    for page in ("discussions", "commits/main"):
        kim.get(f"/{REPO}/{page}")
        assert "View content" in kim.text


def test_who_is_not_signed_in_reads_only(hub, tokens):
    with Visitor(hub.base_url) as visitor:
        visitor.get(f"/{REPO}/discussions")
        assert "<textarea" not in visitor.page
        assert visitor.get("/settings/webhooks").url.path == "/login"
    assert httpx2.post(f"{hub.base_url}/{REPO}/discussions", data={"title": "A question"}).status_code == 403


@pytest.mark.parametrize("path", ["discussions/9", "commit/" + "0" * 40, "commits/none", "discussions?status=odd"])
def test_pages_that_are_not_there(aurora, path):
    assert aurora.get(f"/{REPO}/{path}").status_code in (400, 404)
    assert "Local Hub" in aurora.text


def test_a_webhook_is_added_and_taken_away(aurora):
    aurora.get("/settings/webhooks")
    aurora.post("/settings/webhooks", {"watched": "aurora", "url": "http://127.0.0.1:9/x", "secret": "s", "repo": "on"})
    assert "watches aurora for repo, with a secret" in aurora.text
    assert aurora.post("/settings/webhooks", {"watched": "kim", "url": "http://127.0.0.1:9/x"}).status_code == 400
    aurora.get("/settings/webhooks")
    assert aurora.post("/settings/webhooks", {"watched": "aurora", "url": "none"}).status_code == 400
    aurora.get("/settings/webhooks")
    hook = re.search(r'name="remove" value="([0-9a-f]{24})"', aurora.page)
    assert hook
    aurora.post("/settings/webhooks", {"remove": hook[1]})
    assert "There is none yet" in aurora.text
