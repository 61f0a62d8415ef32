"""A real browser for tests marked `e2e`.

`page_at(width, scheme)` opens a page and watches its console; `axe(page)` asserts that axe finds nothing;
`screens(page, name)` keeps a picture in `test-artifacts/`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ARTIFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
HEIGHTS = {390: 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the whole run. CI must have it; elsewhere its absence is said, not hidden."""
    if not CHROMIUM:
        reason = "Chromium is missing: install the package chromium, or name the program in CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright's sync interface runs an event loop in this thread, and Django would refuse the database in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


PageAt = Callable[..., Page]


@pytest.fixture
def page_at(browser: Browser) -> Iterator[PageAt]:
    """`page_at(1280, "dark", scripts=False)`: a fresh page of that width and colour scheme. At the end of the test, an
    error in a console (a blocked style or script, an exception) fails it; `page.expected` lists what may appear."""
    opened: list[tuple[Page, list[str]]] = []

    def open_page(width: int = 1280, scheme: str = "light", *, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 860)},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        errors: list[str] = []

        def note(message: ConsoleMessage) -> None:
            if message.type == "error":
                errors.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append((page, errors))
        return page

    yield open_page
    found = []
    for page, errors in opened:
        allowed = getattr(page, "expected", ())
        found += [error for error in errors if not any(part in error for part in allowed)]
        page.context.close()
    assert found == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """`axe(page)`: asserts that axe finds nothing on the page as it stands, best practices included."""
    engine = Axe()

    def check(page: Page) -> None:
        results = engine.run(page)
        found = [
            f"{violation['id']} ({violation['impact']}): {node['html'][:160]} — {node['failureSummary']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
        assert not found, "\n".join(found)

    return check


@pytest.fixture
def screens() -> Callable[..., Path]:
    """`screens(page, "inbox-light-1280")`: a picture of what is in view (or, with `full=True`, of the whole page)."""
    ARTIFACTS.mkdir(exist_ok=True)

    def keep(page: Page, name: str, *, full: bool = False) -> Path:
        path = ARTIFACTS / f"{name}.png"
        page.screenshot(path=path, full_page=full)
        # Playwright hides carets for the picture and leaves empty style attributes, which a swap would carry on and our
        # policy refuse.
        page.evaluate(
            "document.querySelectorAll('[style=\"\"]').forEach((element) => element.removeAttribute('style'))"
        )
        return path

    return keep
