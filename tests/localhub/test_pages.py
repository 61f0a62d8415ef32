"""The local Hub's pages by HTTP, as a person without scripts uses them: both sides of a gate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from hubgate.localhub.door import ControlDoor
from tests.localhub.visitor import Visitor

REPO = "aurora/model"
CARD = """---
tags: [{tags}]
extra_gated_heading: Tell us who you are
extra_gated_prompt: "Read the **terms** <script>alert(1)</script> [x](javascript:alert(2))"
extra_gated_fields:
  Group: text
  Since: date_picker
  Country: country
  Why: {{type: select, options: [Study, {{label: Work, value: job}}]}}
  Place: ip_location
  "I agree <b>fully</b>": checkbox
extra_gated_button_content: Let me in
---
# Card of the model
"""


@pytest.fixture
def gated(hub: ControlDoor) -> ControlDoor:
    """`aurora/model`, gated by hand: owned by aurora, wanted by kim."""
    hub.person("aurora", fullname="Aurora Owner")
    hub.person("kim", fullname="Kim Asks", email="kim@people.example")
    hub.repo(REPO, gated="manual", files={"README.md": CARD.format(tags="vision"), "weights.bin": "secret weights"})
    return hub


@pytest.fixture
def kim(gated: ControlDoor) -> Iterator[Visitor]:
    with Visitor(gated.base_url) as visitor:
        visitor.sign_in("kim")
        yield visitor


@pytest.fixture
def aurora(gated: ControlDoor) -> Iterator[Visitor]:
    with Visitor(gated.base_url) as visitor:
        visitor.sign_in("aurora")
        yield visitor


def ask(visitor: Visitor, **answers: str) -> Any:
    visitor.get(f"/{REPO}")
    return visitor.post(f"/{REPO}/ask-access?next=/{REPO}", {"Group": "Lab", "I agree <b>fully</b>": "on", **answers})


def decide(aurora: Visitor, hub: ControlDoor, status: str, reason: str = "", came_from: str = "pending") -> Any:
    row = hub.row(REPO, "kim")
    assert row is not None
    aurora.get(f"/{REPO}/settings/requests?status={came_from}")
    data = {"request": row["requestId"], "status": status, "reason": reason, "list": came_from}
    return aurora.post(f"/{REPO}/settings/requests", data)


def test_a_stranger_sees_card_and_gate_but_no_form_and_no_file(gated: ControlDoor):
    with Visitor(gated.base_url) as stranger:
        assert stranger.get(f"/{REPO}").status_code == 200
        assert "Card of the model" in stranger.text
        assert "Sign in to review the conditions" in stranger.text
        assert "ask-access" not in stranger.page
        assert stranger.get(f"/{REPO}/resolve/main/weights.bin").status_code == 401


def test_the_form_has_every_kind_of_field_and_no_script(kim: Visitor):
    kim.get(f"/{REPO}")
    page = kim.page
    assert "Tell us who you are" in kim.text
    assert "Let me in" in kim.text
    assert '<input type="text" id="gate-0" name="Group"' in page
    assert '<input type="date" id="gate-1" name="Since"' in page
    assert page.count("<option value=") == 249 + 1 + 2 + 1
    assert '<option value="job">Work</option>' in page
    assert "will be shared with the authors" in kim.text
    assert 'name="I agree &lt;b&gt;fully&lt;/b&gt;"' in page
    assert "<strong>terms</strong>" in page
    assert "<script" not in page
    assert not re.search(r'(href|src)="?javascript:', page)


def test_asking_waiting_and_being_let_in(gated: ControlDoor, kim: Visitor, aurora: Visitor):
    assert ask(kim).status_code == 200
    assert "awaiting a review" in kim.text
    row = gated.row(REPO, "kim")
    assert row is not None
    assert (row["status"], row["fields"]) == ("pending", {"Group": "Lab", "I agree <b>fully</b>": "on"})
    aurora.get(f"/{REPO}/settings/requests")
    assert "kim@people.example" in aurora.text
    decide(aurora, gated, "accepted")
    assert "The request of kim is accepted." in aurora.text
    kim.get(f"/{REPO}")
    assert "You have been granted access" in kim.text
    assert kim.get(f"/{REPO}/resolve/main/weights.bin").text == "secret weights"


def test_rejection_reset_and_a_second_try(gated: ControlDoor, kim: Visitor, aurora: Visitor):
    ask(kim)
    decide(aurora, gated, "rejected", "No study named.")
    row = gated.row(REPO, "kim")
    assert row is not None
    assert (row["status"], row["rejectionReason"]) == ("rejected", "No study named.")
    kim.get(f"/{REPO}")
    assert "has been rejected" in kim.text
    assert "ask-access" not in kim.page
    decide(aurora, gated, "reset", "Ask again.", "rejected")
    ask(kim, Group="Another lab")
    row = gated.row(REPO, "kim")
    assert row is not None
    assert (row["status"], row["fields"]["Group"]) == ("pending", "Another lab")
    decide(aurora, gated, "accepted")
    decide(aurora, gated, "pending", came_from="accepted")
    assert "put back to pending" in aurora.text
    assert kim.get(f"/{REPO}/resolve/main/weights.bin").status_code == 403


def test_the_notice_after_a_reset_stands_over_the_form(gated: ControlDoor, kim: Visitor):
    gated.requests(REPO, [{"user": "kim", "status": "reset"}])
    kim.get(f"/{REPO}")
    assert "has been reset" in kim.text
    assert "Let me in" in kim.text


def test_only_a_waiting_request_can_be_withdrawn(gated: ControlDoor, kim: Visitor):
    ask(kim)
    kim.get("/settings/gated-repos")
    kim.post(f"/{REPO}/user-access-request/cancel")
    assert "is withdrawn" in kim.text
    assert gated.row(REPO, "kim") is None
    assert kim.post(f"/{REPO}/user-access-request/cancel").status_code == 404


def test_an_automatic_gate_opens_at_once(gated: ControlDoor, kim: Visitor):
    gated.repo(REPO, gated="auto")
    ask(kim)
    assert "You have been granted access" in kim.text


def test_a_decision_that_came_too_late_is_told(gated: ControlDoor, kim: Visitor, aurora: Visitor):
    ask(kim)
    decide(aurora, gated, "accepted")
    assert decide(aurora, gated, "accepted").status_code == 404
    assert "No access request found matching your criteria" in aurora.text


def test_a_reason_longer_than_the_hub_takes_is_refused(gated: ControlDoor, kim: Visitor, aurora: Visitor):
    ask(kim)
    assert decide(aurora, gated, "rejected", "x" * 201).status_code == 400
    assert "<=200 characters" in aurora.text
    row = gated.row(REPO, "kim")
    assert row is not None
    assert row["status"] == "pending"


def test_adding_a_person(gated: ControlDoor, aurora: Visitor):
    aurora.get(f"/{REPO}/settings/requests")
    aurora.post(f"/{REPO}/settings/requests/grant", {"user": "kim"})
    assert "kim has access now" in aurora.text
    assert "kim@people.example" not in aurora.text
    assert aurora.post(f"/{REPO}/settings/requests/grant", {"user": "nobody"}).status_code == 404
    assert "User not found" in aurora.text


def test_settings_of_the_gate_and_a_new_name(gated: ControlDoor, aurora: Visitor, kim: Visitor):
    aurora.get(f"/{REPO}/settings")
    aurora.post(f"/{REPO}/settings", {"gated": "false"})
    kim.get(f"/{REPO}")
    assert "weights.bin" in kim.text
    aurora.post(f"/{REPO}/settings", {"gated": "manual", "private": "on"})
    assert kim.get(f"/{REPO}").status_code == 404
    assert aurora.post(f"/{REPO}/settings", {"gated": "sometimes"}).status_code == 400
    aurora.get(f"/{REPO}/settings")
    assert aurora.post(f"/{REPO}/settings/rename", {"name": "a--b"}).status_code == 400
    aurora.get(f"/{REPO}/settings")
    aurora.post(f"/{REPO}/settings/rename", {"name": "renamed"})
    assert "It is called aurora/renamed now" in aurora.text
    response = aurora.get(f"/{REPO}")
    assert (response.status_code, response.url.path) == (200, "/aurora/renamed")


@pytest.mark.parametrize("page", ["settings", "settings/requests", "user-access-report"])
def test_who_may_not_write_sees_none_of_the_authors_pages(page: str, gated: ControlDoor, kim: Visitor):
    assert kim.get(f"/{REPO}/{page}").status_code == 403
    with Visitor(gated.base_url) as stranger:
        assert stranger.get(f"/{REPO}/{page}").status_code == 401


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("settings", {"gated": "false"}),
        ("settings/rename", {"name": "stolen"}),
        ("settings/requests/grant", {"user": "kim"}),
        ("settings/requests", {"request": "x", "status": "accepted"}),
    ],
)
def test_who_may_not_write_changes_nothing(path: str, data: dict[str, str], gated: ControlDoor, kim: Visitor):
    assert kim.post(f"/{REPO}/{path}", data).status_code == 403
    assert gated.row(REPO, "kim") is None


@pytest.mark.parametrize(
    "path", ["login", "logout", f"{REPO}/settings", f"{REPO}/settings/requests", f"{REPO}/ask-access"]
)
def test_a_form_of_another_site_is_refused(path: str, kim: Visitor):
    assert kim.client.post(f"/{path}", data={"user": "aurora"}).status_code == 403


def test_the_interstitial_stands_before_a_tagged_repository(gated: ControlDoor):
    gated.commit(REPO, {"README.md": CARD.format(tags="not-for-all-audiences")})
    with Visitor(gated.base_url) as stranger:
        stranger.get(f"/{REPO}")
        assert "sensitive content" in stranger.text
        assert "Card of the model" not in stranger.text
        stranger.post(f"/{REPO}/view-content")
        assert "Card of the model" in stranger.text


def test_signing_in_leads_to_no_other_site(gated: ControlDoor, kim: Visitor):
    for target in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"):
        kim.get("/login")
        response = kim.post("/login", {"user": "kim", "next": target}, follow_redirects=False)
        assert response.headers["Location"] == "/"


def test_pages_ignore_tokens(gated: ControlDoor):
    token = gated.token("aurora")
    with Visitor(gated.base_url) as visitor:
        response = visitor.get(f"/{REPO}/settings", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 401


def test_hidden_people_stay_hidden_on_the_authors_page(gated: ControlDoor, kim: Visitor, aurora: Visitor):
    gated.repo(REPO, hide_people=True)
    ask(kim)
    decide(aurora, gated, "accepted")
    assert "The request is accepted." in aurora.text
    aurora.get(f"/{REPO}/settings/requests?status=accepted")
    assert "A person whose name is hidden" in aurora.text
    assert "kim" not in aurora.text.replace("Kim Asks", "kim")
