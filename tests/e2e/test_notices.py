"""The pages of notices in a real browser: widths, schemes, axe, without scripts, and the zone of the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.notify import actions as notify
from hubgate.notify import preferences
from hubgate.notify.models import Delivery, Reader
from hubgate.notify.places import Place
from hubgate.notify.rules import scope_of_repository
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def author(transactional_db) -> User:
    author = factories.make_author()
    factories.make_author(username="noor", name="Noor Haddad")
    User.objects.filter(username="noor").update(email="")
    repository = factories.make_repository()
    for name in ("kim", "jo"):
        factories.decide(author, factories.ask(repository, name), "accept")
    factories.ask(repository, "riley")
    for mail in Delivery.objects.filter(address__endswith="northlake.edu"):
        notify.record_outcome(
            mail, state=Delivery.State.FAILED, error="The mail server answered 550: 5.1.1 no such person here"
        )
    factories.make_repository("aurora-lab/auto", gated="auto")
    place = Place(scope_of_repository(repository.pk), repository.name, "model")
    preferences.add_exception(actor=factories.actor(author), place=place, topic="requests", pace="at_once")
    return author


def sign_in(page: Page, url: str, path: str) -> None:
    page.goto(f"{url}/accounts/login/?next={path}")
    page.fill("input[name=login]", "mara")
    page.fill("input[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}{path}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_clean(width, scheme, author, page_at, axe, screens, live_server):
    repository_id = AccessRequest.objects.values_list("repository_id", flat=True)[0]
    pages = {
        "notices": "/notices/",
        "settings": "/notices/settings/",
        "previews": "/notices/previews/",
        "undelivered": "/undelivered/",
        "told": f"/repositories/{repository_id}/",
    }
    page = page_at(width, scheme)
    sign_in(page, live_server.url, "/notices/")
    for name, path in pages.items():
        page.goto(live_server.url + path)
        page.evaluate("document.fonts.ready")
        axe(page)
        wide = page.evaluate(
            "(() => { const m = document.querySelector('main'); return m.scrollWidth - m.clientWidth })()"
        )
        assert wide <= 0, f"{name} scrolls sideways"
        height = page.evaluate("document.querySelector('main').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(860, height + 80)})
        screens(page, f"{name}-{scheme}-{width}")
        page.set_viewport_size({"width": width, "height": 860})


def test_the_zone_of_the_browser_is_offered_and_kept_on_saving(author, page_at, live_server):
    page = page_at()
    sign_in(page, live_server.url, "/notices/settings/")
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(page.get_by_label("Time zone")).to_have_value(zone)
    assert not Reader.objects.exists()
    page.get_by_label("Time zone").fill("asia/kolkata")
    page.get_by_label("New requests").select_option("Each day")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("One mail each day at 8:00, Asia/Kolkata, if anything came in.")).to_be_visible()


def test_all_of_it_works_without_scripts(author, page_at, live_server):
    page = page_at(390, scripts=False)
    page.expected = ["422 (Unprocessable Entity)"]
    sign_in(page, live_server.url, "/notices/")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("New", exact=True)).to_have_count(0)
    page.get_by_role("link", name="How you are told").click()
    page.get_by_label("Repository or namespace").fill("auto")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="aurora-lab/auto").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Everything: each day")).to_be_visible()
    page.goto(live_server.url + "/undelivered/")
    page.get_by_role("button", name="Send again").first.click()
    expect(page.get_by_text("The mail is sent once more now.")).to_be_visible()
