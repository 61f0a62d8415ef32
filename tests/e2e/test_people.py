"""A reviewer's life in a browser: invited, accepting, deciding, taken away; and the pages on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from hubgate.accounts import actions as accounts
from hubgate.accounts.actions import Person
from hubgate.accounts.models import User
from hubgate.notify import mail_text
from hubgate.notify.models import Notification
from repos import actions as repos
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
ADDRESS = "noor@lab.example"


def sign_in(page: Page, server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "hubgate_session", "value": client.cookies["hubgate_session"].value, "url": server.url}]
    )


def test_invited_accepting_deciding_and_taken_away(
    live_server: LiveServer, page_at: Callable[..., Page], axe: Callable[[Page], None], screens: Callable[..., object]
):
    author = factories.make_author("aurora-lab", "mara")
    asked = factories.ask(factories.make_repository("aurora-lab/tiny-gated"), "jordan", name="Jordan Lee")
    noor = User.objects.create_user("noor", first_name="Noor", last_name="Haddad")
    accounts.record_sign_in(noor, Person(hub_id="u-noor", username="noor", fullname="Noor Haddad"), {"noor": "admin"})
    for username, role in (("runa", "auditor"), ("chidi", "steward")):
        User.objects.create_user(username, first_name=username.title())
        repos.give_role(actor=factories.actor(author), namespace="aurora-lab", username=username, role=role)

    page = page_at()
    sign_in(page, live_server, author)
    page.goto(f"{live_server.url}/namespaces/aurora-lab/people/", timeout=30_000)  # the first page of a fresh server
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(ADDRESS, exact=True)).to_be_visible()
    axe(page)
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 860})
            page.emulate_media(color_scheme=scheme)
            screens(page, f"people-{scheme}-{width}", full=True)
    page.set_viewport_size({"width": 1280, "height": 860})

    told = Notification.objects.get(kind="repos.invited")
    link = next(word for word in mail_text.of_notice(told.kind, told.data).body.split() if "/invitations/" in word)
    path = link[link.index("/invitations/") :]
    theirs = page_at()
    sign_in(theirs, live_server, noor)
    theirs.goto(live_server.url + path)
    expect(theirs.get_by_text("What you would see")).to_be_visible()
    axe(theirs)
    screens(theirs, "invitation-light-1280", full=True)
    theirs.get_by_role("button", name="Accept as Noor Haddad").click()
    expect(theirs.get_by_text("You are a reviewer of aurora-lab now.")).to_be_visible()
    theirs.goto(f"{live_server.url}/requests/{asked.pk}/")
    theirs.locator("#hg-do-accept").click()
    expect(theirs.get_by_role("button", name="Undo").first).to_be_visible()
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == ("accepted", noor)

    page.reload()
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    expect(page.get_by_text(ADDRESS, exact=True)).to_have_count(0)
    page.get_by_role("link", name="Take away the role of reviewer from Noor Haddad").click()
    page.get_by_label("Reason").fill("The review of spring is over.")
    axe(page)
    screens(page, "end-role-light-1280")
    page.get_by_role("button", name="Take it away").click()
    expect(page.get_by_text("Noor Haddad is no longer a reviewer, and is told why.")).to_be_visible()

    theirs.expected = ["404"]  # type: ignore[attr-defined]  # read by the fixture
    gone = theirs.goto(f"{live_server.url}/requests/{asked.pk}/")
    assert gone is not None
    assert gone.status == 404
    theirs.goto(f"{live_server.url}/accounts/2fa/")
    axe(theirs)
    screens(theirs, "sign-in-light-1280", full=True)
    theirs.get_by_role("link", name="Set it up").click()
    axe(theirs)
    screens(theirs, "factor-light-1280", full=True)
    theirs.goto(f"{live_server.url}/accounts/sessions/")
    axe(theirs)
    screens(theirs, "sessions-light-1280", full=True)


def test_what_an_auditor_sees(
    live_server: LiveServer, page_at: Callable[..., Page], axe: Callable[[Page], None], screens: Callable[..., object]
):
    author = factories.make_author("aurora-lab", "mara")
    repository = factories.make_repository("aurora-lab/tiny-gated", card=factories.form_card({"Purpose": "text"}))
    asked = factories.ask(repository, "jordan", name="Jordan Lee", answers={"Purpose": "Speech therapy"})
    auditor = User.objects.create_user("runa", first_name="Runa")
    repos.give_role(actor=factories.actor(author), namespace="aurora-lab", username="runa", role="auditor")
    for width, scheme in ((1280, "light"), (390, "dark")):
        page = page_at(width, scheme)
        sign_in(page, live_server, auditor)
        page.goto(f"{live_server.url}/requests/{asked.pk}/")
        expect(page.get_by_text("Hidden", exact=True)).to_be_visible()
        expect(page.get_by_text("Speech therapy")).to_have_count(0)
        expect(page.get_by_role("button", name="Accept")).to_have_count(0)
        axe(page)
        screens(page, f"auditor-{scheme}-{width}")
