"""Deciding one request after another in a real browser: by keyboard, two people at once, with and without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from access import actions
from access.models import AccessRequest, Note
from hubgate.audit.models import AuditEvent
from hubgate.notify.models import Notification
from tests import factories
from tests.e2e.test_inbox import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FIELDS = {"What will you use it for?": "text", "Your e-mail at work": "text", "Where do you work from?": "country"}
USES = (
    "Evaluate refusal behaviour of small models on clinical prompts.",
    "Red-teaming for the city’s procurement office.",
    "Student project on caption bias, supervised by Dr. Fall.",
)
MADE = {"p-0": "5f3c9d1e" + "a" * 16}


@pytest.fixture
def queue(settings):
    """Mara and Noor decide for two repositories; thirty people wait, named Person 0 (the newest) to Person 29."""
    settings.HUB_POLL_SECONDS = 3600
    mara = factories.make_author()
    noor = factories.make_author(username="noor", name="Noor Haddad")
    tiny = factories.make_repository("aurora-lab/tiny-gated", card=factories.form_card(FIELDS))
    factories.make_repository("aurora-lab/aurora-7b-vision", card=factories.form_card(FIELDS))
    now = timezone.now()
    for number in range(34):
        decided = number >= 30
        asked = factories.ask(
            tiny,
            f"p-{number}",
            name=f"Person {number}",
            email=f"p-{number}@{'northlake.edu' if number % 3 else 'gmail.com'}",
            user_id=MADE.get(f"p-{number}"),
            answers={
                "What will you use it for?": USES[number % 3],
                "Your e-mail at work": f"p-{number}@northlake.edu",
                "Where do you work from?": "CA",
            },
            organisations=["Northlake University"] if number % 2 else [],
            asked_at=now - timedelta(hours=1 + number),
        )
        if decided:
            verb = "accept" if number % 2 else "reject"
            factories.decide(noor, asked, verb, "" if verb == "accept" else "Please say which group you work with.")
    for name, verb, text in (
        ("Which group?", "", "Hello {first name}, please say which group you work with."),
        ("Work address", "reject", "Please ask again from your address at work, {username}."),
    ):
        actions.save_template(actor=factories.actor(mara), namespace="aurora-lab", name=name, verb=verb, text=text)
    return mara, noor


def one(number: int) -> AccessRequest:
    return AccessRequest.objects.select_related("assigned_to").get(person__username=f"p-{number}")


def heading(page):
    return page.locator("#hg-panel").get_by_role("heading", level=2)


def test_twenty_in_a_row_without_waiting_and_three_undone(queue, page_at, axe, screens, live_server):
    page = sign_in(page_at(1280), live_server)
    expect(heading(page)).to_contain_text("Person 0")
    for _ in range(20):
        page.keyboard.press("a")
    expect(heading(page)).to_contain_text("Person 20", timeout=120_000)
    expect(heading(page)).to_be_focused()
    expect(page.locator("#hg-live")).to_contain_text("Accepted. Person 19")
    expect(page.locator("#hg-live")).to_contain_text("Person 20, 1 of 10.")
    for number in (19, 18, 17):
        page.keyboard.press("u")
        expect(heading(page)).to_contain_text(f"Person {number}")
        expect(heading(page)).to_be_focused()
        expect(page.locator("#hg-live")).to_contain_text(f"Undone. The request of Person {number} is pending again.")
    screens(page, "deciding-undone-1280")
    axe(page)
    accepted = AccessRequest.objects.filter(status="accepted", decided_by_label="Mara Keller")
    assert sorted(int(name[2:]) for name in accepted.values_list("person__username", flat=True)) == list(range(17))
    assert AuditEvent.objects.filter(event="access.request.accepted", actor_label="Mara Keller").count() == 20
    assert {one(number).status for number in (17, 18, 19)} == {"pending"}
    assert one(16).status == "accepted"
    told = Notification.objects.filter(
        kind="access.accepted", subject_id__in=[one(number).pk for number in (17, 18, 19)]
    )
    assert not told.exists()


def test_a_held_key_is_one_press_and_a_refusal_ends_the_row(queue, page_at, live_server):
    _, noor = queue
    page = sign_in(page_at(1280), live_server)
    page.expected = ["409 (Conflict)"]
    page.keyboard.down("a")
    page.keyboard.down("a")
    page.keyboard.up("a")
    expect(heading(page)).to_contain_text("Person 1")
    factories.decide(noor, one(1), "reject", "No.")
    for _ in range(3):
        page.keyboard.press("a")
    expect(page.locator("#hg-panel").get_by_role("alert")).to_contain_text("rejected now: Noor Haddad")
    page.wait_for_timeout(600)
    assert (one(0).status, one(1).status, one(2).status) == ("accepted", "rejected", "pending")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_reason_from_a_template(width, scheme, queue, page_at, axe, screens, live_server):
    page = sign_in(page_at(width, scheme), live_server, f"/requests/{one(0).pk}/")
    page.evaluate("document.fonts.ready")
    screens(page, f"deciding-panel-{scheme}-{width}", full=width == 390)
    axe(page)
    page.locator("#hg-assigned").scroll_into_view_if_needed()
    page.get_by_role("heading", name="Notes among those who decide").scroll_into_view_if_needed()
    screens(page, f"deciding-beside-{scheme}-{width}")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Reject Person 0")
    expect(dialog.get_by_role("button", name="Which group?")).to_be_focused()
    screens(page, f"deciding-templates-{scheme}-{width}")
    page.keyboard.press("1")
    reason = page.get_by_label("Reason", exact=True)
    expect(reason).to_have_value("Hello Person, please say which group you work with.")
    expect(reason).to_be_focused()
    page.keyboard.press("2")
    expect(reason).not_to_have_value("Hello Person, please say which group you work with.")
    dialog.get_by_role("button", name="Work address").click()
    expect(reason).to_have_value(
        "2Hello Person, please say which group you work with.\n\nPlease ask again from your address at work, p-0."
    )
    screens(page, f"deciding-filled-{scheme}-{width}")
    axe(page)
    reason.press("Control+Enter")
    expect(heading(page)).to_contain_text("Person 1")
    assert one(0).status == "rejected"
    page.goto(f"{live_server.url}/namespaces/aurora-lab/reasons/")
    screens(page, f"deciding-reasons-{scheme}-{width}")
    axe(page)
    page.goto(f"{live_server.url}/keys/")
    screens(page, f"deciding-keys-{scheme}-{width}")
    axe(page)
    for root in ("document.documentElement", "document.querySelector('main')"):
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0


def test_two_people_see_each_other_and_what_became_of_it(queue, page_at, axe, screens, live_server):
    _, noor = queue
    page = sign_in(page_at(1280), live_server)
    note = page.get_by_role("textbox", name="Note")
    note.fill("Ask Dana about")
    actions.record_viewing(actor=factories.actor(noor), request_id=one(0).pk, deciding=True)
    here = page.locator("#hg-presence")
    expect(here).to_contain_text("Noor Haddad is writing a reason.", timeout=15_000)
    screens(page, "deciding-presence-1280")
    axe(page)
    factories.decide(noor, one(0), "accept")
    expect(page.locator("#hg-standing")).to_contain_text("Noor Haddad accepted this", timeout=15_000)
    expect(page.locator("#hg-live")).to_contain_text("Noor Haddad accepted this", timeout=15_000)
    expect(page.locator("#hg-do-accept")).to_have_count(0)
    expect(page.locator("#hg-do-put_back")).to_be_visible()
    expect(note).to_have_value("Ask Dana about")
    screens(page, "deciding-meanwhile-1280")
    axe(page)


def test_what_is_typed_in_the_dialog_stays_when_another_decides(queue, page_at, screens, live_server):
    _, noor = queue
    page = sign_in(page_at(1280), live_server)
    page.keyboard.press("r")
    reason = page.get_by_label("Reason", exact=True)
    reason.fill("We need your group.")
    factories.decide(noor, one(0), "accept")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Noor Haddad accepted this")).to_be_visible(timeout=15_000)
    expect(reason).to_have_value("We need your group.")
    expect(reason).to_be_focused()
    screens(page, "deciding-meanwhile-dialog-1280")


def test_notes_and_assignment(queue, page_at, axe, live_server):
    _, noor = queue
    page = sign_in(page_at(1280), live_server)
    page.get_by_role("textbox", name="Note").fill("Known from the workshop.")
    page.keyboard.press("j")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#hg-notes")).to_contain_text("Known from the workshop.j")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("")
    page.get_by_label("Assigned to", exact=True).select_option(label="Noor Haddad")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator("#hg-live")).to_contain_text("Assigned to Noor Haddad.")
    assert one(0).assigned_to == noor
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator("#hg-live")).to_contain_text("Assigned to you.")
    axe(page)
    page.get_by_role("textbox", name="Note").fill("Half a thought")
    page.locator("#hg-panel").get_by_role("heading", level=2).click()
    page.keyboard.press("j")
    expect(heading(page)).to_contain_text("Person 1")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("")
    page.keyboard.press("k")
    expect(heading(page)).to_contain_text("Person 0")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Half a thought")
    page.get_by_role("button", name="Remove this note").click()
    expect(page.locator("#hg-notes").get_by_text("Known from the workshop")).to_have_count(0)
    assert not Note.objects.exists()


def test_help_lists_what_works_and_turns_keys_off(queue, page_at, axe, screens, live_server):
    page = sign_in(page_at(1280), live_server)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for text in ("Accept", "Reject…", "Next and previous", "Search"):
        expect(dialog.get_by_text(text, exact=True)).to_be_visible()
    screens(page, "deciding-help-1280")
    axe(page)
    dialog.get_by_role("button", name="Shortcuts").click()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert one(0).status == "pending"
    page.reload()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    dialog.get_by_role("button", name="Shortcuts").click()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(heading(page)).to_contain_text("Person 1")


def test_without_scripts_a_decision_is_undone(queue, page_at, screens, live_server):
    page = sign_in(page_at(390, scripts=False), live_server, f"/requests/{one(0).pk}/")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=2, name="Person 1")).to_be_visible()
    screens(page, "deciding-no-scripts-390")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=2, name="Person 0")).to_be_visible()
    expect(page.get_by_text("Undone. The request of Person 0 is pending again.")).to_be_visible()
    assert one(0).status == "pending"
    page.get_by_role("textbox", name="Note").fill("Seen.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Seen.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_text("Assigned to you.")).to_be_visible()
