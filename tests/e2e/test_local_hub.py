"""The local Hub's pages in a browser: every state of the gate, wide and narrow, light and dark; axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from hubgate.localhub.door import ControlDoor
from hubgate.localhub.process import running
from tests.e2e.conftest import PageAt

pytestmark = pytest.mark.e2e

VISION = "/aurora-lab/aurora-7b-vision"
LETTERS = "/datasets/ihoffmann/clinical-notes-synthetic"
# picture: (who, page, what is on it)
STATES = {
    "home": ("mkeller", "/", "Become somebody else"),
    "login": ("", "/login", "Sign in as"),
    "sensitive": ("jordan", "/spaces/aurora-lab/aurora-playground", "View content"),
    "gate-signed-out": ("", VISION, "Sign in to review the conditions"),
    "gate-form": ("jordan", VISION, "Send request"),
    "gate-pending": ("jordan", "/aurora-lab/tiny-gated", "awaiting a review"),
    "gate-rejected": ("jordan", "/datasets/aurora-lab/toxic-dialogues", "has been rejected"),
    "gate-reset": ("jordan", LETTERS, "has been reset"),
    "gate-accepted": ("jordan", "/ihoffmann/whisper-dialect", "You have been granted access"),
    "gate-long": ("xm-wang", "/datasets/aurora-lab/toxic-dialogues", "Expand to review and access"),
    "gate-odd": ("jordan", "/aurora-lab/aurora-safety-probe", "Probe set"),
    "gate-unread": ("jordan", "/datasets/aurora-lab/street-scenes", "could not be read"),
    "owner": ("mkeller", VISION, "model.safetensors"),
    "own-requests": ("jordan", "/settings/gated-repos", "Cancel request"),
    "requests-pending": ("mkeller", f"{VISION}/settings/requests", "Accept"),
    "requests-rejected": ("mkeller", f"{VISION}/settings/requests?status=rejected", "Put back to pending"),
    "requests-hidden": ("kmensah", "/datasets/kmensah/akan-broadcasts/settings/requests", "name is hidden"),
    "settings": ("mkeller", f"{VISION}/settings", "Manual approval"),
    "missing": ("jordan", "/nobody/here", "Repository not found"),
}


@pytest.fixture(scope="module")
def demo_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlDoor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALHUB_ARRIVALS", "off")
        with running(tmp_path_factory.mktemp("demo"), "demo") as door:
            yield door


def sign_in(page: Page, hub: ControlDoor, name: str) -> None:
    page.goto(f"{hub.base_url}/login")
    page.fill("#anybody", name)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Sign out").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_state_is_clean(
    width: int,
    scheme: str,
    demo_hub: ControlDoor,
    page_at: PageAt,
    axe: Callable[[Page], None],
    screens: Callable[..., Path],
):
    who = ""
    page = page_at(width, scheme)
    page.expected = ["status of 404", "status of 401"]  # type: ignore[attr-defined]
    for name, (person, path, text) in sorted(STATES.items(), key=lambda item: item[1][0]):
        if person != who:
            sign_in(page, demo_hub, person)
            who = person
        page.goto(demo_hub.base_url + path)
        if name != "sensitive" and page.get_by_role("button", name="View content").is_visible():
            page.get_by_role("button", name="View content").click()
        assert text in page.inner_text("main"), name
        screens(page, f"localhub-{name}-{scheme}-{width}", full=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
        for summary in page.locator("details:not([open]) > summary").all():
            summary.click()
        axe(page)


def test_the_gate_form_is_sent_and_decided_with_the_keyboard(demo_hub: ControlDoor, page_at: PageAt):
    asking = page_at(390)
    sign_in(asking, demo_hub, "nkemelu")
    asking.goto(demo_hub.base_url + VISION)
    if asking.get_by_role("button", name="View content").is_visible():
        asking.get_by_role("button", name="View content").press("Enter")
    demo_hub.requests("aurora-lab/aurora-7b-vision", [{"user": "nkemelu", "status": "none"}])
    asking.reload()
    asking.get_by_label("Affiliation").fill("Nkem Studio")
    asking.get_by_label("Where do you work from?").select_option("NG")
    asking.get_by_label("What will you use it for?").fill("Portraits of neighbours")
    asking.get_by_label("Role").select_option(label="Something else")
    asking.get_by_label("real people without their consent").press("Space")
    asking.get_by_role("button", name="Send request").press("Enter")
    asking.get_by_text("awaiting a review").wait_for()
    row = demo_hub.row("aurora-lab/aurora-7b-vision", "nkemelu")
    assert row is not None
    assert row["fields"] == {
        "Affiliation": "Nkem Studio",
        "Where do you work from?": "NG",
        "What will you use it for?": "Portraits of neighbours",
        "Role": "Other",
        "I will not use it to produce images of real people without their consent": "on",
    }
    deciding = page_at(1280)
    sign_in(deciding, demo_hub, "mkeller")
    deciding.goto(f"{demo_hub.base_url}{VISION}/settings/requests")
    deciding.get_by_role("button", name="Accept nkemelu").press("Enter")
    deciding.get_by_text("The request of nkemelu is accepted.").wait_for()
    asking.reload()
    asking.get_by_text("You have been granted access").wait_for()
