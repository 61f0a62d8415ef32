"""The release plan over REST: read, replaced, opened, recalled."""

from __future__ import annotations

import pytest

from access import tasks
from access.models import AccessRequest, Stage
from hubgate.outbox import worker
from tests import factories
from tests.rest.conftest import Caller


@pytest.fixture
def address(asked: AccessRequest) -> str:
    return f"repositories/{asked.repository_id}/release"


PLAN = {
    "stages": [
        {"name": "Testers", "gate": "auto", "audience": "domains", "members": ["northlake.edu"], "capacity": 1},
        {"name": "Open", "gate": "open", "needs_go": True},
    ]
}


def test_a_release_from_plan_to_recall(script: Caller, asked: AccessRequest, address: str):
    assert script.get(address).json()["version"] == 0
    first = script.call("PUT", address, PLAN).json()
    assert script.call("PUT", address, PLAN).json() == first
    testers, last = (stage["id"] for stage in first["stages"])
    assert first["next"] == testers

    opened = script.post(f"{address}/advance", {"to": testers}).json()
    assert (opened["in_force"], opened["hub"]["wanted"]) == (testers, "manual")
    tasks.open_stages()
    assert script.get(address).json()["stages"][0]["let_in"] == 1
    factories.ask(asked.repository, "riley")
    assert script.get(address).json()["in_line"] == 1

    refused = script.post(f"{address}/advance", {"to": last})
    assert (refused.status_code, refused.json()["code"]) == (409, "conditions_unmet")
    assert script.post(f"{address}/go", {"stage": last}).json()["stages"][1]["conditions"][0]["holds"]

    wish = {"gate": "private", "whose": "stage", "stage": testers, "reason": "A leak."}
    assert script.post(f"{address}/recall", {**wish, "dry_run": True}).json()["reset"] == 1
    assert AccessRequest.objects.get(pk=asked.pk).status == "accepted"
    done = script.post(f"{address}/recall", wish).json()
    assert (done["gate_after"], done["reset"]) == ("private", 1)
    worker.drain("access.bulk")
    assert AccessRequest.objects.get(pk=asked.pk).status == "reset"
    assert script.get(address).json()["recalled_at"]
    assert script.post(f"{address}/reopen", {}).json()["recalled_at"] is None


def test_what_cannot_be_kept_is_named(script: Caller, address: str):
    wrong = script.call("PUT", address, {"stages": [{"name": "Open", "gate": "open", "capacity": 3}]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_plan")
    assert list(wrong.json()["errors"]) == ["stages.0.capacity"]
    old = script.call("PUT", address, {**PLAN, "version": 1}).json()["version"]
    late = script.call("PUT", address, {"stages": [], "version": old + 1})
    assert (late.status_code, late.json()["code"]) == (409, "plan_changed")
    assert Stage.objects.count() == 2
