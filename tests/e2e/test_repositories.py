"""The pages of namespaces, repositories, notices and kept mails in a real browser: widths, schemes, scripts or none."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from access import actions as access_actions
from hubgate.hub.types import OddRow
from hubgate.outbox.models import OutboxItem
from repos import actions
from repos.models import Namespace
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

KEEPS = "hubgate.notify.mailbox.EmailBackend"
CARD = """---
license: openrail++
tags:
- not-for-all-audiences
extra_gated_heading: Ask for access to aurora-7b-vision
extra_gated_prompt: "This model can produce **violent images**. Read the [terms](https://example.org/terms)."
extra_gated_fields:
  Affiliation: text
  Where do you work from?: country
  Role:
    type: select
    options: [Researcher, Student, Something else]
  Work e-mail: email
  I will not use it to produce images of real people without their consent: checkbox
---
# Aurora
"""
PAGES = ["connect", "namespace", "repositories", "repository", "open", "form", "mirror", "history", "notices", "mail"]
NOTES = {
    "working": "This token of @mara may read and decide the access requests of aurora-lab.",
    "read_only": "This token of @mara may read the access requests of aurora-lab, but not decide them. It lacks the "
    "write permission: this is a token of the kind read.",
    "narrow": "This token of @mara may neither read nor decide the access requests of aurora-lab. It lacks write "
    "access to the contents and settings of the repositories of aurora-lab (repo.write).",
    "dead": "The Hub no longer accepts the token of aurora-lab: it was revoked, has expired or was mistyped.",
    "wrong_account": "This token belongs to @eve, who has no role in aurora-lab: hubgate sees only what is public "
    "there.",
    "unreachable": "The Hub did not answer within 10 seconds.",
}


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO, settings.EMAIL_BACKEND = True, KEEPS


@pytest.fixture
def urls() -> dict[str, str]:
    """A laboratory with everything to show, and where each page of it is."""
    factories.make_author()
    factories.make_author("aurora-lab", "tomas", name="Tomáš Novák")
    found = factories.make_repository("aurora-lab/aurora-7b-vision", card=CARD)
    is_open = factories.make_repository("aurora-lab/open-but-asks", gated=False, private=True, card=CARD)
    factories.make_repository("aurora-lab/a-dataset-with-a-rather-long-name-that-goes-on-and-on-v2", kind="datasets")
    for name in ("jordan", "xm-wang", "amina"):
        factories.ask(found, name)
    access_actions.record_walk(
        repository=found, status="accepted", read_at=timezone.now(), complete=False, rows=1000, newest=None
    )
    odd = [OddRow("no_timestamp", "d" * 64, "The row of the Hub has no time, so it cannot be placed.")]
    access_actions.record_rows(repository=found, list_status="pending", rows=[], odd=odd, read_at=timezone.now())
    factories.change_card(found, CARD.replace("Affiliation", "Where do you work?"))
    get_connection(KEEPS).send_messages(
        [EmailMessage("You have access", "Hello,\n\nread https://hub.example/x", "hubgate@localhost", ["a@b.example"])]
    )
    one = f"/repositories/{found.pk}/"
    return {
        "connect": "/namespaces/connect/",
        "namespace": "/namespaces/aurora-lab/",
        "repositories": "/repositories/",
        "repository": one,
        "open": f"/repositories/{is_open.pk}/",
        "form": f"{one}form/",
        "mirror": f"{one}mirror/",
        "history": f"{one}history/",
        "notices": "/notices/",
        "mail": "/mail/",
    }


def sign_in(page: Page, base: str, then: str) -> None:
    page.goto(f"{base}/accounts/login/?next={then}")
    page.get_by_label("User name or e-mail").fill("mara")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(base + then)
    page.evaluate("document.fonts.ready")


def is_clean(page: Page, axe) -> None:
    axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    main = page.evaluate("(() => { const m = document.querySelector('main'); return m.scrollWidth - m.clientWidth })()")
    assert max(wide, main) <= 0, "the page scrolls sideways"
    size = len(page.content().encode())
    assert size < 60_000, f"{size} bytes of HTML"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_clean(width, scheme, page_at, axe, screens, live_server, urls):
    page = page_at(width, scheme)
    sign_in(page, live_server.url, urls["repositories"])
    for name in PAGES:
        page.goto(live_server.url + urls[name])
        for summary in page.locator("main summary").all():
            summary.click()
        screens(page, f"{name}-{scheme}-{width}")
        is_clean(page, axe)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_token_state_is_clean(width, scheme, page_at, axe, screens, live_server, urls):
    page = page_at(width, scheme)
    sign_in(page, live_server.url, urls["repositories"])
    found = Namespace.objects.get()
    for state, note in NOTES.items():
        actions.record_token(namespace_id=found.pk, state=state, note=note, account="mara", proves=True)
        OutboxItem.objects.filter(kind="repos.check-token").delete()
        page.goto(live_server.url + urls["namespace"])
        expect(page.get_by_text(note[:40])).to_be_visible()
        screens(page, f"token-{state}-{scheme}-{width}")
        is_clean(page, axe)


def test_connecting_waits_for_the_check_and_shows_its_outcome(page_at, axe, screens, live_server, urls):
    page = page_at(1280)
    page.expected = ["422 (Unprocessable Entity)"]
    sign_in(page, live_server.url, urls["connect"])
    page.get_by_label("Name of the user or organisation on the Hub").fill("not a name")
    page.get_by_label("Token", exact=True).fill("hf_secret")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("letters, digits, dots, dashes").first).to_be_visible()
    screens(page, "connect-mistake-light-1280")
    axe(page)
    assert page.get_by_label("Token", exact=True).input_value() == ""
    page.get_by_label("Name of the user or organisation on the Hub").fill("mara")
    page.get_by_label("Token", exact=True).fill("hf_secret")
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url(f"{live_server.url}/namespaces/mara/")
    expect(page.get_by_text("Checking the token…")).to_be_visible()
    screens(page, "token-checking-light-1280")
    axe(page)
    found = Namespace.objects.get(name="mara")
    note = "This token of @mara may read and decide the access requests of mara."
    actions.record_token(namespace_id=found.pk, state="working", note=note, account="mara", proves=True)
    OutboxItem.objects.filter(kind="repos.check-token").delete()
    expect(page.get_by_text(note)).to_be_visible()
    expect(page.get_by_role("heading", name="What hubgate may do")).to_be_visible()


def test_switches_filters_and_tabs_work_without_scripts(page_at, live_server, urls):
    page = page_at(390, scripts=False)
    sign_in(page, live_server.url, urls["namespace"])
    page.get_by_role("button", name="Stop changes").click()
    expect(page.get_by_text("aurora-lab is reading only now.")).to_be_visible()
    expect(page.get_by_role("button", name="Allow changes")).to_be_visible()
    page.goto(live_server.url + urls["repositories"])
    page.get_by_label("Kind").select_option("Datasets")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name="aurora-7b-vision")).to_have_count(0)
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="aurora-7b-vision").click()
    page.get_by_role("link", name="Gate form").click()
    page.get_by_role("button", name="View content").click()  # it is tagged
    expect(page.get_by_role("heading", name="As a requester sees it")).to_be_visible()


def test_choosing_another_namespace_asks_for_its_name(page_at, axe, screens, live_server, urls):
    from hubgate.accounts.models import User

    factories.make_member(User.objects.get(username="mara"), "mara")
    page = page_at(1280)
    sign_in(page, live_server.url, urls["connect"])
    expect(page.get_by_label("Its name on the Hub")).to_be_hidden()
    page.get_by_label("Another one").check()
    expect(page.get_by_label("Its name on the Hub")).to_be_visible()
    screens(page, "connect-another-light-1280")
    axe(page)
