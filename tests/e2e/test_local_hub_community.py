"""The local Hub's commits, discussions, pull requests and webhooks in a browser: wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from playwright.sync_api import Page

from hubgate.localhub.door import ControlDoor
from tests.e2e.conftest import PageAt
from tests.e2e.test_local_hub import sign_in

pytestmark = pytest.mark.e2e

REPO = "aurora/a-model-with-a-rather-long-name-that-goes-on"
BEFORE = "---\nlicense: mit\n---\n\n# Thermo\n\nA model of heat. " + "It is described at length. " * 12 + "\n"
AFTER = BEFORE.replace("license: mit", "license: mit\ntags:\n- not-for-all-audiences")


@pytest.fixture
def told(hub: ControlDoor) -> ControlDoor:
    """A repository with commits, a pull request in conflict, a merged one, a long discussion and a webhook."""
    author = HfApi(endpoint=hub.base_url, token=hub.person("aurora", fullname="Aurora Lab")["tokens"][0])
    kim = HfApi(endpoint=hub.base_url, token=hub.person("kim", fullname="Kim Ito")["tokens"][0])
    hub.repo(REPO, files={"README.md": BEFORE, "notes.txt": "one\ntwo\n"})
    kim.create_commit(
        REPO, [CommitOperationAdd("notes.txt", b"one\nthree\n")], commit_message="Mend the notes", create_pr=True
    )
    author.merge_pull_request(REPO, 1, comment="Thanks, that is right.")
    kim.create_commit(
        REPO,
        [CommitOperationAdd("README.md", AFTER.encode()), CommitOperationAdd("more/new.txt", b"new\n")],
        commit_message="Tag it as not for all audiences",
        commit_description="Its examples show **violence**; see the [paper](https://example.org).",
        create_pr=True,
    )
    kim.create_discussion(REPO, "How was it evaluated?", description="The card does not say.\n\n- bias?\n- safety?")
    author.comment_discussion(REPO, 3, "On our own data:\n\n```\nscore = 0.91\n```")
    author.change_discussion_status(REPO, 3, "closed")
    author.create_webhook(url="http://127.0.0.1:9/hook", watched=[{"type": "user", "name": "aurora"}], secret="s")
    author.upload_file(repo_id=REPO, path_in_repo="x.txt", path_or_fileobj=b"x")
    return hub


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_each_page_is_clean(
    width: int,
    scheme: str,
    told: ControlDoor,
    page_at: PageAt,
    axe: Callable[[Page], None],
    screens: Callable[..., Path],
):
    page = page_at(width, scheme)
    sign_in(page, told, "aurora")
    for name, path, text in (
        ("commits", f"/{REPO}/commits/main", "Mend the notes (#1)"),
        ("discussions", f"/{REPO}/discussions", "Tag it as not for all audiences"),
        ("closed", f"/{REPO}/discussions?status=closed", "How was it evaluated?"),
        ("pull-request", f"/{REPO}/discussions/2", "Merge"),
        ("merged", f"/{REPO}/discussions/1", "merged it"),
        ("discussion", f"/{REPO}/discussions/3", "score = 0.91"),
        ("webhooks", "/settings/webhooks", "repo.content"),
    ):
        page.goto(told.base_url + path)
        assert text in page.inner_text("main"), name
        _look(page, f"community-{name}-{scheme}-{width}", width, axe, screens)
    page.goto(f"{told.base_url}/{REPO}/commits/main")
    page.get_by_role("link", name="Mend the notes (#1)").click()
    page.get_by_text("1 file changed").wait_for()
    _look(page, f"community-commit-{scheme}-{width}", width, axe, screens)


def _look(page: Page, name: str, width: int, axe: Callable[[Page], None], screens: Callable[..., Path]) -> None:
    screens(page, name, full=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
    axe(page)
