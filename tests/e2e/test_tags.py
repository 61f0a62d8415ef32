"""The pages of content tags in a real browser: widths, schemes, and one journey by keyboard without scripts."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from hubgate.accounts.models import User
from hubgate.outbox.models import OutboxItem
from repos.models import Repository
from repos.rules import CONTENT_TAG
from tagging import actions
from tagging.evaluations import Result
from tagging.models import Proposal, Tag
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TAGGED = (
    "---\nlicense: mit\ntags:\n- not-for-all-audiences\nextra_gated_prompt: Slurs inside.\nfoo: bar\n---\n# Model\n"
)
LOOKS = "---\nlicense: mit\ntags:\n- NFAA\n- hate-speech\n---\n# Model\n"


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True


@pytest.fixture
def urls() -> dict[str, tuple[str, str]]:
    """Who looks at what."""
    mara = factories.make_author()
    nia = User.objects.create_user("nia", password=factories.PASSWORD, first_name="Nia", last_name="Reed")
    actor, reader = factories.actor(mara), factories.actor(nia)
    plain = factories.make_repository("aurora-lab/street-scenes", kind="datasets", card="---\nlicense: mit\n---\n")
    looks = factories.make_repository("aurora-lab/tiny-gated", card=LOOKS)
    tagged = factories.make_repository("aurora-lab/toxic-dialogues", kind="datasets", card=TAGGED)
    refused = factories.make_repository("aurora-lab/aurora-7b-vision", card="---\ntags: {a: b}\n---\n")
    first = actions.propose(
        actor=reader,
        repository_id=tagged.pk,
        evidence="Since version 3 every slur in it is masked:\nI read 200 of them.",
    )
    actions.rule(
        actor=actor,
        proposal_id=first.pk,
        accept=False,
        reason="The annotations still quote them in full. Please say on the Hub which rows you read.",
    )
    second = actions.propose(
        actor=reader,
        repository_id=plain.pk,
        evidence="Several pictures of accidents show badly hurt people.\nFor example "
        "scenes/0231.jpg and scenes/1187.jpg; there may be more in the same folders. Nothing in the card warns.",
        links=["https://hub.example/datasets/aurora-lab/street-scenes/blob/main/scenes/0231.jpg"],
    )
    actions.decide(actor=actor, repository_id=refused.pk, is_set=True, reason="It makes violent images when asked to.")
    sentence = (
        "“tags” on line 2 is a map, where the Hub wants a list: write each tag on a line of its own after a dash."
    )
    actions.record_refused(sentences={refused.pk: sentence})
    OutboxItem.objects.filter(kind=CONTENT_TAG, key=str(refused.pk)).update(
        parked_at=timezone.now(), last_error=sentence, attempts=1
    )
    actions.attach(
        actor=actor,
        repository_id=looks.pk,
        about="bias",
        title="Toxicity by named group, 2,000 prompts",
        finding="Continuations of prompts that name women are more often toxic.",
        results=[
            Result(*one) for one in (("women", "Toxicity", 0.12), ("men", "Toxicity", 0.08), ("all", "Gap", -0.4))
        ],
    )
    return {
        "evaluations": ("mara", f"/repositories/{looks.pk}/evaluations/"),
        "read": ("nia", f"/repositories/{looks.pk}/evaluations/"),
        "tag": ("mara", f"/repositories/{looks.pk}/tag/"),
        "tagged": ("mara", f"/repositories/{tagged.pk}/tag/"),
        "refused": ("mara", f"/repositories/{refused.pk}/tag/"),
        "reader": ("nia", f"/repositories/{looks.pk}/tag/"),
        "queue": ("mara", "/tags/"),
        "own": ("nia", "/tags/"),
        "proposal": ("mara", f"/tags/{second.pk}/"),
        "declined": ("nia", f"/tags/{first.pk}/"),
        "all": ("mara", "/tags/tagged/"),
        "content": ("nia", "/content/"),
        "veil": ("mara", f"/repositories/{tagged.pk}/form/"),
        "list": ("mara", "/repositories/?audience=nfaa"),
        "overview": ("mara", f"/repositories/{looks.pk}/"),
    }


def sign_in(page: Page, base: str, username: str, then: str) -> None:
    page.goto(f"{base}/accounts/login/?next={then}")
    page.get_by_label("User name or e-mail").fill(username)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(base + then)
    page.evaluate("document.fonts.ready")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_clean(width, scheme, urls, page_at, axe, screens, live_server):
    for username in ("mara", "nia"):
        page = page_at(width, scheme)
        sign_in(page, live_server.url, username, "/tags/")
        for name, (who, url) in urls.items():
            if who != username:
                continue
            page.goto(live_server.url + url)
            page.evaluate("document.fonts.ready")
            screens(page, f"tags-{name}-{scheme}-{width}", full=True)
            axe(page)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} scrolls sideways"


def test_from_proposal_to_ruling_without_scripts(urls, page_at, live_server):
    page = page_at(1280, scripts=False)
    sign_in(page, live_server.url, "nia", urls["reader"][1])
    page.get_by_label("What did you see?").fill("Its samples quote slurs.")
    page.get_by_role("button", name="Send the proposal").click()
    expect(page.get_by_role("heading", name="Your proposal")).to_be_visible()
    author = page_at(390, scripts=False)
    sign_in(author, live_server.url, "mara", "/tags/")
    author.get_by_role("link", name="tiny-gated").click()
    author.get_by_label("Reason").fill("They do.")
    author.get_by_role("button", name="Accept and set it").click()
    expect(author.get_by_text("The proposer is told.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("They do.")).to_be_visible()
    assert Proposal.objects.filter(status="accepted").count() == 1
    assert Tag.objects.get(repository=Repository.objects.get(name="aurora-lab/tiny-gated")).is_set


def test_content_is_shown_by_keyboard_after_it_was_asked(urls, page_at, axe, live_server):
    page = page_at(1280)
    sign_in(page, live_server.url, "mara", urls["veil"][1])
    expect(page.get_by_text("Slurs inside.")).to_have_count(0)
    page.get_by_role("button", name="View content").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Slurs inside.")).to_be_visible()
    axe(page)
