"""The inbox in a real browser: reading, deciding by keyboard and by hand, with and without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from access import actions as access_actions
from access.models import AccessRequest
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PEOPLE = [
    (
        "jordan",
        "Riley Park",
        "northlake.edu",
        "Evaluate refusal behaviour of small models on clinical prompts.",
        "Northlake University",
    ),
    ("xm-wang", "王小明", "ustc-lab.example", "用于多模态安全评测研究，结果将公开发表。", ""),
    ("a-diallo", "Amina Diallo", "gmail.com", "Student project on caption bias, supervised by Dr. Fall.", ""),
    ("tnovak", "Tomáš Novák", "brnotech.example", "Red-teaming for the city’s procurement office.", "Brno Tech"),
    ("smarques", "Sofia Marques", "mailinator.com", "checking out the data", ""),
    ("ihoffmann", "Dr. Ines Hoffmann", "uniklinik.example", "Training annotators to recognise coded hate speech.", ""),
    ("layla-h", "ليلى حداد", "aub-lab.example", "دراسة عن انحياز النماذج في النصوص العربية.", "مختبر بيروت"),
    ("o-petrova", "Ольга Петрова", "mail.ru", "Сравнение политик поэтапного выпуска моделей.", ""),
    ("kmensah", "Kwame Mensah", "aims.example", "Teaching material for a graduate seminar.", "AIMS"),
    ("yuki", "佐藤 優希", "keio-lab.example", "臨床ノートの匿名化手法を評価します。", ""),
    (
        "longword",
        "N" * 120,
        "w" * 60 + ".example",
        "x" * 10_000,
        "An institute with a rather long name of its own, department of everything",
    ),
    (
        "hint",
        "<script>alert(1)</script>",
        "northlake.edu",
        "{{ secret }} <img src=x onerror=alert(2)> =HYPERLINK(1)",
        "<b>bold</b>",
    ),
]
FIELDS = {
    "What will you use it for?": "text",
    "Where do you work from?": "country",
    "Role": ["Researcher", "Student", "Industry"],
    "I will not deploy it to patients": "checkbox",
}


@pytest.fixture
def inbox(settings):
    """Mara's two gated repositories with forty requests of all sorts, some decided."""
    settings.HUB_POLL_SECONDS = 3600
    author = factories.make_author()
    tiny = factories.make_repository("aurora-lab/tiny-gated", card=factories.form_card(FIELDS))
    vision = factories.make_repository("aurora-lab/aurora-7b-vision", card=factories.form_card(FIELDS))
    now = timezone.now()
    for number in range(40):
        username, name, domain, words, organisation = PEOPLE[number % len(PEOPLE)]
        again = number // len(PEOPLE)
        who = f"{username}-{again}" if again else username
        factories.ask(
            vision if number % 3 else tiny,
            who,
            name=name if not again else f"{name} {again}",
            email=f"{who}@{domain}",
            answers={
                "What will you use it for?": words + "\n\nTwo students run it until June." * again,
                "Where do you work from?": "CA",
                "Role": "Researcher",
                "I will not deploy it to patients": "on",
            },
            organisations=[organisation] if organisation else [],
            asked_at=now - timedelta(hours=2 + 3 * number),
        )
    for repository in (tiny, vision):
        access_actions.record_walk(
            repository=repository, status="pending", read_at=now, complete=True, rows=20, newest=now
        )
    return author


def sign_in(page, server, path: str = "/inbox/"):
    page.goto(f"{server.url}/accounts/login/?next={path}")
    page.get_by_label("User name or e-mail").fill("mara")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(server.url + path)
    return page


def one(username: str) -> AccessRequest:
    return AccessRequest.objects.get(person__username=username)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_clean(width, scheme, inbox, page_at, axe, screens, live_server):
    page = sign_in(page_at(width, scheme), live_server)
    for name, path in {
        "inbox": "/inbox/",
        "inbox-all": f"/inbox/?status=all&repository={one('jordan').repository_id}&q=north",
        "inbox-narrow": "/inbox/?country=CA&domain=gmail.com&mail=free&older=1&newer=365&assigned=nobody",
        "inbox-empty": "/inbox/?status=withdrawn",
        "inbox-nothing": "/inbox/?q=nobody%25",
        "inbox-short": "/inbox/?q=jo",
        "views": "/inbox/views/",
        "form": f"/repositories/{one('jordan').repository_id}/form/",
        "request": f"/requests/{one('jordan').pk}/",
        "request-hostile": f"/requests/{one('hint').pk}/",
        "request-long": f"/requests/{one('longword').pk}/",
        "request-arabic": f"/requests/{one('layla-h').pk}/",
        "reject-page": f"/requests/{one('jordan').pk}/reject/",
        "grant-page": f"/repositories/{one('jordan').repository_id}/grant/",
    }.items():
        page.goto(live_server.url + path)
        page.evaluate("document.fonts.ready")
        screens(page, f"real-{name}-{scheme}-{width}")
        axe(page)
        for root in ("document.documentElement", "document.querySelector('main')"):
            assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, f"{name} scrolls sideways"


