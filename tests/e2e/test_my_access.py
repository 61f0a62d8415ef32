"""My access in a real browser: what a requester sees, renews and withdraws, by keyboard and without scripts; and how an
author answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from access import actions
from access.models import AccessRequest, Renewal
from hubgate.accounts import actions as accounts
from hubgate.accounts.actions import Person
from hubgate.accounts.models import User
from hubgate.hub.types import RepoKind
from repos import actions as repos
from repos.models import Namespace
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")


@pytest.fixture
def requests(transactional_db) -> dict[str, AccessRequest]:
    """Jordan waits, was rejected, was let in without an end, and has access that ends in 12 days."""
    mara = factories.make_author()
    Namespace.objects.update(connected_at=timezone.now() - timedelta(days=60))
    jordan = User.objects.create_user("jordan", password=factories.PASSWORD, first_name="Jordan", last_name="Adeyemi")
    accounts.record_sign_in(jordan, Person(hub_id="u-jordan", username="jordan"), {"jordan": "admin"})
    card = factories.form_card({"What will you use it for?": "text", "Affiliation": "text"})
    answers = {
        "What will you use it for?": "Measure refusals on clinical prompts.",
        "Affiliation": "Northlake University",
    }
    kinds: dict[str, RepoKind] = {
        "tiny-gated": "models",
        "aurora-7b-vision": "models",
        "street-scenes": "datasets",
        "clinical-notes-synthetic": "datasets",
    }
    made = {name: factories.make_repository(f"aurora-lab/{name}", card=card, kind=kind) for name, kind in kinds.items()}
    for number in range(7):
        asked_at = timezone.now() - timedelta(days=2, hours=number)
        other = factories.ask(made["tiny-gated"], f"p-{number}", name=f"Person {number}", asked_at=asked_at)
        if number < 5:
            factories.decide(mara, other, "accept")
    found = {
        name: factories.ask(each, asked_at=timezone.now() - timedelta(days=1, hours=place), answers=answers)
        for place, (name, each) in enumerate(made.items())
    }
    factories.decide(mara, found["aurora-7b-vision"], "reject", "Please name the group that you work with.")
    repos.choose_grant_days(actor=factories.actor(mara), repository=made["street-scenes"], usual=12, most=90)
    for name in ("street-scenes", "clinical-notes-synthetic"):
        done = factories.decide(mara, found[name], "accept")
        actions.record_pushed(request_ids=[done.pk], hub_status="accepted", pushed_at=timezone.now())
    return found


def sign_in(page: Page, url: str, who: str, path: str) -> None:
    page.goto(f"{url}/accounts/login/?next={path}")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}{path}")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_clean(width, scheme, requests, page_at, axe, screens, live_server):
    page = page_at(width, scheme)
    soon, waits = requests["street-scenes"], requests["tiny-gated"]
    sign_in(page, live_server.url, "jordan", "/my/access/")
    pages = {
        "my-access": "/my/access/",
        "my-request-soon": f"/my/access/{soon.pk}/",
        "my-request-waits": f"/my/access/{waits.pk}/",
        "my-renew": f"/my/access/{soon.pk}/renew/",
        "my-withdraw": f"/my/access/{waits.pk}/withdraw/",
    }
    look(page, live_server.url, pages, width, scheme, axe, screens)
    actions.ask_renewal(
        actor=factories.actor(User.objects.get(username="jordan")),
        request_id=soon.pk,
        words="Two more months, for the rebuttal of our paper.",
    )
    page = page_at(width, scheme)
    sign_in(page, live_server.url, "mara", "/repositories/")
    pages = {
        "renewals": "/inbox/?renewal=asked",
        "renewal": f"/requests/{soon.pk}/?renewal=asked",
        "extend": f"/requests/{soon.pk}/extend/",
        "refuse-renewal": f"/requests/{soon.pk}/refuse-renewal/",
        "accept-until": f"/requests/{waits.pk}/accept-until/",
        "waiting": f"/requests/{waits.pk}/",
        "repository": f"/repositories/{soon.repository_id}/",
        "access-length": f"/repositories/{soon.repository_id}/access-length/",
        "grant": f"/repositories/{soon.repository_id}/grant/",
    }
    look(page, live_server.url, pages, width, scheme, axe, screens)


def look(page: Page, url: str, pages: dict[str, str], width: int, scheme: str, axe, screens) -> None:
    for name, path in pages.items():
        page.goto(url + path)
        page.evaluate("document.fonts.ready")
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} scrolls sideways"
        screens(page, f"{name}-{scheme}-{width}", full=True)


def test_a_requester_renews_and_withdraws_by_keyboard_and_an_author_answers(requests, page_at, live_server):
    soon, waits = requests["street-scenes"], requests["tiny-gated"]
    page = page_at()
    sign_in(page, live_server.url, "jordan", "/my/access/")
    tab_to(page, "Ask to renew… access to aurora-lab/street-scenes")
    page.keyboard.press("Enter")
    words = page.get_by_label("What you need it longer for")
    expect(words).to_be_focused()
    page.keyboard.type("Two more months.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{live_server.url}/my/access/{soon.pk}/")
    expect(page.get_by_text("You asked to renew. You are told as soon as")).to_be_visible()
    page.get_by_role("button", name="Copy the lines for a terminal").wait_for()
    page.goto(f"{live_server.url}/my/access/")
    tab_to(page, "Withdraw… the request for aurora-lab/tiny-gated")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("withdrawn by the requester")
    page.get_by_role("button", name="Withdraw", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/my/access/{waits.pk}/")
    expect(page.locator("main")).to_contain_text("You withdrew the request")
    assert AccessRequest.objects.get(pk=waits.pk).status == "withdrawn"

    desk = page_at()
    sign_in(desk, live_server.url, "mara", "/inbox/")
    desk.get_by_role("link", name="Renewal asked 1").click()
    expect(desk.locator("#hg-panel")).to_contain_text("Two more months.")
    desk.get_by_role("link", name="Extend…").click()
    desk.get_by_label("In 30 days").check()
    desk.get_by_role("button", name="Set the end").click()
    expect(desk.locator("#hg-panel")).not_to_contain_text("Asks to renew")
    expect(desk.locator("#hg-messages")).to_contain_text("They are told.")
    assert Renewal.objects.get().ruling == "extended"
    moved = AccessRequest.objects.get(pk=soon.pk)
    assert moved.ends_at is not None
    assert moved.ends_at > timezone.now() + timedelta(days=29)


def tab_to(page: Page, name: str) -> None:
    """Walk with the tabulator until the link of this name has the focus."""
    link = page.get_by_role("link", name=name)
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")
