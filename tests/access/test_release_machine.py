"""Releases driven at random: plans, dates, decisions, recalls, a Hub that fails and a hand that changes its gate.
Whatever happens, no call of ours makes the Hub more open than the plan, no stage lets in more than it has places, and
nobody is told twice."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import time_machine
from django.core import mail
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from access import release as rules
from access import states, tasks
from access.actions import release
from access.models import AccessRequest, ReleasePlan, Stage
from access.queries import stages as reads
from access.queries.recall import Chosen
from access.release import Setting, StageFacts, openness
from hubgate.audit.models import AuditEvent
from hubgate.errors import DomainError
from hubgate.notify.actions import DELIVER_MAIL
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos import rules as repo_rules
from repos.hub import client_of
from tests import factories
from tests.labfixtures import Lab

PEOPLE = ("ann", "ben", "cleo", "dan", "eve")
FAULTS = (
    {"kind": "server_error", "status": 503},
    {"kind": "apply_then_fail"},
    {"kind": "cut_body"},
    {"kind": "rate_limited", "t": 5, "bucket": "api"},
    {"kind": "server_error", "status": 403},
)
PATHS = ("/settings", "/user-access-request/")
_numbers = itertools.count(1)

stages: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.one_of(
        st.builds(
            dict,
            gate=st.sampled_from(rules.ASKED),
            capacity=st.sampled_from([None, 1, 2]),
            audience=st.sampled_from([rules.ANYONE, rules.PEOPLE]),
            needs_go=st.booleans(),
            hours=st.sampled_from([None, 1, 30]),
        ),
        st.builds(dict, gate=st.sampled_from([rules.PRIVATE, rules.OPEN]), hours=st.sampled_from([None, 30])),
    ),
    min_size=2,
    max_size=4,
)


class Release(RuleBasedStateMachine):
    """One repository on the local Hub, its release, and the clock."""

    lab: Lab

    @initialize(plan=stages, gated=st.sampled_from(["manual", "auto", False]), private=st.booleans())
    def begin(self, plan: list[dict], gated: bool | str, private: bool) -> None:
        self.lab.hub.clear_faults()
        mail.outbox.clear()
        Notification.objects.all().delete()
        self.now = timezone.now()
        self.actor = factories.actor(self.lab.author)
        with self.at():
            self.repository = self.lab.repository(f"release-{next(_numbers)}", gated=gated, private=private)
            facts = [self.stage(place, values) for place, values in enumerate(plan)]
            release.save_plan(actor=self.actor, repository_id=self.repository.pk, stages=facts)

    def stage(self, place: int, values: dict) -> StageFacts:
        hours = values.pop("hours")
        members = ("ann", "cleo") if values.get("audience") == rules.PEOPLE else ()
        opens_at = self.now + timedelta(hours=hours) if hours else None
        return StageFacts(name=f"Stage {place}", members=members, opens_at=opens_at, **values)

    def at(self) -> time_machine.travel:
        self.now += timedelta(seconds=2)
        return time_machine.travel(self.now, tick=True)

    @property
    def plan(self) -> ReleasePlan:
        return ReleasePlan.objects.select_related("stage").get(repository=self.repository)

    def hub(self) -> Setting:
        info = client_of(self.lab.namespace).repo_info("models", self.repository.name, with_card=False)
        return Setting(repo_rules.gate_word(info.gated), bool(info.private))

    def attempt(self, act, **facts) -> None:
        """An act that may be refused: what it was refused for changes nothing."""
        with self.at(), suppress(DomainError):
            act(actor=self.actor, repository_id=self.repository.pk, **facts)

    def neighbour(self, pick) -> int:
        ids = list(Stage.objects.filter(plan=self.plan).order_by("position").values_list("pk", flat=True))
        return pick(ids, self.plan.stage_id) or ids[0]

    @rule()
    def advance(self) -> None:
        self.attempt(release.advance, to=self.neighbour(rules.following))

    @rule()
    def step_back(self) -> None:
        self.attempt(release.step_back, to=self.neighbour(rules.preceding))

    @rule()
    def give_go(self) -> None:
        self.attempt(release.give_go, stage_id=self.neighbour(rules.following))

    @rule(gate=st.sampled_from(rules.RECALL_GATES), way=st.sampled_from(["everybody", "nobody"]))
    def recall(self, gate: str, way: str) -> None:
        self.attempt(release.recall, key=uuid4(), gate=gate, whose=Chosen(way), reason="A leak.")
        with self.at():
            worker.drain(states.BULK)

    @rule()
    def reopen(self) -> None:
        self.attempt(release.reopen)

    @rule(way=st.sampled_from([release.put_ours_back, release.take_theirs]))
    def settle(self, way) -> None:
        self.attempt(way)

    @rule(username=st.sampled_from(PEOPLE))
    def ask(self, username: str) -> None:
        if self.lab.hub.row(self.repository.name, username) is None:
            with self.at():
                self.lab.hub.requests(self.repository.name, [{"user": username}])
                self.lab.poll(self.repository)

    @rule(number=st.integers(0, 4), verb=st.sampled_from(["accept", "reject", "reset"]))
    def decide(self, number: int, verb: str) -> None:
        found = list(AccessRequest.objects.filter(repository=self.repository).order_by("pk"))
        if number < len(found):
            with self.at(), suppress(DomainError):
                self.lab.decide(found[number], verb)

    @rule(hours=st.sampled_from([1, 25]))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.tick()

    @rule()
    def tick(self) -> None:
        with self.at():
            tasks.open_stages()

    @rule(fault=st.sampled_from(FAULTS), path=st.sampled_from(PATHS))
    def fail_next(self, fault: dict, path: str) -> None:
        method = "PUT" if path == "/settings" else "POST"
        self.lab.hub.fault(**fault, method=method, path=path, count=1)

    @rule(gated=st.sampled_from([False, "auto", "manual"]))
    def change_on_the_hub(self, gated: bool | str) -> None:
        self.lab.hub.repo(self.repository.name, gated=gated)
        self.now += timedelta(minutes=1)
        with self.at():
            self.lab.mirror()

    @rule()
    def carry_gate(self) -> None:
        """Each call of ours to the settings is held against the plan."""
        with self.at():
            hub, to, paused = self.hub(), reads.wanted_of(self.plan), self.plan.paused_at
            drifted = self.plan.drift_at is not None or not self.plan.waits
            self.lab.hub.clear_journal()
            OutboxItem.objects.filter(kind=states.GATE).update(due_at=timezone.now())
            worker.drain(states.GATE)
            calls = [one["body"] for one in self.lab.hub.journal(method="PUT", path="/settings")]
            assert not calls or not (paused or drifted), "the Hub was run over"
            for body in calls:
                gated = repo_rules.gate_word(body["gated"]) if "gated" in body else hub.gated
                private = body["visibility"] == "private" if "visibility" in body else hub.private
                after = Setting(gated, private)
                assert to is not None
                assert openness(after) <= max(openness(to), openness(hub))
                assert openness(after) <= openness(hub) or openness(after) <= openness(to)
                hub = after

    @rule()
    def push(self) -> None:
        with self.at():
            self.lab.push()
        self.now += timedelta(seconds=20)

    @invariant()
    @precondition(lambda self: hasattr(self, "repository"))
    def no_stage_is_over_full(self) -> None:
        for stage in Stage.objects.select_related("plan").filter(plan__repository=self.repository, capacity__gt=0):
            assert reads.let_in_by(stage).count() <= (stage.capacity or 0)

    @invariant()
    @precondition(lambda self: hasattr(self, "repository"))
    def nobody_is_told_twice(self) -> None:
        accepted = AuditEvent.objects.filter(event="access.request.accepted", repository_id=self.repository.pk).count()
        told = Notification.objects.filter(kind="access.accepted", repository_id=self.repository.pk)
        assert told.count() <= accepted

    def teardown(self) -> None:
        """Once the Hub is well again and all is carried out, it is as the plan has it."""
        if hasattr(self, "repository"):
            self.end()
            ReleasePlan.objects.update(paused_at=timezone.now())  # the next example is by itself

    def end(self) -> None:
        self.lab.hub.clear_faults()
        for _ in range(3):
            self.now += timedelta(hours=1)
            with self.at():
                for kind in (states.GATE, states.PUSH):
                    OutboxItem.objects.filter(kind=kind).update(parked_at=None)
                self.lab.push()
            self.carry_gate()
        with self.at():
            OutboxItem.objects.filter(kind=DELIVER_MAIL).update(due_at=timezone.now())
            worker.drain(DELIVER_MAIL)
            sent = [message.extra_headers["Message-ID"] for message in mail.outbox]
            assert len(set(sent)) == len(sent) == Delivery.objects.filter(state=Delivery.State.SENT).count()
            to, plan = reads.wanted_of(self.plan), self.plan
            if to is not None and plan.drift_at is None:
                assert rules.difference(self.hub(), to) == ""
                assert not plan.waits


def test_whatever_happens_a_release_is_never_more_open_than_its_plan(lab: Lab):
    machine = type("LabRelease", (Release,), {"lab": lab})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.generate],  # to make a failure smaller takes minutes over a real Hub
            suppress_health_check=list(HealthCheck),
        ),
    )
