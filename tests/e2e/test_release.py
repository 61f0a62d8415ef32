"""The release plan in a real browser: one journey without scripts, and each of its pages looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from access import tasks
from access.actions import release
from access.models import ReleasePlan, Stage
from access.release import StageFacts
from hubgate.outbox import worker
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True


@pytest.fixture
def urls() -> dict[str, str]:
    """Releases in every state that looks different."""
    mara = factories.actor(factories.make_author())
    empty = factories.make_repository("aurora-lab/street-scenes", kind="datasets", gated=False)
    shown = factories.make_repository("aurora-lab/aurora-7b-vision", card="---\nlicense: openrail\n---\n# Model\n")
    drifted = factories.make_repository("aurora-lab/tiny-gated")
    stages = (
        StageFacts(name="Private", gate="private"),
        StageFacts(name="Named testers", gate="auto", audience="people", members=("kim", "lee")),
        StageFacts(
            name="Vetted organisations",
            gate="auto",
            audience="domains",
            members=("northlake.edu", "meridian.org"),
            capacity=2,
            grant_days=90,
        ),
        StageFacts(
            name="By hand, anyone",
            gate="manual",
            needs_license=True,
            needs_tag_ruling=True,
            needs_go=True,
            opens_at=timezone.now() + timedelta(days=40),
        ),
        StageFacts(name="Open", gate="open"),
    )
    for repository in (shown, drifted):
        release.save_plan(actor=mara, repository_id=repository.pk, stages=stages)
    for number, name in enumerate(("ann", "ben", "cleo", "dan")):
        factories.ask(shown, name, asked_at=timezone.now() - timedelta(hours=9 - number))
    factories.ask(shown, "zoe", email="zoe@elsewhere.org")
    for stage in Stage.objects.filter(plan__repository=shown).order_by("position")[:3]:
        release.advance(actor=mara, repository_id=shown.pk, to=stage.pk)
        tasks.open_stages()
    first = Stage.objects.filter(plan__repository=drifted).order_by("position")[:2]
    for stage in first:
        release.advance(actor=mara, repository_id=drifted.pk, to=stage.pk)
    ReleasePlan.objects.filter(repository=drifted).update(drift_at=timezone.now(), hub_gate="open", waits=False)
    factories.make_repository("aurora-lab/tiny-gated", gated=False)
    now = Stage.objects.get(plan__repository=shown, position=2)
    back = Stage.objects.get(plan__repository=shown, position=1)
    at = f"/repositories/{shown.pk}/release/"
    return {
        "plan": at,
        "empty": f"/repositories/{empty.pk}/release/",
        "drift": f"/repositories/{drifted.pk}/release/",
        "stage": f"{at}stages/{now.pk}/",
        "new": f"{at}stages/new/",
        "back": f"{at}stages/{back.pk}/open/",
        "recall": f"{at}recall/",
        "list": "/repositories/",
        "overview": f"/repositories/{shown.pk}/",
    }


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", "mara")
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_page_of_a_release_holds_at_every_width(live_server, page_at, axe, screens, urls, width, scheme):
    page = page_at(width, scheme)
    sign_in(page, live_server.url)
    for name, url in urls.items():
        page.goto(live_server.url + url)
        expect(page.locator("h1")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        axe(page)
        screens(page, f"release-{name}-{scheme}-{width}", full=True)


def test_a_release_from_its_first_stage_to_a_recall_without_scripts(live_server, page_at, screens):
    factories.make_author()
    repository = factories.make_repository("aurora-lab/tiny-gated", card="---\nlicense: openrail\n---\n# Model\n")
    factories.ask(repository, "kim")
    page = page_at(1280, scripts=False)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/repositories/{repository.pk}/")
    page.get_by_role("link", name="Release", exact=True).click()
    page.get_by_role("link", name="Write the first stage").click()
    for name, gate in (("Testers", "Automatic: whoever asks and fits is let in"), ("Everybody", "Open: anybody")):
        page.goto(f"{live_server.url}/repositories/{repository.pk}/release/stages/new/")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label(gate).check()
        if name == "Everybody":
            page.get_by_label("Needs an author’s go").check()
        page.get_by_role("button", name="Add the stage").click()
    page.get_by_role("link", name="Open “Testers”…").click()
    expect(page.get_by_text("Will set the gate on the Hub to automatic")).to_be_visible()
    page.get_by_role("button", name="Open the stage").click()
    expect(page.get_by_text("“Testers” is in force.")).to_be_visible()
    tasks.open_stages()
    page.reload()
    expect(page.get_by_text("1 person let in")).to_be_visible()
    expect(page.get_by_role("button", name="Open “Everybody”")).to_be_disabled()
    page.get_by_role("button", name="Say go").click()
    expect(page.get_by_role("link", name="Open “Everybody”…")).to_be_visible()

    page.get_by_role("link", name="Recall…").click()
    page.get_by_label("Private: only members").check()
    page.get_by_label("Reason").fill("A checkpoint leaked.")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text("1 person loses access")).to_be_visible()
    screens(page, "release-recall-preview", full=True)
    page.get_by_role("button", name="Recall: reset 1").click()
    worker.drain("access.bulk")
    page.goto(f"{live_server.url}/repositories/{repository.pk}/release/")
    expect(page.get_by_text("Recalled", exact=True).first).to_be_visible()
    expect(page.get_by_text("A checkpoint leaked.")).to_be_visible()
    screens(page, "release-recalled", full=True)
    page.get_by_role("button", name="Open “Testers” again").click()
    expect(page.get_by_text("The recall is over.")).to_be_visible()
