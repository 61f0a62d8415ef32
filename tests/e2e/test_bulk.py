"""Choosing many and deciding them in one go, in a browser: by keyboard, by filter, without scripts; and stopped."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from access.models import AccessRequest
from hubgate.outbox import worker
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(live_server):
    author = factories.make_author()
    repository = factories.make_repository(card=factories.form_card({"Use": "text"}))
    rows = [
        factories.row(
            f"person-{number}",
            name=f"Person {number}",
            email=f"p{number}@northlake.edu",
            answers={"Use": "Evaluate refusal behaviour."},
        )
        for number in range(60)
    ]
    factories.record(repository, *rows)
    return author


def sign_in(page: Page, server: str) -> None:
    page.goto(f"{server}/accounts/login/?next=/inbox/")
    page.get_by_label("User name or e-mail").fill("mara")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/inbox/")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_a_whole_list_is_chosen_shown_decided_and_stopped(page_at, axe, screens, live_server, people, width, scheme):
    page = page_at(width, scheme)
    sign_in(page, live_server.url)
    assert not page.locator("#hg-bulk").is_visible()
    page.get_by_label("All 60 that match").check()
    expect(page.locator("#hg-bulk")).to_be_visible()
    expect(page.locator("#hg-bulk [data-count]")).to_have_text("All 60 that match")
    axe(page)
    screens(page, f"bulk-chosen-{scheme}-{width}")

    page.get_by_role("button", name="Reject…").last.click()
    expect(page.get_by_role("heading", name="Reject 60 requests")).to_be_visible()
    page.get_by_label("Reason").fill("This model is for people who work on clinical safety. " * 6)
    expect(page.get_by_text("it gets this short form")).to_be_visible()
    axe(page)
    screens(page, f"bulk-preview-{scheme}-{width}", full=True)
    factories.decide(
        factories.make_author(username="noor", name="Noor Haddad"), AccessRequest.objects.all()[5], "accept"
    )

    page.get_by_role("button", name="Reject 60 requests").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    worker.drain("access.bulk")
    told = page.get_by_text("59 requests rejected. 1 request left alone, see why below.")
    expect(told.and_(page.locator("p"))).to_be_visible()  # it is also read out
    expect(page.get_by_role("row", name=re.compile("Noor Haddad decided"))).to_be_visible()
    axe(page)
    screens(page, f"bulk-progress-{scheme}-{width}", full=True)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. None of it has reached the Hub.")).to_be_visible()
    assert AccessRequest.objects.filter(status="pending").count() == 59
    axe(page)
    screens(page, f"bulk-cancelled-{scheme}-{width}")
    page.get_by_role("link", name="Bulk decisions").click()
    axe(page)
    screens(page, f"bulk-list-{scheme}-{width}")


def test_a_few_are_chosen_by_keyboard(page_at, live_server, people):
    page = page_at(1280)
    sign_in(page, live_server.url)
    page.keyboard.press("j")
    expect(page.locator("#hg-panel").get_by_role("heading", level=2)).to_contain_text("Person 58")
    page.keyboard.press("x")
    expect(page.locator("#hg-bulk [data-count]")).to_have_text("1 selected")
    for name in ("Person 57", "Person 56"):
        page.keyboard.press("j")
        expect(page.locator("#hg-panel").get_by_role("heading", level=2)).to_contain_text(name)
    page.keyboard.press("X")
    expect(page.locator("#hg-bulk [data-count]")).to_have_text("3 selected")
    page.get_by_label("This page").check()
    expect(page.locator("#hg-bulk [data-count]")).to_have_text("40 selected")
    page.get_by_label("This page").uncheck()
    expect(page.locator("#hg-bulk")).to_be_hidden()


def test_many_are_decided_without_scripts(page_at, live_server, people):
    page = page_at(1280, scripts=False)
    sign_in(page, live_server.url)
    page.get_by_label(re.compile("Select Person 58,")).check()
    page.get_by_label(re.compile("Select Person 57,")).check()
    page.get_by_role("button", name="Accept…").click()
    page.get_by_role("button", name="Accept 2 requests").click()
    worker.drain("access.bulk")
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("2 requests accepted.")).to_be_visible()
    assert AccessRequest.objects.filter(status="accepted").count() == 2


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_list_is_taken_out_as_a_file(page_at, axe, screens, live_server, people, width, scheme):
    page = page_at(width, scheme)
    sign_in(page, live_server.url)
    page.get_by_text("Export", exact=True).click()
    axe(page)
    screens(page, f"export-{scheme}-{width}")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 61
    assert "person-59@" not in text
    assert "p59@northlake.edu" in text