def test_keys_decide_and_go_on(inbox, page_at, axe, screens, live_server):
    page = sign_in(page_at(1280), live_server)
    page.expected = ["422 (Unprocessable"]
    page.keyboard.press("a")
    panel = page.locator("#hg-panel")
    expect(panel.get_by_role("heading", level=2)).to_contain_text("王小明")
    expect(panel.get_by_role("heading", level=2)).to_be_focused()
    expect(page.locator("#hg-live")).to_contain_text("Accepted. Riley Park")
    expect(page.locator("#hg-messages")).to_contain_text("Accepted. Riley Park")
    expect(page.get_by_text("39 waiting")).to_be_visible()
    expect(page.locator(".hg-nav__count")).to_have_text("39")
    expect(page.locator("#hg-list [aria-current=true]")).to_have_attribute("data-item", "王小明")
    assert one("jordan").status == "accepted"
    assert page.url.endswith(f"/requests/{one('xm-wang').pk}/")
    screens(page, "real-decided-light-1280")
    axe(page)
    page.keyboard.press("j")
    expect(panel.get_by_role("heading", level=2)).to_contain_text("Amina Diallo")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Reject Amina Diallo")
    reason = page.get_by_label("Reason")
    expect(reason).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("Give a reason")
    axe(page)
    reason.fill("Please say which group you work with. 🙂 " * 8)
    expect(dialog.get_by_text("of 200 characters")).to_contain_text("327 of 200")
    expect(dialog.get_by_text("short form")).to_be_visible()
    screens(page, "real-reject-dialog-light-1280")
    axe(page)
    reason.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(panel.get_by_role("heading", level=2)).to_contain_text("Tomáš Novák")
    expect(panel.get_by_role("heading", level=2)).to_be_focused()
    rejected = one("a-diallo")
    assert (rejected.status, len(rejected.reason)) == ("rejected", 8 * 40 - 1)


def test_somebody_else_decided_meanwhile(inbox, page_at, axe, screens, live_server):
    other = factories.make_author(username="noor", name="Noor Haddad")
    page = sign_in(page_at(1280), live_server)
    page.expected = ["409 (Conflict)"]
    page.keyboard.press("r")
    page.get_by_label("Reason").fill("No group given.")
    factories.decide(other, one("jordan"), "accept")
    page.get_by_label("Reason").press("Control+Enter")
    panel = page.locator("#hg-panel")
    expect(panel.get_by_role("alert")).to_contain_text("accepted now: Noor Haddad decided just now")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(panel.get_by_text("Accepted by Noor Haddad")).to_be_visible()
    screens(page, "real-conflict-light-1280")
    axe(page)
    assert one("jordan").status == "accepted"


def test_the_whole_way_without_scripts(inbox, page_at, live_server):
    page = sign_in(page_at(390, scripts=False), live_server)
    page.get_by_role("link", name="王小明").first.click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=2, name="Amina Diallo")).to_be_visible()
    expect(page.get_by_text("Accepted. 王小明")).to_be_visible()
    page.get_by_role("link", name="Reject…").click()
    page.get_by_label("Reason").fill("x" * 300)
    page.get_by_role("button", name="Show what the Hub gets").click()
    expect(page.get_by_text("300 of 200")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("x" * 300)
    assert one("a-diallo").status == "pending"
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="Tomáš Novák")).to_be_visible()
    assert (one("xm-wang").status, one("a-diallo").status) == ("accepted", "rejected")


def test_a_phone_shows_list_then_request(inbox, page_at, live_server):
    page = sign_in(page_at(390), live_server)
    page.get_by_role("link", name="ليلى حداد").first.click()
    page.wait_for_url(f"**/requests/{one('layla-h').pk}/")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=2, name="Ольга Петрова")).to_be_visible()
    page.get_by_role("link", name="Inbox", exact=True).last.click()
    expect(page.locator("#hg-list")).to_be_visible()
    expect(page.locator("#hg-list").get_by_text("layla-h", exact=True)).to_have_count(0)


