"""Statistics, drift and compared forms in a real browser: widths, schemes, forced colours, scripts or none."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from access import states
from access.models import Drift
from tests import factories
from tests.e2e.test_repositories import CARD, is_clean, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]
PAGES = ["overview", "statistics", "days", "months", "namespace", "compared", "drift", "passed", "settled", "request"]


@pytest.fixture
def urls() -> dict[str, str]:
    """Half a year of requests, a form with two versions, and changes on the Hub in every state."""
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=200), tick=False):
        author = factories.make_author()
    other = factories.make_author("aurora-lab", "tomas", name="Tomáš Novák")
    found = factories.make_repository("aurora-lab/aurora-7b-vision", card=CARD)
    second = factories.make_repository("aurora-lab/a-dataset-with-a-rather-long-name-that-goes-on-v2", kind="datasets")
    changed = CARD.replace("Role:", "What you do:").replace("violent images**", "violent or bloody pictures**")
    factories.change_card(found, changed.replace("Student, ", "Student, Teacher, "))
    dice = random.Random(4)
    rows = []
    for index in range(140):
        asked = now - timedelta(minutes=int(170 * 1440 * dice.random() ** 1.7) + 90)
        reviewed = min(now, asked + timedelta(seconds=10 ** dice.uniform(2, 6)))
        status = dice.choice(["pending", "accepted", "accepted", "accepted", "rejected", "reset"])
        at = None if status == "pending" else reviewed
        rows.append(factories.row(f"person-{index}", asked_at=asked, reviewed_at=at, status=status))
    factories.record(found, *rows)
    factories.record(second, factories.row("amina", asked_at=now - timedelta(days=40)))
    requests = {}
    for index, name in enumerate(("jordan", "xm-wang", "amina", "riley")):
        request = factories.ask(found, name, asked_at=now - timedelta(days=3, hours=index))
        verb, reason = (states.ACCEPT, "") if index % 2 else (states.REJECT, "The affiliation could not be verified.")
        requests[name] = factories.decide(author if index else other, request, verb, reason)
        status = "rejected" if index % 2 else "accepted"
        at = timezone.now() + timedelta(seconds=5)
        row = factories.row(name, asked_at=request.asked_at, status=status, reviewed_at=at, granted_by="tomas")
        factories.record(found, row, read_at=at + timedelta(minutes=2))
    factories.decide(other, requests["amina"], states.RESET_VERB, "Please say more.")
    from access import actions

    riley = Drift.objects.get(request=requests["riley"])
    actions.settle(actor=factories.actor(author), drift_id=riley.pk, way=actions.Way.THEIRS)
    factories.make_repository("aurora-lab/aurora-7b-vision", gated="auto")
    one = f"/repositories/{found.pk}/"
    return {
        "overview": one,
        "statistics": f"{one}statistics/",
        "days": f"{one}statistics/?reach=4w",
        "months": f"{one}statistics/?reach=52w",
        "namespace": "/namespaces/aurora-lab/statistics/",
        "compared": f"{one}form/?from=1&to=2",
        "history": f"{one}history/",
        "drift": "/drift/",
        "passed": "/drift/?state=passed",
        "settled": "/drift/?state=settled",
        "request": f"/requests/{requests['jordan'].pk}/",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_clean(width, scheme, page_at, axe, screens, live_server, urls):
    page = page_at(width, scheme)
    sign_in(page, live_server.url, urls["drift"])
    for name in PAGES:
        page.goto(live_server.url + urls[name])
        page.set_viewport_size({"width": width, "height": 1600})  # the frame scrolls, so a taller one shows more
        screens(page, f"numbers-{name}-{scheme}-{width}")
        for summary in page.locator("main summary").all():
            if summary.is_visible():
                summary.press("Enter")  # one that opened may lie over the next
        is_clean(page, axe)


def test_plots_are_told_in_forced_colours_and_by_their_tables(page_at, screens, live_server, urls):
    page = page_at(1280)
    sign_in(page, live_server.url, urls["statistics"])
    page.emulate_media(forced_colors="active")
    screens(page, "numbers-forced-colours", full=True)
    for plot in page.locator("svg.hg-plot").all():
        box = plot.bounding_box()
        assert box is not None
        for word in plot.locator("text").all():
            inside = word.bounding_box()
            assert inside is not None
            assert inside["x"] >= box["x"] - 2
            assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 2


def test_drift_is_settled_without_scripts_and_by_keyboard(page_at, live_server, urls):
    page = page_at(390, scripts=False)
    sign_in(page, live_server.url, urls["drift"])
    expect(page.get_by_role("listitem").filter(has_text="jordan")).to_be_visible()
    page.get_by_role("button", name="Put ours back for Jordan").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 change settled: ours stands")).to_be_visible()
    page.get_by_label("Select Xm-Wang").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Take theirs", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("In step with the Hub")).to_be_visible()
    assert set(Drift.objects.exclude(settled_at=None).values_list("settled_as", flat=True)) == {"ours", "theirs"}
