"""Ends and withdrawals as the Hub hears of them."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from access import actions, ends
from hubgate.accounts import actions as accounts
from hubgate.accounts.actions import Person
from hubgate.accounts.models import User
from tests import factories
from tests.labfixtures import Lab


def test_access_that_ended_is_reset_on_the_hub_with_the_words(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    actions.decide(
        actor=factories.actor(lab.author),
        request_id=request.pk,
        verb="accept",
        seen_status="pending",
        ends_at=ends.after(30, timezone.now()),
    )
    lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"
    assert actions.end_access(now=timezone.now() + timedelta(days=30)) == 1
    lab.push()
    assert lab.hub_status(repository, "kim") == "reset"
    last = lab.sent()[-1]["body"]
    assert last["status"] == "reset"
    assert last["resetReason"].startswith("Your access ended on ")
    assert len(last["resetReason"]) <= 200
    lab.compare(repository)
    assert lab.request(repository, "kim").cause == "expiry"


def test_who_asks_again_after_the_end_waits_without_one(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    actions.decide(
        actor=factories.actor(lab.author),
        request_id=request.pk,
        verb="accept",
        seen_status="pending",
        ends_at=ends.after(30, timezone.now()),
    )
    lab.push()
    over = timezone.now() + timedelta(days=30)
    with time_machine.travel(over):
        actions.end_access(now=over)
        lab.push()
    asked = (over + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    lab.hub.requests(repository.name, [{"user": "kim", "status": "pending", "timestamp": asked}])
    with time_machine.travel(over + timedelta(hours=2)):
        lab.compare(repository)
    again = lab.request(repository, "kim")
    assert (again.status, again.ends_at) == ("pending", None)


def test_a_request_withdrawn_here_is_reset_there(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    assert request.person is not None
    user = User.objects.create_user("kim")
    accounts.record_sign_in(user, Person(hub_id=str(request.person.hub_id), username="kim"), {"kim": "admin"})
    actions.withdraw(actor=factories.actor(user), request_id=request.pk)
    lab.push()
    assert lab.hub_status(repository, "kim") == "reset"
    assert lab.sent()[-1]["body"]["resetReason"] == "withdrawn by the requester"
    lab.compare(repository)
    assert lab.request(repository, "kim").status == "withdrawn"
