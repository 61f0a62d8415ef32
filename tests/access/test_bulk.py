"""Many requests decided at once: what was shown is what is done, one result for each, and the way back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import actions, queries, states
from access.models import AccessRequest, BulkDecision, BulkRow
from access.queries import Filter
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox import queue
from hubgate.outbox.models import OutboxItem
from tests import factories
from tests.threads import failures, race


@pytest.fixture
def mara(author):
    return factories.actor(author)


def ask_many(repository, number: int, start: int = 0) -> list[AccessRequest]:
    rows = [
        factories.row(f"person-{place}", email=f"person-{place}@northlake.edu")
        for place in range(start, start + number)
    ]
    return sorted(factories.record(repository, *rows), key=lambda request: request.pk)


def prepare(actor, verb: str = "accept", *, key: UUID | None = None, **chosen) -> BulkDecision:
    return actions.prepare_bulk(actor=actor, key=key or uuid4(), verb=verb, **(chosen or {"wanted": Filter()}))


def run(actor, verb: str = "accept", reason: str = "", **chosen) -> BulkDecision:
    """A bulk decision confirmed and carried out."""
    bulk = actions.start_bulk(actor=actor, key=prepare(actor, verb, **chosen).key, reason=reason)
    actions.carry_out_bulk(bulk_id=bulk.pk)
    bulk.refresh_from_db()
    return bulk


def ended(bulk: BulkDecision) -> datetime:
    assert bulk.ended_at
    return bulk.ended_at


def statuses(**narrowed) -> list[str]:
    return list(AccessRequest.objects.filter(**narrowed).order_by("pk").values_list("status", flat=True))


def told_the_hub(*requests: AccessRequest) -> None:
    """The pushes of these requests are done."""
    keys = [str(request.pk) for request in requests]
    for request in requests:
        request.refresh_from_db()
        actions.record_pushed(request_ids=[request.pk], hub_status=request.status, pushed_at=timezone.now())
    for item in OutboxItem.objects.filter(kind=states.PUSH, key__in=keys):
        OutboxItem.objects.filter(pk=item.pk).update(done=item.wanted)


@pytest.mark.django_db(transaction=True)
def test_all_that_a_list_shows_is_decided_with_event_push_and_notice_each(mara, repository):
    requests = ask_many(repository, 5)
    bulk = run(mara)
    assert statuses() == ["accepted"] * 5
    assert (bulk.state, bulk.total) == ("done", 5)
    for request in AccessRequest.objects.all():
        assert (request.decided_by_id, request.decided_by_label) == (mara.user_id, "Mara Keller")
        assert (request.cause, request.decided_at) == ("reviewer", bulk.ended_at)
        assert request.before == {
            "status": "pending",
            "cause": "",
            "reason": "",
            "decided_at": None,
            "decided_by": None,
            "decided_by_label": "",
            "ends_at": None,
        }
    events = AuditEvent.objects.filter(event="access.request.accepted")
    assert events.count() == 5
    assert set(events.values_list("group", flat=True)) == {bulk.group}
    assert set(events.values_list("data__before", flat=True)) == {"pending"}
    pushes = OutboxItem.objects.filter(kind=states.PUSH)
    assert {int(item.key) for item in pushes} == {request.pk for request in requests}
    assert {(item.lane, item.scope) for item in pushes} == {(queue.BULK, str(repository.pk))}
    assert Notification.objects.filter(kind="access.accepted").count() == 5
    mails = Delivery.objects.filter(notification__kind="access.accepted")
    assert sorted(mails.values_list("address", flat=True)) == sorted(f"person-{n}@northlake.edu" for n in range(5))
    mail_work = OutboxItem.objects.filter(kind="notify.mail", key__in=[str(mail.pk) for mail in mails])
    assert {item.lane for item in mail_work} == {queue.BULK}
    assert all(item.due_at >= ended(bulk) + timedelta(seconds=15) for item in mail_work)


@pytest.mark.django_db(transaction=True)
def test_what_is_replaced_is_kept_so_that_it_can_come_back(mara, author, repository):
    (request,) = ask_many(repository, 1)
    factories.decide(author, request, "reject", "Too early.")
    before = AccessRequest.objects.get()
    run(mara, wanted=Filter(status="rejected"))
    kept = AccessRequest.objects.get().before or {}
    assert before.decided_at
    assert (kept["status"], kept["reason"], kept["cause"]) == ("rejected", "Too early.", "reviewer")
    assert datetime.fromisoformat(kept["decided_at"]) == before.decided_at
    assert kept["decided_by"] == mara.user_id


@pytest.mark.django_db(transaction=True)
def test_what_was_shown_is_what_is_done(mara, author, repository):
    """Whoever asks after the preview is not decided unseen, and who was decided meanwhile is left alone."""
    first, second = ask_many(repository, 2)
    bulk = prepare(mara)
    ask_many(repository, 1, start=10)
    noor = factories.make_author(username="noor", name="Noor Haddad")
    factories.decide(noor, first, "reject", "No affiliation.")
    plan = queries.plan_of_bulk(mara, bulk)
    assert (plan.will, plan.cannot) == (1, 1)

    actions.start_bulk(actor=mara, key=bulk.key)
    actions.carry_out_bulk(bulk_id=bulk.pk)
    assert statuses() == ["rejected", "accepted", "pending"]
    refused = BulkRow.objects.get(bulk=bulk, outcome="refused")
    assert (refused.request_id, refused.code) == (first.pk, "decided_meanwhile")
    assert refused.sentence.startswith("It is rejected now: Noor Haddad decided, ")
    event = AuditEvent.objects.get(event="access.bulk.refused")
    assert (event.data["count"], event.group) == (1, bulk.group)
    results = queries.results_of_bulk(mara, bulk)
    assert [(row.outcome, row.hub) for row in results.rows] == [("refused", ""), ("decided", "waiting")]
    assert second.pk == results.rows[1].request_id


@pytest.mark.django_db(transaction=True)
def test_a_preview_tells_what_will_happen_and_what_cannot(mara, author, repository):
    in_, out, waits = ask_many(repository, 3)
    factories.decide(author, in_, "accept")
    factories.decide(author, out, "reject", "No.")
    plan = queries.plan_of_bulk(mara, prepare(mara, "put_back", wanted=Filter(status="")))
    assert (plan.will, plan.lose_access, plan.cannot) == (2, 1, 1)
    assert plan.refused == {("no_move", "pending"): 1}
    assert plan.by_repository == {repository.name: (2, 1)}
    assert waits.status == "pending"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_decided_where_hubgate_only_reads_or_the_right_is_gone(mara, author, repository):
    ask_many(repository, 2)
    bulk = prepare(mara)
    repository.namespace.changes_enabled = False
    repository.namespace.save()
    run_again = actions.start_bulk(actor=mara, key=bulk.key)
    actions.carry_out_bulk(bulk_id=run_again.pk)
    assert set(BulkRow.objects.values_list("code", flat=True)) == {"reading_only"}

    repository.namespace.changes_enabled = True
    repository.namespace.save()
    bulk = actions.start_bulk(actor=mara, key=prepare(mara).key)
    author.is_active = False
    author.save()
    actions.carry_out_bulk(bulk_id=bulk.pk)
    assert set(BulkRow.objects.filter(bulk=bulk).values_list("code", flat=True)) == {"no_right"}
    assert statuses() == ["pending"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_wish_that_comes_twice_is_one(mara, repository):
    ask_many(repository, 2)
    key = uuid4()
    assert prepare(mara, key=key).pk == prepare(mara, key=key).pk
    for _ in range(2):
        bulk = actions.start_bulk(actor=mara, key=key)
    for _ in range(3):
        actions.carry_out_bulk(bulk_id=bulk.pk)
    assert AuditEvent.objects.filter(event="access.request.accepted").count() == 2
    assert set(OutboxItem.objects.filter(kind=states.PUSH).values_list("wanted", flat=True)) == {1}
    assert OutboxItem.objects.get(kind=states.BULK).wanted == 1


@pytest.mark.django_db(transaction=True)
def test_a_wish_is_its_makers_alone(mara, repository):
    ask_many(repository, 1)
    key = prepare(mara).key
    other = factories.actor(factories.make_author("meridian", "ines"))
    for act in (
        lambda: actions.start_bulk(actor=other, key=key),
        lambda: actions.cancel_bulk(actor=other, key=key),
        lambda: prepare(other, key=key),
    ):
        with pytest.raises((NotFoundOrHiddenError, InvalidInputError)):
            act()
    with pytest.raises(InvalidInputError, match="No request matches"):
        prepare(other, request_ids=list(AccessRequest.objects.values_list("pk", flat=True)))
    assert statuses() == ["pending"]


@pytest.mark.django_db(transaction=True)
def test_a_bulk_rejection_needs_a_reason_that_is_not_too_long(mara, repository):
    ask_many(repository, 1)
    key = prepare(mara, "reject").key
    for reason, word in (("  ", "Give a reason"), ("x" * 2001, "Shorten")):
        with pytest.raises(InvalidInputError, match=word):
            actions.start_bulk(actor=mara, key=key, reason=reason)
    with pytest.raises(InvalidInputError, match="at least one"):
        prepare(mara, request_ids=[])
    bulk = run(mara, "reject", "No affiliation.")
    request = AccessRequest.objects.get()
    assert (request.status, request.reason) == ("rejected", "No affiliation.")
    assert OutboxItem.objects.get(kind=states.PUSH).due_at == ended(bulk) + timedelta(seconds=10)


@pytest.mark.django_db(transaction=True)
def test_cancelling_puts_back_what_the_hub_has_not_been_told_and_nothing_else(mara, repository):
    told, held, changed, waits = ask_many(repository, 4)
    bulk = run(mara)
    told_the_hub(told)
    lease = timezone.now() + timedelta(seconds=15)
    OutboxItem.objects.filter(kind=states.PUSH, key=str(held.pk)).update(lease="x", leased_until=lease)
    noor = factories.make_author(username="noor", name="Noor Haddad")
    factories.decide(noor, changed, "reject", "No.")

    actions.cancel_bulk(actor=mara, key=bulk.key)
    assert statuses() == ["accepted", "accepted", "rejected", "pending"]
    waits.refresh_from_db()
    assert (waits.decided_at, waits.decided_by_label, waits.before) == (None, "", None)
    (row,) = BulkRow.objects.filter(outcome="cancelled")
    assert (row.request_id, row.sentence) == (waits.pk, "Put back to pending: the Hub had not been told.")
    assert not Notification.objects.filter(kind="access.accepted", subject_id=waits.pk).exists()
    assert Notification.objects.filter(kind="access.accepted", subject_id=told.pk).exists()
    undone = AuditEvent.objects.get(event="access.request.undone")
    assert (undone.subject_id, undone.group, undone.data["before"]) == (waits.pk, bulk.group, "accepted")
    assert OutboxItem.objects.get(kind=states.PUSH, key=str(waits.pk)).wanted == 2
    with pytest.raises(WrongStateError, match="Nothing of it can be stopped"):
        actions.cancel_bulk(actor=mara, key=bulk.key)


@pytest.mark.django_db(transaction=True)
def test_cancelling_tells_those_who_were_told_of_the_decision(mara, author, repository):
    first, second = ask_many(repository, 2)
    factories.decide(author, second, "reject", "Too early.")
    bulk = run(mara, wanted=Filter(status=""))
    Delivery.objects.filter(notification__subject_id=first.pk).update(state=Delivery.State.SENT)
    actions.cancel_bulk(actor=mara, key=bulk.key)
    assert statuses() == ["pending", "rejected"]
    told = Notification.objects.filter(identity__isnull=False).order_by("pk")
    assert [(n.subject_id, n.kind) for n in told] == [
        (first.pk, "access.accepted"),
        (first.pk, "access.pending"),
        (second.pk, "access.rejected"),
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_cancelled_before_a_worker_comes_is_never_decided(mara, repository):
    ask_many(repository, 3)
    bulk = actions.start_bulk(actor=mara, key=prepare(mara).key)
    actions.cancel_bulk(actor=mara, key=bulk.key)
    actions.carry_out_bulk(bulk_id=bulk.pk)
    assert statuses() == ["pending"] * 3
    assert set(BulkRow.objects.values_list("outcome", flat=True)) == {"cancelled"}


@pytest.mark.django_db(transaction=True)
def test_progress_counts_here_and_on_the_hub(mara, repository):
    requests = ask_many(repository, 4)
    bulk = run(mara)
    told_the_hub(requests[0])
    OutboxItem.objects.filter(kind=states.PUSH, key=str(requests[1].pk)).update(parked_at=timezone.now())
    BulkDecision.objects.update(ended_at=timezone.now() - timedelta(seconds=10))
    bulk.refresh_from_db()
    progress = queries.progress_of_bulk(bulk)
    assert (progress.decided, progress.on_hub, progress.behind, progress.parked) == (4, 1, 2, 1)
    assert progress.running
    assert progress.rate == pytest.approx(0.1, rel=0.2)
    assert progress.seconds_left == pytest.approx(20, abs=3)


@pytest.mark.django_db(transaction=True)
def test_previews_are_forgotten_after_a_day(mara, repository):
    ask_many(repository, 1)
    old, fresh, done = prepare(mara), prepare(mara), run(mara)
    yesterday = timezone.now() - timedelta(hours=25)
    BulkDecision.objects.filter(pk__in=[old.pk, done.pk]).update(created_at=yesterday)
    actions.sweep_previews(now=timezone.now())
    assert set(BulkDecision.objects.values_list("pk", flat=True)) == {fresh.pk, done.pk}


def statements(mara, number: int) -> int:
    """How many statements the transaction of a bulk decision of so many has."""
    bulk = actions.start_bulk(actor=mara, key=prepare(mara).key)
    first = BulkRow.objects.filter(bulk=bulk)[0]
    BulkRow.objects.filter(pk=first.pk).update(seen_status="rejected")  # one of them is refused
    assert connection.features.supports_json_field  # Django asks SQLite that once in a process, in the first update
    with CaptureQueriesContext(connection) as seen:
        actions.carry_out_bulk(bulk_id=bulk.pk)
    assert BulkRow.objects.filter(bulk=bulk, outcome="decided").count() == number - 1
    found = [query["sql"] for query in seen.captured_queries]
    begin = next(place for place, sql in enumerate(found) if sql.startswith(("BEGIN", "UPDATE")))
    return len([sql for sql in found[begin:] if not sql.startswith(("BEGIN", "COMMIT"))])


@pytest.mark.django_db(transaction=True)
def test_the_number_of_statements_does_not_grow(mara, repository):
    ask_many(repository, 60)
    few = statements(mara, 60)
    AccessRequest.objects.filter(status="pending").update(status="withdrawn")
    ask_many(repository, 600, start=100)
    assert statements(mara, 600) == few <= 13


@pytest.mark.django_db(transaction=True)
def test_of_a_bulk_decision_and_single_ones_each_request_gets_one(mara, repository):
    """R17, small: nothing waits in a circle, and the counts are exact."""
    requests = ask_many(repository, 120)
    noor = factories.actor(factories.make_author(username="noor", name="Noor Haddad"))
    bulk = actions.start_bulk(actor=mara, key=prepare(mara).key)

    def reject_some(step: int) -> list[int]:
        won = []
        for request in requests[::step]:
            try:
                actions.decide(
                    actor=noor, request_id=request.pk, verb="reject", seen_status="pending", reason="No affiliation."
                )
                won.append(request.pk)
            except WrongStateError as error:
                assert error.data["decided_by"] == "Mara Keller"  # noqa: PT017
        return won

    found = race(lambda: reject_some(7), lambda: actions.carry_out_bulk(bulk_id=bulk.pk))
    assert failures(found) == []
    rejected = set(found[0])
    assert set(AccessRequest.objects.filter(status="rejected").values_list("pk", flat=True)) == rejected
    assert AccessRequest.objects.filter(status="accepted").count() == 120 - len(rejected)
    progress = queries.progress_of_bulk(BulkDecision.objects.get())
    assert (progress.decided, progress.refused) == (120 - len(rejected), len(rejected))
    events = AuditEvent.objects.filter(event__in=["access.request.accepted", "access.request.rejected"])
    assert events.count() == 120
    assert Notification.objects.filter(identity__isnull=False).count() == 120


@pytest.mark.django_db(transaction=True)
def test_of_two_bulk_decisions_at_once_one_decides_each_request(mara, repository):
    ask_many(repository, 60)
    keys = [prepare(mara, verb).key for verb in ("accept", "reject")]
    bulks = [actions.start_bulk(actor=mara, key=key, reason="Too many.") for key in keys]
    found = race(*[lambda pk=bulk.pk: actions.carry_out_bulk(bulk_id=pk) for bulk in bulks])
    assert failures(found) == []
    assert len(set(statuses())) == 1
    outcomes = [queries.progress_of_bulk(BulkDecision.objects.get(pk=bulk.pk)) for bulk in bulks]
    assert sorted((one.decided, one.refused) for one in outcomes) == [(0, 60), (60, 0)]
