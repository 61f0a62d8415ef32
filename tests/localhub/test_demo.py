"""The demo of the local Hub: what it is made of, every page for everybody, requests that keep arriving."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from hubgate.localhub import demo, demo_arrivals, demo_people
from hubgate.localhub.door import ControlDoor
from hubgate.localhub.process import running
from tests.localhub.visitor import Visitor
from tests.procfixtures import wait_until

REPOS = demo.repositories()
GATED = [given for given in REPOS if given["gated"]]


def address(given: dict[str, Any]) -> str:
    return ("" if given["type"] == "model" else f"{given['type']}s/") + str(given["repo"])


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlDoor]:
    """A demo in which nobody arrives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALHUB_ARRIVALS", "off")
        with running(tmp_path_factory.mktemp("demo"), "demo") as door:
            yield door


def all_rows(door: ControlDoor) -> list[dict[str, Any]]:
    return [{**row, "repo": given["repo"]} for given in REPOS for row in door.rows(given["repo"], given["type"])]


def test_a_reset_fills_the_demo_again(local_hub: ControlDoor):
    local_hub.reset("demo")
    assert len(all_rows(local_hub)) > 150


def test_it_is_the_same_each_time_but_for_the_times(local_hub: ControlDoor):
    seen = []
    for _ in range(2):
        local_hub.reset("demo")
        seen.append([{**row, "timestamp": "", "reviewedAt": ""} for row in all_rows(local_hub)])
    for rows in seen:
        for row in rows:
            # Dates of birth and the like count from today; a test may run over midnight.
            row["fields"] = {key: value for key, value in (row["fields"] or {}).items() if value[4:5] != "-"}
    assert seen[0] == seen[1]


def test_requests_are_of_every_status_and_of_the_last_weeks(quiet: ControlDoor):
    rows = all_rows(quiet)
    assert set(collections.Counter(row["status"] for row in rows)) == {"pending", "accepted", "rejected", "reset"}
    now = datetime.now(UTC)
    for row in rows:
        asked = datetime.fromisoformat(row["timestamp"])
        assert now - timedelta(days=70) < asked < now
        if row["reviewedAt"]:
            assert asked < datetime.fromisoformat(row["reviewedAt"]) < now


def test_answers_fit_the_form_of_their_card(quiet: ControlDoor):
    for given in GATED:
        url = f"{quiet.base_url}/api/{given['type']}s/{given['repo']}"
        card = httpx2.get(url).json().get("cardData") or {}
        asked = card.get("extra_gated_fields") or {}
        labels = {label for one in asked for label in one} if isinstance(asked, list) else set(asked)
        for row in quiet.rows(given["repo"], given["type"]):
            assert set(row["fields"] or {}) == labels - {"geo"}


def test_everybody_known_has_tokens_that_work(quiet: ControlDoor):
    found = demo.personas()
    assert {"mkeller", "tnovak", "ihoffmann", "jordan"} <= {persona.username for persona in found}
    for persona in found:
        assert persona.what
        for token in persona.tokens:
            headers = {"Authorization": f"Bearer {token.secret}"}
            who = httpx2.get(f"{quiet.base_url}/api/whoami-v2", headers=headers).json()
            assert (who["name"], who["fullname"]) == (persona.username, persona.name)
            assert who["auth"]["accessToken"]["role"] == token.role


def test_the_fine_grained_token_decides_in_its_organisation_only(quiet: ControlDoor):
    headers = {"Authorization": "Bearer hf_demo_mkeller_fine"}
    inside = httpx2.get(f"{quiet.base_url}/api/models/aurora-lab/tiny-gated/auth-check/write", headers=headers)
    outside = httpx2.get(f"{quiet.base_url}/api/models/ihoffmann/whisper-dialect/auth-check/write", headers=headers)
    assert (inside.status_code, outside.status_code) == (200, 403)


@pytest.mark.parametrize("username", [persona.username for persona in demo.personas()])
def test_every_page_answers_for_everybody(username: str, quiet: ControlDoor):
    with Visitor(quiet.base_url) as visitor:
        assert visitor.sign_in(username).status_code == 200
        for path in ("/", "/login", "/settings/gated-repos"):
            assert visitor.get(path).status_code == 200
        for given in REPOS:
            page = f"/{address(given)}"
            assert visitor.get(page).status_code == 200
            if "View content" in visitor.text:
                assert visitor.post(f"{page}/view-content").status_code == 200
            for tab in ("/settings", "/settings/requests", "/settings/requests?status=accepted&q=a"):
                assert visitor.get(page + tab).status_code in (200, 403)


def test_jordan_stands_in_every_state(quiet: ControlDoor):
    with Visitor(quiet.base_url) as jordan:
        jordan.sign_in("jordan")
        jordan.get("/settings/gated-repos")
        for status in ("pending", "accepted", "rejected", "reset"):
            assert f'tag-{status}">' in jordan.page


def test_people_keep_asking_until_enough_have(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOCALHUB_ARRIVALS", "0.01-0.02")
    monkeypatch.setenv("LOCALHUB_ARRIVALS_MAX", "5")
    seeded = sum(sum(given.get("counts", {}).values()) + len(given.get("known", {})) for given in REPOS)
    with running(tmp_path / "demo", "demo") as door:
        # Somebody whose request was reset and who asks anew adds no row, so there may be fewer than five.
        rows = wait_until(lambda: (found := all_rows(door)) and len(found) > seeded and found, 20, "somebody to ask")
        assert len(rows) <= seeded + 5
        newest = max(rows, key=lambda row: row["timestamp"])
        assert newest["user"] not in {persona.username for persona in demo.personas()}
        assert newest["status"] in ("pending", "accepted")


def test_the_pause_is_read():
    assert demo_arrivals.pause("20-60") == (20, 60)
    assert demo_arrivals.pause("off") is None
    for wrong in ("", "20", "60-20", "0-1", "a-b"):
        with pytest.raises(ValueError, match="LOCALHUB_ARRIVALS"):
            demo_arrivals.pause(wrong)


def test_people_write_many_scripts_and_have_many_kinds_of_mail():
    found = demo_people.people().values()
    assert len(found) >= 60
    for letter in "王김田नדنΓИก":
        assert any(letter in person.fullname for person in found), letter
    domains = {person.email.partition("@")[2] for person in found}
    assert {"gmail.com", "mailinator.com"} <= domains
    assert sum(domain.endswith(".example") for domain in domains) > 30
