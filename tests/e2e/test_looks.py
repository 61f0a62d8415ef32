"""The sample pages and the sign-in page in a real browser: widths, schemes, keyboard, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PAGES = {
    "components": "/_components/",
    "inbox": "/_components/inbox/",
    "panel": "/_components/inbox/?show=panel",
    "dialog-page": "/_components/dialog/",
    "login": "/accounts/login/",
    "password-reset": "/accounts/password/reset/",
    "signup-closed": "/accounts/signup/",
    "cancelled": "/accounts/3rdparty/login/cancelled/",
    "not-found": "/no-such-page/",
}


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_clean(name, width, scheme, page_at, axe, screens, live_server):
    page = page_at(width, scheme)
    page.expected = ["404 (Not Found)"] if name == "not-found" else []
    page.goto(live_server.url + PAGES[name])
    page.evaluate("document.fonts.ready")
    if name == "components":
        page.set_viewport_size({"width": width, "height": 6000 if width < 1024 else 3800})
    screens(page, f"{name}-{scheme}-{width}")
    axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the page scrolls sideways"
    main = page.evaluate("(() => { const m = document.querySelector('main'); return m.scrollWidth - m.clientWidth })()")
    assert main <= 0, "the main part scrolls sideways"


def test_menu_works_by_keyboard(page_at, axe, live_server):
    page = page_at(390)
    page.goto(live_server.url + "/_components/inbox/")
    menu = page.get_by_role("button", name="Menu", exact=True)
    expect(page.locator("#hg-nav")).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Components")).to_be_visible()
    axe(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#hg-nav').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("#hg-nav")).to_be_hidden()
    expect(menu).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_work_without_scripts(width, page_at, screens, live_server):
    page = page_at(width, scripts=False)
    page.goto(live_server.url + "/_components/inbox/")
    if width < 1024:
        page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="Components").click()
    expect(page).to_have_url(live_server.url + "/_components/")
    page.get_by_role("link", name="Reject…").first.click()
    expect(page.get_by_role("heading", level=1, name="Reject Riley Park")).to_be_visible()
    assert page.locator(".hg-key:visible").count() == 0


def test_focus_is_visible_on_everything_one_can_reach(page_at, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(
            """() => { const a = document.activeElement; const s = [a, a.parentElement].map(e => getComputedStyle(e));
            const o = s.find(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) ?? s[0];
            return [a.outerHTML.slice(0, 80), o.outlineStyle, parseFloat(o.outlineWidth)] }"""
        )
        if name.startswith("<body"):
            break
        assert style != "none", name
        assert width >= 2, name
        seen.add(name)
    assert len(seen) > 25


def test_a_dialog_opens_over_the_page_and_gives_the_focus_back(page_at, axe, screens, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Reject Riley Park")
    expect(dialog).to_be_visible()
    expect(page.get_by_label("Reason")).to_be_focused()
    screens(page, "dialog-light-1280")
    axe(page)
    page.keyboard.type("a")
    expect(page.get_by_label("Reason")).to_have_value("a")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Reject…")).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(live_server.url + "/_components/inbox/")


def test_keys_walk_the_list_and_are_announced(page_at, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/")
    page.keyboard.press("j")
    current = page.locator("[data-item][aria-current=true]")
    expect(current).to_have_attribute("data-item", "王小明")
    expect(page.locator("#hg-live")).to_have_text("王小明, 2 / 8")
    page.keyboard.press("x")
    expect(page.get_by_label("Select 王小明")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(current).to_have_attribute("data-item", "Riley Park")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("jjr?")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("jjr?")
    expect(current).to_have_attribute("data-item", "Riley Park")


def test_help_lists_the_keys_of_this_page(page_at, axe, screens, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/")
    page.keyboard.press("?")
    help_dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_dialog).to_be_visible()
    for words in ("Accept", "Reject…", "Next and previous", "Search"):
        expect(help_dialog.get_by_text(words, exact=True)).to_be_visible()
    screens(page, "help-light-1280")
    axe(page)


@pytest.fixture
def signed_in(page_at, live_server, django_user_model):
    """A page of someone who signed in through the form."""
    django_user_model.objects.create_user("mara", password="a-long-password", first_name="Mara", last_name="Keller")

    def sign_in(width: int = 1280, scheme: str = "light", **options):
        page = page_at(width, scheme, **options)
        page.goto(live_server.url + "/accounts/login/?next=/_components/")
        page.get_by_label("User name or e-mail").fill("mara")
        page.get_by_label("Password").fill("a-long-password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(live_server.url + "/_components/")
        return page

    return sign_in


@pytest.mark.parametrize("width", [1280, 390])
def test_theme_and_keys_are_chosen_in_the_account_menu(width, signed_in, axe, screens):
    page = signed_in(width)
    page.get_by_role("button", name="Account of Mara Keller").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "hubgate-dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    screens(page, f"account-dark-{width}")
    axe(page)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "hubgate-dark")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    page.get_by_role("button", name="Account of Mara Keller").click()
    page.get_by_role("button", name="As the system").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_theme_and_sign_out_work_without_scripts(signed_in, live_server):
    page = signed_in(scripts=False)
    page.get_by_role("button", name="Account of Mara Keller").click()
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url(live_server.url + "/_components/")
    expect(page.locator("html")).to_have_attribute("data-theme", "hubgate-dark")
    page.expected = ["404 (Not Found)"]
    page.get_by_role("button", name="Account of Mara Keller").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(live_server.url + "/_components/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_failure_keeps_the_page_and_offers_to_retry(page_at, screens, live_server):
    page = page_at(1280)
    page.expected = ["Failed to load resource", "Response Status Error"]
    page.goto(live_server.url + "/_components/inbox/")
    failing = [True]
    page.route(
        "**/_components/dialog/", lambda route: route.fulfill(status=500, body="") if failing[0] else route.continue_()
    )
    page.get_by_role("link", name="Reject…").click()
    expect(page.get_by_role("alert")).to_contain_text("That did not go through")
    screens(page, "failed-light-1280")
    failing[0] = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog", name="Reject Riley Park")).to_be_visible()
    assert page.get_by_role("alert").count() == 0


def test_waiting_shows_a_quiet_bar(page_at, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/")
    held = []
    page.route("**/_components/dialog/", lambda route: held.append(route))
    page.get_by_role("link", name="Reject…").click()
    expect(page.locator("#hg-bar[data-on]")).to_be_attached()
    held[0].continue_()
    expect(page.locator("#hg-bar[data-on]")).not_to_be_attached()


def test_forced_colours_keep_state_visible(browser, screens, live_server):
    context = browser.new_context(viewport={"width": 1280, "height": 860}, forced_colors="active")
    page = context.new_page()
    page.goto(live_server.url + "/_components/inbox/")
    border = "e => getComputedStyle(e).borderTopStyle"
    assert page.locator(".hg-status").first.evaluate(border) == "solid"
    assert page.locator("[data-item][aria-current=true]").evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    screens(page, "inbox-forced-1280")
    context.close()


def test_a_request_on_paper_is_its_words_only(page_at, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/?show=panel")
    page.emulate_media(media="print")
    for frame in (".hg-nav", ".hg-topbar", ".hg-foot", ".hg-split__list"):
        expect(page.locator(frame)).to_be_hidden()
    expect(page.get_by_text("Two PhD students")).to_be_visible()


def test_nothing_moves_after_the_page_is_there(page_at, live_server):
    page = page_at(1280)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shift += "
        "entry.value }).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(live_server.url + "/_components/inbox/", wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("window.shift") < 0.02


def test_a_row_opens_in_the_panel_and_keeps_the_focus(page_at, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=2, name="Amina")).to_be_hidden()
    expect(page.get_by_role("heading", level=2, name="王小明")).to_be_visible()
    expect(page.get_by_role("link", name="王小明")).to_be_focused()
    page.get_by_role("link", name="Amina Diallo").click()
    expect(page.get_by_role("heading", level=2, name="Amina Diallo")).to_be_visible()
    expect(page.locator("[data-item][aria-current=true]")).to_have_attribute("data-item", "Amina Diallo")


def test_focus_is_not_lost_when_a_swap_takes_its_place(page_at, live_server):
    page = page_at(1280)
    page.goto(live_server.url + "/_components/inbox/")
    page.get_by_role("button", name="Accept").focus()
    page.evaluate("htmx.ajax('GET', '?person=a-diallo', {target: '#hg-panel', swap: 'outerHTML'})")
    heading = page.get_by_role("heading", level=2, name="Amina Diallo")
    expect(heading).to_be_focused()


def test_on_a_narrow_screen_a_row_leads_to_its_page(page_at, live_server):
    page = page_at(390)
    page.goto(live_server.url + "/_components/inbox/")
    page.get_by_role("link", name="Amina Diallo").click()
    expect(page).to_have_url(live_server.url + "/_components/inbox/?show=panel&person=a-diallo")
    expect(page.get_by_role("heading", level=2, name="Amina Diallo")).to_be_visible()
