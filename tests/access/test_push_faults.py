"""Pushes while the Hub is away, hangs, loses its answer or has had enough: nothing is lost, nothing is told twice."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access import states
from access.models import AccessRequest, Drift, RequestMirror
from hubgate.outbox.models import OutboxItem
from tests.labfixtures import Lab, later


@pytest.mark.parametrize("fault", [{"kind": "apply_then_fail"}, {"kind": "cut_body"}, {"kind": "html"}])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_lost_answer_is_followed_by_reading_and_never_by_a_second_call(lab: Lab, fault: dict, hidden: bool):
    """The Hub mails on a rejection: a repeated call would be seen by the person (R13)."""
    repository = lab.repository(hide_people=hidden)
    lab.hub.requests(repository.name, [{"user": "kim"}])
    lab.compare(repository)
    request = AccessRequest.objects.get()
    lab.decide(request, "reject")
    lab.hub.fault(**fault, method="POST", path="/user-access-request/", count=1)
    lab.push()
    applied = fault["kind"] != "html"
    assert lab.hub_status(repository, "kim") == ("rejected" if applied else "pending")
    waiting = lab.state(request)
    assert (waiting.behind, waiting.parked) == (True, False)
    assert RequestMirror.objects.get().read_before_push

    lab.push()
    assert lab.hub_status(repository, "kim") == "rejected"
    assert len(lab.sent()) == (1 if applied else 2)
    assert not lab.state(request).behind
    assert not RequestMirror.objects.get().read_before_push
    request.refresh_from_db()
    assert request.hub_status == "rejected"


@pytest.mark.parametrize("read_first", [False, True])
def test_a_mind_changed_after_a_lost_answer_reaches_the_hub_and_is_no_word_of_the_hubs(lab: Lab, read_first: bool):
    """The Hub took the rejection, we do not know it, and hold what it held before: there is something to tell it."""
    repository = lab.repository()
    lab.hub.requests(repository.name, [{"user": "kim"}])
    lab.compare(repository)
    request = AccessRequest.objects.get()
    lab.decide(request, "accept")
    lab.push()
    lab.decide(request, "reject")
    lab.hub.fault("apply_then_fail", method="POST", path="/user-access-request/", count=1)
    lab.push()
    assert lab.hub_status(repository, "kim") == "rejected"

    lab.decide(request, "accept")
    if read_first:
        lab.compare(repository)
    lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"
    request.refresh_from_db()
    assert (request.status, request.cause, request.hub_status) == ("accepted", "reviewer", "accepted")
    assert request.told_status == ""
    assert not lab.state(request).behind
    assert not Drift.objects.exists()


def test_a_rejection_on_the_hub_long_after_a_lost_answer_is_its_own(lab: Lab):
    repository = lab.repository()
    lab.hub.requests(repository.name, [{"user": "kim"}])
    lab.compare(repository)
    request = AccessRequest.objects.get()
    lab.decide(request, "accept")
    lab.push()
    past = timezone.now() - timedelta(minutes=5)
    AccessRequest.objects.update(told_status="rejected", pushed_at=past)
    lab.hub.requests(
        repository.name, [{"user": "kim", "status": "rejected", "timestamp": request.asked_at.isoformat()}]
    )
    lab.compare(repository)
    request.refresh_from_db()
    assert (request.status, request.cause) == ("rejected", "hub")


def test_a_hub_that_hangs_holds_a_worker_for_one_call_only(lab: Lab, settings: Any):
    """People whom the Hub hides go one by one: after the first call that gets no answer the others wait (R8)."""
    repository = lab.repository(hide_people=True)
    lab.hub.requests(repository.name, [{"user": f"person-{number}"} for number in range(10)])
    lab.compare(repository)
    for request in AccessRequest.objects.all():
        lab.decide(request, "accept")
    lab.hub.fault("hang", method="POST", seconds=30)
    settings.HUB_TIMEOUTS = {"read": 0.4, "total": 0.5}
    began = time.monotonic()
    lab.push()
    assert time.monotonic() - began < 3
    settings.HUB_TIMEOUTS = {}
    items = OutboxItem.objects.filter(kind=states.PUSH)
    assert items.filter(done=0, parked_at=None).count() == 10
    assert all("did not answer in time" in item.last_error for item in items)
    lab.hub.clear_faults()
    lab.push()
    assert {row["status"] for row in lab.hub.rows(repository.name)} == {"accepted"}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_hub_in_trouble_is_tried_again(lab: Lab, status: int):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.hub.fault("server_error", status=status, path="/user-access-request/")
    lab.push()
    state = lab.state(request)
    assert (state.behind, state.parked, state.attempts) == (True, False, 1)
    assert f"it answered {status}" in state.error
    lab.hub.clear_faults()
    lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"


def test_too_many_requests_without_retry_after_pause_everything_until_the_time_named(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.hub.fault("rate_limited", t=55, count=1)
    lab.push()
    due = OutboxItem.objects.get(kind=states.PUSH).due_at
    assert timedelta(seconds=50) < due - timezone.now() < timedelta(seconds=60)

    start = lab.hub.journal()[-1]["sequence"]
    lab.push()
    mirror = lab.read_due(repository)
    assert lab.hub.journal(start) == [], "nothing of this token goes out, in either lane"
    assert timedelta(seconds=50) < mirror.poll_due_at - timezone.now() <= timedelta(seconds=60)
    with later(58):
        lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"


def test_people_go_before_the_background(lab: Lab):
    """A fifth of the quota is for decisions: the mirror stops where they still go out."""
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.hub.settings(quotas={"api": 50})
    error, reads = "", 0
    while not error and reads < 60:
        error = lab.read_due(repository).error
        reads += 1
    assert "rate limit" in error
    lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"
    assert not [one for one in lab.hub.journal() if one["status"] == 429]
