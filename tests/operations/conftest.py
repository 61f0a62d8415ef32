"""A set-up in which something of each sort went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from access.models import AccessRequest
from hubgate import counters
from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.notify import actions as notify
from hubgate.notify.models import Delivery
from hubgate.operations import actions
from hubgate.outbox import worker
from repos import actions as repos
from repos.models import Namespace
from tests import factories

EMAIL, ANSWER = "canary@northlake.example", "canary answer"
REFUSAL = f"The mail server answered 550: no such person {EMAIL}"


@dataclass
class Trouble:
    """`parked` is a decision that may not be told to the Hub, `failed` and `unsure` are mails that did not arrive."""

    operator: User
    author: User
    parked: AccessRequest
    failed: Delivery
    unsure: Delivery

    @property
    def actor(self) -> Actor:
        return actor_of(self.operator)

    def signed_in(self, **more: Any) -> Client:
        client = Client(**more)
        client.force_login(self.operator)
        return client


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    counters.take()


@pytest.fixture
def trouble(db: None) -> Trouble:
    author = factories.make_author("aurora-lab", "mara")
    repository = factories.make_repository("aurora-lab/tiny-gated")
    asked = factories.ask(repository, "jordan", email=EMAIL, answers={"Purpose": ANSWER})
    factories.decide(author, asked, "accept")
    other = factories.decide(author, factories.ask(repository, "kim", email="canary2@northlake.example"), "accept")
    failed, unsure = Delivery.objects.filter(notification__identity__isnull=False).order_by("pk")[:2]
    notify.record_outcome(failed, state=Delivery.State.FAILED, error=REFUSAL)
    notify.record_outcome(unsure, state=Delivery.State.UNSURE, error="The mail server may have taken this mail.")
    namespace = Namespace.objects.get()
    repos.switch_changes(actor=actor_of(author), namespace=namespace, on=False)
    worker.drain("access.push")
    repos.claim_namespace(now=timezone.now())
    namespace.refresh_from_db()
    repos.record_round(
        namespace=namespace,
        next_at=timezone.now(),
        finished=True,
        error="A card could not be read.",
        began_at=timezone.now(),
    )
    actions.record_heartbeat(name="web-a-1", kind="web", host="a", pid=1)
    actions.record_heartbeat(name="worker-a-2", kind="worker", host="a", pid=2)
    actions.record_tick()
    return Trouble(User.objects.create_superuser("operator"), author, other, failed, unsure)
