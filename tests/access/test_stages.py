"""Release plans as they are kept and carried: who may open what, what the Hub is told, who is let in."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from access import actions as access
from access import states, tasks
from access.actions import release
from access.models import AccessRequest, BulkDecision, ReleasePlan, Stage
from access.queries import stages as reads
from access.queries.recall import Chosen
from access.release import StageFacts
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Notification
from hubgate.outbox import queries as outbox
from hubgate.outbox import worker
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mara(author):
    return factories.actor(author)


def stage(name: str, gate: str = "manual", **facts) -> StageFacts:
    return StageFacts(name=name, gate=gate, **facts)


def save(mara, repository, *stages: StageFacts) -> ReleasePlan:
    return release.save_plan(actor=mara, repository_id=repository.pk, stages=stages)


def named(repository, name: str) -> Stage:
    return Stage.objects.get(plan__repository=repository, name=name)


def open_stage(mara, repository, name: str) -> ReleasePlan:
    return release.advance(actor=mara, repository_id=repository.pk, to=named(repository, name).pk)


def told(repository) -> bool:
    """Whether the gate waits to be told to the Hub."""
    return outbox.states(states.GATE, [repository.pk]).get(str(repository.pk), outbox.SETTLED).behind


def events() -> list[str]:
    return list(
        AuditEvent.objects.filter(event__startswith="access.release").order_by("pk").values_list("event", flat=True)
    )


def test_a_plan_is_written_once_and_the_same_again_is_nothing(mara, repository):
    first = [stage("Private", "private"), stage("Testers", "auto", audience="people", members=("kim",), capacity=2)]
    plan = save(mara, repository, *first)
    assert list(plan.stages.order_by("position").values_list("name", flat=True)) == ["Private", "Testers"]
    assert not told(repository)
    again = save(mara, repository, *first)
    assert (again.version, events()) == (plan.version, ["access.release.plan-saved"])

    save(mara, repository, first[1], first[0], stage("Open", "open"))
    assert list(plan.stages.order_by("position").values_list("name", flat=True)) == ["Testers", "Private", "Open"]
    with pytest.raises(WrongStateError, match="Somebody changed this release plan") as caught:
        release.save_plan(actor=mara, repository_id=repository.pk, stages=first, seen_version=plan.version)
    assert caught.value.code == "plan_changed"
    with pytest.raises(InvalidInputError):
        save(mara, repository, stage(""))


def test_names_may_be_swapped(mara, repository):
    save(mara, repository, stage("One"), stage("Two", "auto"))
    one, two = named(repository, "One"), named(repository, "Two")
    swapped = [StageFacts(name="Two", gate="manual", id=one.pk), StageFacts(name="One", gate="auto", id=two.pk)]
    save(mara, repository, *swapped)
    assert named(repository, "Two").pk == one.pk


def test_stages_are_added_edited_moved_and_removed(mara, repository):
    added = release.add_stage(actor=mara, repository_id=repository.pk, stage=stage("Testers"))
    release.add_stage(actor=mara, repository_id=repository.pk, stage=stage("Open", "open"))
    with pytest.raises(InvalidInputError) as caught:
        release.add_stage(actor=mara, repository_id=repository.pk, stage=stage("testers"))
    assert set(caught.value.fields) == {"name"}
    release.edit_stage(actor=mara, repository_id=repository.pk, stage_id=added.pk, stage=stage("Named", capacity=3))
    assert named(repository, "Named").capacity == 3
    release.move_stage(actor=mara, repository_id=repository.pk, stage_id=added.pk, by=1)
    assert [one.name for one in Stage.objects.order_by("position")] == ["Open", "Named"]
    release.remove_stage(actor=mara, repository_id=repository.pk, stage_id=added.pk)
    assert [one.name for one in Stage.objects.all()] == ["Open"]
    open_stage(mara, repository, "Open")
    with pytest.raises(WrongStateError) as refused:
        release.remove_stage(actor=mara, repository_id=repository.pk, stage_id=named(repository, "Open").pk)
    assert refused.value.code == "stage_in_force"


def test_only_who_decides_for_the_repository_writes_its_plan(mara, repository):
    stranger = factories.actor(factories.make_author("borealis", "olga"))
    with pytest.raises(NotFoundOrHiddenError):
        save(stranger, repository, stage("Testers"))
    rita = factories.make_author("readers", "rita", changes_enabled=False)
    reader = factories.make_repository("readers/model")
    with pytest.raises(WrongStateError) as caught:
        save(factories.actor(rita), reader, stage("Testers"))
    assert caught.value.code == "reading_only"
    space = factories.make_repository("aurora-lab/space", kind="spaces")
    with pytest.raises(InvalidInputError, match="A Space cannot have a release plan"):
        save(mara, space, stage("Testers"))


def test_a_stage_is_opened_only_when_its_conditions_hold(mara, repository):
    vetted = stage("Vetted", needs_license=True, needs_tag_ruling=True, needs_evaluation=True, needs_go=True)
    save(mara, repository, vetted, stage("Open", "open"))
    with pytest.raises(WrongStateError) as caught:
        open_stage(mara, repository, "Vetted")
    assert caught.value.code == "conditions_unmet"
    assert caught.value.data["conditions"] == ["license", "tag", "evaluation", "go"]
    with pytest.raises(WrongStateError) as caught:
        open_stage(mara, repository, "Open")
    assert caught.value.code == "stage_changed"

    from tagging import actions as tagging

    factories.change_card(repository, "---\nlicense: openrail\n---\n# Model\n")
    tagging.decide(actor=mara, repository_id=repository.pk, is_set=True, reason="Medical pictures.")
    link = "https://hub.example/spaces/aurora-lab/explorer"
    tagging.attach(actor=mara, repository_id=repository.pk, about="bias", title="Gap", finding="None.", link=link)
    row = named(repository, "Vetted")
    release.give_go(actor=mara, repository_id=repository.pk, stage_id=row.pk)
    plan = open_stage(mara, repository, "Vetted")
    assert plan.stage == row
    assert told(repository)
    assert open_stage(mara, repository, "Vetted").version == plan.version
    event = AuditEvent.objects.get(event="access.release.stage-opened")
    assert (event.actor_label, event.data["stage"], event.data["gate"]) == ("Mara Keller", "Vetted", "by hand")


def test_a_go_is_taken_back_and_an_incident_forgets_it(mara, repository):
    save(mara, repository, stage("One"), stage("Two", needs_go=True), stage("Three", "auto"))
    two = named(repository, "Two")
    release.give_go(actor=mara, repository_id=repository.pk, stage_id=two.pk)
    release.take_back_go(actor=mara, repository_id=repository.pk, stage_id=two.pk)
    open_stage(mara, repository, "One")
    with pytest.raises(WrongStateError):
        open_stage(mara, repository, "Two")
    release.give_go(actor=mara, repository_id=repository.pk, stage_id=two.pk)
    open_stage(mara, repository, "Two")
    release.step_back(actor=mara, repository_id=repository.pk, to=named(repository, "One").pk)
    with pytest.raises(WrongStateError, match="An author says go"):
        open_stage(mara, repository, "Two")
    with pytest.raises(WrongStateError, match="asks for no go"):
        release.give_go(actor=mara, repository_id=repository.pk, stage_id=named(repository, "Three").pk)


def test_a_stage_opens_on_its_date_and_its_authors_are_told_once(mara, repository):
    soon = timezone.now() + timedelta(hours=1)
    save(mara, repository, stage("One"), stage("Two", "auto", opens_at=soon, needs_go=True), stage("Three", "open"))
    open_stage(mara, repository, "One")
    with pytest.raises(WrongStateError, match="Not before"):
        open_stage(mara, repository, "Two")
    with time_machine.travel(soon - timedelta(seconds=1), tick=False):
        tasks.open_stages()
    assert ReleasePlan.objects.get().stage == named(repository, "One")
    with time_machine.travel(soon, tick=False):
        tasks.open_stages()
        tasks.open_stages()
        assert ReleasePlan.objects.get().stage == named(repository, "One")
        release.give_go(actor=mara, repository_id=repository.pk, stage_id=named(repository, "Two").pk)
        tasks.open_stages()
    assert ReleasePlan.objects.get().stage == named(repository, "Two")
    opened = AuditEvent.objects.filter(event="access.release.stage-opened").latest("pk")
    assert (opened.actor_kind, opened.cause) == ("system", "stage")
    assert AuditEvent.objects.filter(event="access.release.stage-held-back").count() == 1
    told = Notification.objects.filter(kind__startswith="access.stage-").order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["access.stage-held-back", "access.stage-opened"]


def test_a_date_that_was_over_when_it_was_stepped_back_opens_nothing(mara, repository):
    soon = timezone.now() + timedelta(minutes=5)
    save(mara, repository, stage("One"), stage("Two", "auto", opens_at=soon))
    open_stage(mara, repository, "One")
    with time_machine.travel(soon + timedelta(minutes=1), tick=True):
        tasks.open_stages()
        assert ReleasePlan.objects.get().stage == named(repository, "Two")
        release.step_back(actor=mara, repository_id=repository.pk, to=named(repository, "One").pk)
        tasks.open_stages()
        assert ReleasePlan.objects.get().stage == named(repository, "One")


def test_who_fits_is_let_in_by_order_of_asking_up_to_the_places(mara, repository):
    now = timezone.now()
    asked = {"lee": 3, "kim": 2, "ann": 1}
    for name, hours in asked.items():
        factories.ask(repository, name, asked_at=now - timedelta(hours=hours), email=f"{name}@lab.northlake.edu")
    outsider = factories.ask(repository, "zoe", asked_at=now - timedelta(hours=9), email="zoe@elsewhere.org")
    domains = {"audience": "domains", "members": ("northlake.edu",), "capacity": 2}
    save(mara, repository, stage("Labs", "auto", **domains), stage("All", "auto"))
    tasks.open_stages()
    assert not AccessRequest.objects.filter(status="accepted").exists()
    open_stage(mara, repository, "Labs")
    tasks.open_stages()
    accepted = AccessRequest.objects.filter(status="accepted")
    assert set(accepted.values_list("person__username", "cause", "decided_by_label")) == {
        ("lee", "stage", "hubgate"),
        ("kim", "stage", "hubgate"),
    }
    ann = AccessRequest.objects.get(person__username="ann")
    assert reads.line_of(ann) == "Place 1 of 1 in line: “Labs” is full."
    assert reads.line_of(outsider) == (
        "Not in the audience of “Labs”, which is for people with an address of certain mail domains."
    )
    assert reads.taken(named(repository, "Labs")) == 2

    open_stage(mara, repository, "All")
    tasks.open_stages()
    assert AccessRequest.objects.filter(status="accepted").count() == 4
    assert reads.taken(named(repository, "Labs")) == 2
    assert set(reads.let_in_by(named(repository, "All")).values_list("person__username", flat=True)) == {"ann", "zoe"}


@pytest.mark.parametrize(
    ("audience", "members", "fits"),
    [
        ("people", ("KIM",), {"kim"}),
        ("organisations", ("Northlake",), {"lee"}),
        ("domains", ("northlake.edu",), {"kim", "sub"}),
        ("anyone", (), {"kim", "lee", "sub", "oth"}),
    ],
)
def test_whom_a_stage_is_for(mara, repository, audience, members, fits):
    factories.ask(repository, "Kim", email="kim@northlake.edu")
    factories.ask(repository, "lee", email="lee@gmail.com", organisations=["NorthLake"])
    factories.ask(repository, "sub", email="sub@x.northlake.edu")
    factories.ask(repository, "oth", email="oth@notnorthlake.edu", organisations=["Northlakes"])
    save(mara, repository, stage("One", "auto", audience=audience, members=members))
    open_stage(mara, repository, "One")
    tasks.open_stages()
    accepted = AccessRequest.objects.filter(status="accepted").values_list("person__username", flat=True)
    assert {name.lower() for name in accepted} == fits


def test_who_was_put_back_waits_for_a_person(author, mara, repository):
    request = factories.ask(repository, "kim")
    save(mara, repository, stage("One", "auto"))
    open_stage(mara, repository, "One")
    tasks.open_stages()
    factories.decide(author, request, "put_back")
    tasks.open_stages()
    request.refresh_from_db()
    assert request.status == "pending"
    assert reads.line_of(request) == ""


def test_nobody_is_accepted_over_the_places_but_by_who_says_so(author, mara, repository):
    kim, lee = factories.ask(repository, "kim"), factories.ask(repository, "lee")
    save(mara, repository, stage("One", capacity=1))
    open_stage(mara, repository, "One")
    factories.decide(author, kim, "accept")
    with pytest.raises(WrongStateError, match="“One” is full") as caught:
        factories.decide(author, lee, "accept")
    assert caught.value.code == "stage_full"
    with pytest.raises(WrongStateError, match="“One” is full"):
        access.grant(actor=mara, repository_id=repository.pk, username="ann")
    granted = access.grant(actor=mara, repository_id=repository.pk, username="ann", over_capacity=True)
    assert granted.status == "accepted"


def test_a_place_is_free_once_the_hub_was_told_and_an_undo_finds_it(author, mara, repository):
    kim, lee = factories.ask(repository, "kim"), factories.ask(repository, "lee")
    save(mara, repository, stage("One", capacity=1))
    open_stage(mara, repository, "One")
    factories.decide(author, kim, "accept")
    access.record_pushed(request_ids=[kim.pk], hub_status="accepted")
    factories.decide(author, kim, "reset", "A mistake")
    with pytest.raises(WrongStateError, match="“One” is full"):
        factories.decide(author, lee, "accept")
    access.record_pushed(request_ids=[kim.pk], hub_status="reset")
    factories.decide(author, lee, "accept")
    with pytest.raises(WrongStateError, match="“One” is full"):
        access.undo(actor=mara, request_id=kim.pk)


def test_many_at_once_are_accepted_as_far_as_there_are_places(author, mara, repository):
    now = timezone.now()
    for number in range(5):
        factories.ask(repository, f"p{number}", asked_at=now - timedelta(hours=number))
    save(mara, repository, stage("One", capacity=2))
    open_stage(mara, repository, "One")
    ids = list(AccessRequest.objects.values_list("pk", flat=True))
    bulk = access.prepare_bulk(actor=mara, key=uuid4(), verb="accept", request_ids=ids)
    from access import queries

    plan = queries.plan_of_bulk(mara, bulk)
    assert (plan.will, {str(code): number for (code, _), number in plan.refused.items()}) == (2, {"stage_full": 3})
    access.start_bulk(actor=mara, key=bulk.key)
    worker.drain(states.BULK)
    accepted = AccessRequest.objects.filter(status="accepted").values_list("person__username", flat=True)
    assert set(accepted) == {"p4", "p3"}
    assert set(bulk.rows.filter(outcome="refused").values_list("code", flat=True)) == {"stage_full"}


def test_a_recall_closes_the_gate_and_resets_whom_the_stage_let_in(author, mara, repository):
    before = factories.ask(repository, "old")
    save(mara, repository, stage("One", "auto"), stage("Two", "auto"))
    open_stage(mara, repository, "One")
    tasks.open_stages()
    open_stage(mara, repository, "Two")
    during = factories.ask(repository, "new")
    tasks.open_stages()
    key, two = uuid4(), named(repository, "Two")
    whose = Chosen("stage", stage_id=two.pk)
    facts = {"repository_id": repository.pk, "key": key, "gate": "private", "whose": whose, "reason": "A leak."}
    done = release.recall(actor=mara, **facts)
    again = release.recall(actor=mara, **facts)
    assert done.bulk is not None
    assert again.bulk == done.bulk
    assert BulkDecision.objects.count() == 1
    plan = ReleasePlan.objects.get()
    wanted = reads.wanted_of(plan)
    assert wanted is not None
    assert wanted.word == "private"
    worker.drain(states.BULK)
    during.refresh_from_db()
    before.refresh_from_db()
    assert (during.status, during.cause, during.reason) == ("reset", "recall", "A leak.")
    assert before.status == "accepted"
    factories.ask(repository, "next")
    tasks.open_stages()
    assert AccessRequest.objects.get(person__username="next").status == "pending"
    with pytest.raises(WrongStateError, match="is not the stage|recalled"):
        open_stage(mara, repository, "One")
    release.reopen(actor=mara, repository_id=repository.pk)
    tasks.open_stages()
    assert AccessRequest.objects.get(person__username="next").status == "accepted"


@pytest.mark.parametrize(
    ("whose", "reset"),
    [
        (Chosen("everybody"), {"kim", "lee"}),
        (Chosen("everybody", domain="northlake.edu"), {"kim"}),
        (Chosen("nobody"), set()),
    ],
)
def test_whose_grants_a_recall_resets(mara, repository, whose, reset):
    factories.ask(repository, "kim", email="kim@northlake.edu")
    factories.ask(repository, "lee", email="lee@elsewhere.org")
    save(mara, repository, stage("One", "auto"))
    open_stage(mara, repository, "One")
    tasks.open_stages()
    release.recall(actor=mara, repository_id=repository.pk, key=uuid4(), gate="manual", whose=whose, reason="A leak.")
    worker.drain(states.BULK)
    found = AccessRequest.objects.filter(status="reset").values_list("person__username", flat=True)
    assert set(found) == reset


def test_a_recall_needs_a_reason_and_a_stage(mara, repository):
    save(mara, repository, stage("One", "auto"))
    facts = {"actor": mara, "repository_id": repository.pk, "key": uuid4(), "whose": Chosen("everybody")}
    with pytest.raises(InvalidInputError, match="Give a reason"):
        release.recall(**facts, gate="manual", reason=" ")
    with pytest.raises(InvalidInputError, match="how far to close"):
        release.recall(**facts, gate="open", reason="A leak.")
    with pytest.raises(WrongStateError, match="nothing to recall"):
        release.recall(**facts, gate="manual", reason="A leak.")


def test_how_long_a_grant_lasts_by_the_stage_in_force(mara, repository):
    other = factories.make_repository("aurora-lab/other")
    save(mara, repository, stage("One", grant_days=30))
    assert reads.grant_days([repository.pk, other.pk]) == {}
    open_stage(mara, repository, "One")
    assert reads.grant_days([repository.pk, other.pk]) == {repository.pk: 30}


def test_a_clock_that_steps_back_breaks_nothing(mara, repository):
    save(mara, repository, stage("One"), stage("Two"))
    open_stage(mara, repository, "One")
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=True):
        open_stage(mara, repository, "Two")
    one, two = (named(repository, name).entries.get() for name in ("One", "Two"))
    assert one.began_at == one.ended_at == two.began_at
