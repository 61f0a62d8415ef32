"""Making the address for the Hub's webhook in a browser: wide and narrow, light and dark, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from repos import actions, hints
from repos.models import HubWebhook
from tests import factories
from tests.e2e.test_repositories import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("width", "scheme", "scripts"),
    [(1280, "light", True), (1280, "dark", False), (390, "light", False), (390, "dark", True)],
)
def test_an_address_is_made_shown_and_taken_back(page_at, axe, screens, live_server, width, scheme, scripts):
    factories.make_author()
    factories.make_repository("aurora-lab/tiny-gated")
    page = page_at(width, scheme, scripts=scripts)
    sign_in(page, live_server.url, "/namespaces/aurora-lab/")

    def look(name):
        screens(page, f"webhook-{name}-{scheme}-{width}", full=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
        if scripts:
            axe(page)

    look("off")
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_label("Address", exact=True)).to_have_value(
        f"http://127.0.0.1:8000/hub/webhook/{HubWebhook.objects.get().key}/"
    )
    made = actions.find_webhook(key=HubWebhook.objects.get().key, secret=page.get_by_label("Secret").input_value())
    assert made is not None
    look("made")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Not called yet")).to_be_visible()
    actions.take_hint(webhook=made, hint=hints.Hint("model", "aurora-lab/tiny-gated"))
    page.reload()
    expect(page.get_by_text("The last call came")).to_be_visible()
    look("on")
    page.get_by_role("button", name="Take no more calls").click()
    expect(page.get_by_text("The address is gone")).to_be_visible()
    assert not HubWebhook.objects.exists()
