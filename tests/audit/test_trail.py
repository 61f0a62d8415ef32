"""The audit trail: it only grows, it can be read, and it holds nothing that is the requester's alone."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from access import actions
from access import events as access_events
from hubgate.audit import timeline
from hubgate.audit.models import AuditEvent
from hubgate.errors import WrongStateError
from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from repos import events as repo_events
from tests import factories

EMAIL, ANSWER = "canary-mail@northlake.edu", "canary answer to a question"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_label = 'somebody else'",
        "UPDATE audit_auditevent SET data = data",
        "DELETE FROM audit_auditevent",
        "DELETE FROM audit_auditevent WHERE event LIKE 'repos.%'",
    ],
)
def test_what_is_written_can_be_neither_changed_nor_deleted(statement: str):
    factories.make_author()
    before = list(AuditEvent.objects.order_by("pk").values())
    assert before
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    for change in (
        lambda: AuditEvent.objects.all().delete(),
        lambda: AuditEvent.objects.update(cause="forged"),
        lambda: AuditEvent.objects.latest("pk").save(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert list(AuditEvent.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("module", [access_events, repo_events])
def test_every_event_has_its_sentence(module):
    names = {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}
    assert names == set(module.SENTENCES)
    assert all(timeline.is_known(name) for name in names)


def test_an_event_is_registered_with_one_sentence():
    timeline.register({access_events.ACCEPTED: access_events.SENTENCES[access_events.ACCEPTED]})
    with pytest.raises(ValueError, match="registered twice"):
        timeline.register({access_events.ACCEPTED: "{actor} did something else"})


def test_old_data_that_lacks_a_fact_still_reads():
    line = timeline.line(AuditEvent(event=access_events.HUB_CHANGED, data={"before": "pending"}, subject_label="kim"))
    assert line.sentence == "Changed on the Hub itself: pending → …"
    assert timeline.line(AuditEvent(event="gone.since", actor_label="Mara")).sentence == "Mara: gone.since"


@pytest.mark.django_db
def test_no_address_and_no_answer_is_ever_in_it():
    """Every writer there is, with canaries in the requester's address and answers."""
    author = factories.make_author()
    actor = factories.actor(author)
    repository = factories.make_repository(card=factories.form_card({"Use": "text"}))
    facts = {"email": EMAIL, "answers": {"Use": ANSWER}}
    request = factories.ask(repository, "kim", **facts, asked_at=timezone.now())
    for verb in ("accept", "put_back", "reject", "reset"):
        factories.decide(author, request, verb, "a reason")
    factories.decide(author, request, "accept")
    with pytest.raises(WrongStateError):
        actions.decide(actor=actor, request_id=request.pk, verb="reject", seen_status="pending", reason="late")
    actions.retry_push(actor=actor, request_id=request.pk)
    actions.record_refused(request_id=request.pk, sentence="The Hub refused it.")
    actions.record_pushed(request_ids=[request.pk], hub_status="accepted")
    actions.grant(actor=actor, repository_id=repository.pk, username="lee")
    later = request.asked_at.replace(year=2030)
    factories.ask(repository, "kim", **{**facts, "answers": {"Use": ANSWER * 2}}, asked_at=later)
    factories.ask(repository, "kim", **facts, asked_at=later)
    factories.ask(repository, "kim", **facts, asked_at=later, status="rejected")
    for _ in range(2):
        actions.record_absent(repository=repository, seen=[], read_at=later)
    factories.change_card(repository, factories.form_card({"Use": "text", "More": "text"}))
    repo_actions.switch_mail(actor=actor, namespace=repository.namespace, on=False)
    repo_actions.switch_changes(actor=actor, namespace=repository.namespace, on=False)

    events = list(AuditEvent.objects.values())
    assert {event["event"] for event in events if event["event"].startswith("access.")} >= {
        access_events.ASKED, access_events.ASKED_AGAIN, access_events.ACCEPTED, access_events.REJECTED,
        access_events.RESET, access_events.PUT_BACK, access_events.GRANTED, access_events.REFUSED_RACE,
        access_events.PUSHED, access_events.PUSH_REFUSED, access_events.PUSH_RETRIED, access_events.HUB_CHANGED,
        access_events.ANSWERS_CHANGED, access_events.WITHDRAWN,
    }  # fmt: skip
    written = json.dumps(events, default=str) + json.dumps(list(OutboxItem.objects.values()), default=str)
    assert "canary" not in written
    assert "@" not in written
    assert "hf_" not in written
    assert all("…" not in line.sentence for line in timeline.of_repository(repository.pk, limit=1000))
