"""The gate of a release on the Hub: in which order it is set, what the Hub's faults do to it, who else changed it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from access import states
from access.actions import release
from access.models import ReleasePlan, Stage
from access.queries.recall import Chosen
from access.release import StageFacts
from hubgate.audit.models import AuditEvent
from hubgate.errors import WrongStateError
from hubgate.notify.models import Notification
from hubgate.outbox import queries as outbox
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from tests import factories
from tests.labfixtures import Lab, later

STAGES = (
    StageFacts(name="Private", gate="private"),
    StageFacts(name="By hand", gate="manual"),
    StageFacts(name="Automatic", gate="auto"),
    StageFacts(name="Open", gate="open"),
)
AS_HELD = {"private": ("manual", True), "manual": ("manual", False), "auto": ("auto", False), "open": (False, False)}


class Release:
    """A repository of the lab with a plan of four stages, driven by its author."""

    def __init__(self, lab: Lab, **values) -> None:
        self.lab, self.repository = lab, lab.repository(**values)
        self.actor = factories.actor(lab.author)
        release.save_plan(actor=self.actor, repository_id=self.repository.pk, stages=STAGES)

    @property
    def plan(self) -> ReleasePlan:
        return ReleasePlan.objects.select_related("stage").get(repository=self.repository)

    def go(self, name: str) -> None:
        """To a stage, one by one."""
        names = [stage.name for stage in STAGES]
        while self.plan.stage is None or self.plan.stage.name != name:
            place = -1 if self.plan.stage is None else names.index(self.plan.stage.name)
            further = place < names.index(name)
            to = Stage.objects.get(plan=self.plan, name=names[place + (1 if further else -1)]).pk
            verb = release.advance if further else release.step_back
            verb(actor=self.actor, repository_id=self.repository.pk, to=to)

    def carry(self) -> None:
        OutboxItem.objects.filter(kind=states.GATE).update(due_at=timezone.now())
        worker.drain(states.GATE)

    def hub(self) -> tuple[bool | str, bool]:
        """How the Hub itself holds the repository."""
        from repos.hub import client_of

        info = client_of(self.lab.namespace).repo_info("models", self.repository.name, with_card=False)
        assert info.gated is not None
        assert info.private is not None
        return info.gated, info.private

    def sent(self) -> list[dict]:
        return [one["body"] for one in self.lab.hub.journal(method="PUT", path="/settings")]

    def state(self) -> outbox.State:
        return outbox.states(states.GATE, [self.repository.pk])[str(self.repository.pk)]


@pytest.fixture
def released(lab: Lab) -> Release:
    return Release(lab)


def test_each_stage_reaches_the_hub_and_nothing_is_sent_twice(released: Release):
    for stage in (*STAGES, *reversed(STAGES)):
        released.go(stage.name)
        released.carry()
        assert released.hub() == AS_HELD[stage.gate]
        assert not released.plan.waits
        repository = released.lab.find(released.repository.name)
        assert (repository.gate, repository.private) == (
            stage.gate if stage.gate in ("auto", "open") else "manual",
            stage.gate == "private",
        )
    count = len(released.sent())
    OutboxItem.objects.filter(kind=states.GATE).update(wanted=99)
    released.carry()
    assert len(released.sent()) == count
    assert not Notification.objects.filter(kind="access.gate-drift").exists()


def test_making_public_comes_last_and_making_private_first(lab: Lab):
    released = Release(lab, name="closed", gated=False, private=True)
    released.go("By hand")
    released.carry()
    assert released.sent() == [{"gated": "manual"}, {"visibility": "public"}]
    released.go("Open")
    released.carry()
    lab.hub.clear_journal()
    released.go("Private")
    released.carry()
    assert released.sent() == [{"visibility": "private"}, {"gated": "manual"}]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "apply_then_fail"},
        {"kind": "server_error", "status": 503},
        {"kind": "html"},
        {"kind": "rate_limited", "t": 1, "bucket": "api"},
    ],
)
def test_a_fault_of_the_hub_loses_no_gate(released: Release, fault: dict):
    released.lab.hub.fault(**fault, method="PUT", path="/settings", count=1)
    released.go("By hand")
    released.go("Automatic")
    released.carry()
    waited = released.plan.waits
    with later(60):
        released.carry()
    assert released.hub() == ("auto", False)
    assert (waited, released.plan.waits) == (True, False)
    assert not Notification.objects.filter(kind="access.gate-refused").exists()


def test_a_refused_gate_is_parked_told_and_tried_again(released: Release):
    released.lab.hub.token("aurora-lab", secret=released.lab.token, role="read")
    released.go("By hand")
    released.go("Automatic")
    released.carry()
    assert released.state().parked
    told = Notification.objects.filter(kind="access.gate-refused")
    assert told.count() == 1
    released.lab.hub.token("aurora-lab", secret=released.lab.token, role="write")
    release.retry_gate(actor=released.actor, repository_id=released.repository.pk)
    released.carry()
    assert released.hub() == ("auto", False)


def test_a_namespace_that_is_only_read_is_told_nothing(released: Release):
    released.go("By hand")
    repo_actions.switch_changes(actor=released.actor, namespace=released.lab.namespace, on=False)
    released.lab.hub.clear_journal()
    released.carry()
    assert released.sent() == []
    assert released.state().parked


def test_a_gate_that_somebody_opened_by_hand_is_shown_and_not_run_over(released: Release):
    released.go("By hand")
    released.carry()
    with later(60):
        released.lab.hub.repo(released.repository.name, gated=False)
        released.lab.mirror()
        released.carry()
        plan = released.plan
        assert (plan.hub_gate, plan.waits) == ("open", False)
        assert plan.drift_at is not None
        assert released.hub() == (False, False)
        notice = Notification.objects.get(kind="access.gate-drift")
        assert notice.data["more_open"] is True
        released.lab.mirror()
        released.carry()
        assert Notification.objects.filter(kind="access.gate-drift").count() == 1
        with pytest.raises(WrongStateError) as caught:
            released.go("Automatic")
        assert caught.value.code == "gate_drift"

        release.put_ours_back(actor=released.actor, repository_id=released.repository.pk)
        released.carry()
        assert released.hub() == ("manual", False)


def test_theirs_is_taken_and_the_plan_pauses(released: Release):
    released.go("By hand")
    released.carry()
    with later(60):
        released.lab.hub.repo(released.repository.name, gated="auto")
        released.lab.mirror()
        released.carry()
        release.take_theirs(actor=released.actor, repository_id=released.repository.pk)
        released.carry()
        assert released.hub() == ("auto", False)
        with pytest.raises(WrongStateError, match="This plan is paused"):
            released.go("Automatic")
        release.put_ours_back(actor=released.actor, repository_id=released.repository.pk)
        released.carry()
    assert released.hub() == ("manual", False)


def test_who_puts_the_gate_back_on_the_hub_itself_settles_it(released: Release):
    released.go("By hand")
    released.carry()
    with later(60):
        for gated in ("auto", "manual"):
            released.lab.hub.repo(released.repository.name, gated=gated)
            released.lab.mirror()
            released.carry()
    assert released.plan.drift_at is None
    kinds = AuditEvent.objects.filter(event__startswith="access.release.gate").order_by("pk")
    assert list(kinds.values_list("event", flat=True))[-2:] == [
        "access.release.gate-changed-on-hub",
        "access.release.gate-agrees-again",
    ]


def test_a_recall_closes_the_gate_before_anybody_is_reset(lab: Lab):
    released = Release(lab)
    released.go("Automatic")
    released.carry()
    (kim,) = lab.ask(released.repository, "kim", status="accepted")
    lab.hub.clear_journal()
    release.recall(
        actor=released.actor,
        repository_id=released.repository.pk,
        key=uuid4(),
        gate="private",
        whose=Chosen("everybody"),
        reason="A leak.",
    )
    worker.drain(states.BULK)
    lab.push()
    assert lab.hub_status(released.repository, "kim") == "accepted"
    released.carry()
    lab.push()
    assert lab.hub_status(released.repository, "kim") == "reset"
    order = [one["path"].rsplit("/", 1)[1] for one in lab.hub.journal() if one["method"] != "GET"]
    assert order == ["settings", "settings", "batch"]
    assert released.hub() == ("manual", True)


def test_a_gate_is_opened_after_those_were_reset_who_lose_access(lab: Lab):
    released = Release(lab)
    released.go("By hand")
    released.carry()
    (kim,) = lab.ask(released.repository, "kim", status="accepted")
    lab.decide(kim, "reset")
    released.go("Open")
    released.carry()
    assert released.hub() == ("manual", False)
    lab.push()
    released.carry()
    assert released.hub() == (False, False)
