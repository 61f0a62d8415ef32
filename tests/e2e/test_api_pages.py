"""Access tokens, and the page to try the API, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hubgate.accounts import actions as accounts
from hubgate.accounts.models import User
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def author() -> User:
    return factories.make_author()


def sign_in(page: Page, live_server: Any, path: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/?next={path}")
    page.get_by_label("User name or e-mail").fill("mara")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_tokens_look_right(width, scheme, author, page_at, axe, screens, live_server):
    for name, days in (("nightly export", 30), ("dashboard of the lab", 90)):
        accounts.make_token(actor=factories.actor(author), name=name, wanted=["read", "decide"], days=days)
    page = page_at(width, scheme)
    sign_in(page, live_server, "/accounts/tokens/")
    axe(page)
    screens(page, f"tokens-{scheme}-{width}", full=True)
    page.get_by_role("textbox", name="Name", exact=True).fill("inbox bot")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#secret")).to_contain_text("hgt_")
    axe(page)
    screens(page, f"token-made-{scheme}-{width}", full=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the page scrolls sideways"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_token_is_made_and_revoked(scripts, author, page_at, axe, live_server):
    page = page_at(1280, scripts=scripts)
    sign_in(page, live_server, "/accounts/tokens/")
    page.get_by_role("textbox", name="Name", exact=True).fill("nightly export")
    page.get_by_role("button", name="Make the token").click()
    assert page.locator("#secret").inner_text().startswith("hgt_")
    page.get_by_role("link", name="Revoke nightly export").click()
    expect(page.get_by_role("heading", name="Revoke this token?")).to_be_visible()
    if scripts:
        axe(page)
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("is revoked")).to_be_visible()
    expect(page.get_by_role("link", name="Revoke nightly export")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_api_is_tried_from_its_page_under_its_policy(width, scheme, author, page_at, screens, live_server):
    """A script, style or request that the policy refuses would be an error in the console."""
    page = page_at(width, scheme)
    sign_in(page, live_server, "/api/docs")
    row = page.locator("#operations-me-getMe")
    row.get_by_role("button", name="GET").first.click()
    screens(page, f"api-docs-{scheme}-{width}")
    row.get_by_role("button", name="Try it out").click()
    row.get_by_role("button", name="Execute").click()
    expect(row.locator(".live-responses-table")).to_contain_text('"username": "mara"')
    marking = page.locator("#operations-notifications-markNotificationsRead")
    marking.get_by_role("button", name="POST").first.click()
    marking.get_by_role("button", name="Try it out").click()
    marking.locator("textarea").fill('{"up_to": 1}')
    marking.get_by_role("button", name="Execute").click()
    expect(marking.locator(".live-responses-table")).to_contain_text('"marked": 0')
    screens(page, f"api-tried-{scheme}-{width}")


def test_without_scripts_the_page_says_where_the_description_is(page_at, live_server):
    page = page_at(1280, scripts=False)
    page.goto(live_server.url + "/api/docs")
    expect(page.get_by_role("link", name="/api/v1/schema")).to_be_visible()