def test_filters_are_chosen_saved_and_removed(inbox, page_at, axe, screens, live_server):
    page = sign_in(page_at(1280), live_server)
    page.get_by_text("Filter", exact=True).click()
    screens(page, "real-filters-light-1280")
    axe(page)
    page.get_by_role("checkbox", name="aurora-lab/aurora-7b-vision", exact=True).check()
    page.get_by_label("Country").fill("Canada")
    page.get_by_label("Free mail").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("7 waiting, oldest")).to_be_visible()
    expect(page.locator("#hg-list").get_by_text("tiny-gated")).to_have_count(0)
    page.get_by_text("Save view", exact=True).first.click()
    page.get_by_label("Name of the view").fill("Free mail, vision")
    screens(page, "real-save-view-light-1280")
    axe(page)
    page.get_by_label("Name of the view").press("Enter")
    expect(page.locator("#hg-messages")).to_contain_text("Saved as “Free mail, vision”.")
    page.get_by_role("link", name="Remove filter: aurora-lab/aurora-7b-vision").click()
    expect(page.get_by_role("link", name="Remove filter: Canada")).to_be_visible()
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_text("40 waiting, oldest")).to_be_visible()
    page.get_by_role("navigation", name="Saved views").get_by_role("link", name="Free mail, vision").click()
    expect(page.get_by_text("7 waiting, oldest")).to_be_visible()
    screens(page, "real-saved-view-light-1280")
    page.keyboard.press("/")
    page.keyboard.type("procurement")
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 in all")).to_be_visible()


def test_filters_and_views_without_scripts(inbox, page_at, live_server):
    page = sign_in(page_at(390, scripts=False), live_server)
    page.expected = ["422 (Unprocessable"]
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Asked longer ago than").select_option("2")
    page.get_by_label("Disposable mail").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("2 waiting, oldest")).to_be_visible()
    page.get_by_text("Save view", exact=True).first.click()
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("Give the view a name.").first).to_be_visible()
    page.get_by_label("Name of the view").first.fill("Throw-away")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("navigation", name="Saved views").get_by_role("link")).to_contain_text("Throw-away")
    page.get_by_role("link", name="Edit views").click()
    page.get_by_role("button", name="Remove Throw-away").click()
    expect(page.get_by_text("No view is saved yet")).to_be_visible()


def test_the_next_request_is_at_hand(inbox, page_at, live_server):
    page = page_at(1280)
    order = [f"{live_server.url}/requests/{one(name).pk}/" for name in ("xm-wang", "a-diallo", "tnovak")]
    asked: list[tuple[str, bool]] = []
    page.on(
        "request",
        lambda request: (
            asked.append((request.url, request.headers.get("purpose") == "prefetch"))
            if "/requests/" in request.url
            else None
        ),
    )
    heading = page.locator("#hg-panel").get_by_role("heading", level=2)
    with page.expect_response(order[0]):
        sign_in(page, live_server)
    for place, name in enumerate(["王小明", "Amina Diallo"]):
        with page.expect_response(order[place + 1]):
            page.keyboard.press("j")
        expect(heading).to_contain_text(name)
        assert page.url == order[place]
        expect(page.locator("#hg-list [aria-current=true]")).to_have_attribute("data-item", name)
    assert asked == [(url, True) for url in order], "none was asked for when it was needed"
    factories.decide(factories.make_author(username="noor", name="Noor Haddad"), one("tnovak"), "accept")
    page.expected = ["409 (Conflict)"]
    page.keyboard.press("j")
    expect(heading).to_contain_text("Tomáš Novák")
    page.locator("#hg-panel").get_by_role("button", name="Accept").click()
    expect(page.locator("#hg-panel").get_by_role("alert")).to_contain_text("Noor Haddad decided")


def test_moving_on_by_script_and_forgetting_after_a_decision(inbox, page_at, live_server):
    page = sign_in(page_at(1280), live_server)
    heading = page.locator("#hg-panel").get_by_role("heading", level=2)
    first, second = (f"/requests/{one(name).pk}/" for name in ("jordan", "xm-wang"))
    page.evaluate("url => hubgate.panel(url)", second)
    expect(heading).to_contain_text("王小明")
    page.evaluate("url => { hubgate.prefetch(url); return hubgate.panel(url); }", first)
    expect(heading).to_contain_text("Riley Park")
    page.evaluate("url => hubgate.prefetch(url)", first)
    page.keyboard.press("a")
    expect(heading).to_contain_text("王小明")
    page.evaluate("url => hubgate.panel(url)", first)
    expect(page.locator("#hg-panel").get_by_text("Accepted by Mara Keller").first).to_be_visible()
