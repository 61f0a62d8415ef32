"""The sample pages and the sign-in page in a real browser: widths, schemes, keyboard, and without scripts."""

from __future__ import annotations

import pytest

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
