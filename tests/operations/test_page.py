"""The operations page and its REST twin: what they show, and trying again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from hubgate.accounts import actions as accounts
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Delivery
from hubgate.operations import actions, queries, rules
from hubgate.operations.models import Heartbeat
from hubgate.outbox.models import OutboxItem
from repos.models import HubCircuit, Namespace
from tests.operations.conftest import ANSWER, EMAIL, Trouble


def parked() -> int:
    return OutboxItem.objects.filter(parked_at__isnull=False).count()


def test_it_shows_what_went_wrong_and_nothing_of_people(trouble: Trouble):
    page = trouble.signed_in().get("/operations/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "hubgate may not change the Hub for aurora-lab" in text
    assert "A card could not be read." in text
    assert "The mail server answered 550: no such person" in text
    for secret in (EMAIL, "canary", ANSWER, "jordan", "Jordan"):
        assert secret not in text


def test_htmx_gets_the_live_part_alone(trouble: Trouble):
    part = trouble.signed_in(headers={"HX-Request": "true", "HX-Target": "hg-operations"}).get("/operations/")
    assert part.content.lstrip().startswith(b'<div id="hg-operations"')
    assert b"<h1" not in part.content


def test_the_numbers_are_those_of_the_database(trouble: Trouble):
    seen = queries.overview(trouble.actor)
    push = next(line for line in seen.work if line.kind == "access.push")
    assert (push.waiting, push.parked, push.label, push.lane_label) == (0, 2, "Decisions to the Hub", "single")
    assert (seen.mails.failed, seen.mails.unsure) == (1, 1)
    assert [(one.namespace, one.word, one.repositories) for one in seen.rounds] == [("aurora-lab", "partial", 1)]
    assert seen.rounds[0].seconds is not None
    assert seen.ticks
    assert (seen.alive("web"), seen.alive("worker"), seen.alive("beat")) == (1, 1, 0)
    assert seen.database.missing == []
    assert seen.database.size is not None
    assert queries.count_trouble(trouble.actor) == 4


def test_a_process_falls_silent_and_an_embedded_one_is_all_kinds(trouble: Trouble):
    Heartbeat.objects.filter(kind="web").update(seen_at=timezone.now() - timedelta(seconds=rules.SILENT_AFTER_S + 1))
    actions.record_heartbeat(name="embedded-b-3", kind="embedded", host="b", pid=3)
    seen = queries.overview(trouble.actor)
    assert (seen.alive("web"), seen.alive("worker"), seen.alive("beat")) == (1, 2, 1)
    assert [(one.kind, one.alive) for one in seen.processes][-1] == ("web", False)
    assert b"Silent" in trouble.signed_in().get("/operations/").content


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, "partial"),
        ({"mirror_error": ""}, "whole"),
        ({"mirrored_at": None}, "failed"),
        ({"mirrored_at": None, "mirror_error": ""}, "never"),
        ({"mirrored_at": timezone.now() - timedelta(days=1)}, "failed"),
        ({"mirrored_at": timezone.now() - timedelta(days=1), "mirror_error": ""}, "late"),
        ({"token_state": "dead"}, "stopped"),
    ],
)
def test_a_round_has_one_of_six_words(facts: dict, word: str, trouble: Trouble):
    Namespace.objects.update(**facts)
    assert queries.overview(trouble.actor).rounds[0].word == word


def test_one_piece_of_work_is_tried_again(trouble: Trouble):
    sent = {"what": "work", "kind": "access.push", "key": str(trouble.parked.pk)}
    page = trouble.signed_in().post("/operations/retry/", sent, follow=True)
    assert b"Decisions to the Hub: 1 will be tried again" in page.content
    assert parked() == 1
    event = AuditEvent.objects.get(event="operations.work-retried")
    assert (event.actor_id, event.data["number"]) == (trouble.operator.pk, 1)


def test_all_of_a_kind_is_tried_again_but_what_somebody_carries(trouble: Trouble):
    held = OutboxItem.objects.filter(kind="access.push").first()
    assert held is not None
    OutboxItem.objects.filter(pk=held.pk).update(leased_until=timezone.now() + timedelta(minutes=1))
    assert actions.retry_work(actor=trouble.actor, kind="access.push") == 1
    assert parked() == 1
    OutboxItem.objects.update(leased_until=None)
    assert actions.retry_work(actor=trouble.actor, kind="access.push") == 1
    with pytest.raises(WrongStateError, match="Nothing is left"):
        actions.retry_work(actor=trouble.actor, kind="access.push")


def test_refused_mail_is_sent_again_and_what_may_have_arrived_only_by_itself(trouble: Trouble):
    assert actions.retry_mail(actor=trouble.actor) == 1
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert (states[trouble.failed.pk], states[trouble.unsure.pk]) == ("waiting", "unsure")
    assert actions.retry_mail(actor=trouble.actor, delivery_id=trouble.unsure.pk) == 1
    assert Delivery.objects.get(pk=trouble.unsure.pk).maybe_twice
    with pytest.raises(WrongStateError):
        actions.retry_mail(actor=trouble.actor)


def test_what_a_namespace_mails_no_more_is_not_sent(trouble: Trouble):
    Namespace.objects.update(mail_requesters=False)
    with pytest.raises(WrongStateError, match="mails no more"):
        actions.retry_mail(actor=trouble.actor, delivery_id=trouble.failed.pk)


def test_a_round_is_made_due(trouble: Trouble):
    later = timezone.now() + timedelta(hours=1)
    Namespace.objects.update(mirror_due_at=later)
    actions.retry_round(actor=trouble.actor, namespace="Aurora-Lab")
    assert Namespace.objects.get().mirror_due_at < timezone.now() + timedelta(minutes=5)
    with pytest.raises(NotFoundOrHiddenError):
        actions.retry_round(actor=trouble.actor, namespace="nobody\0")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"what": "everything"},
        {"what": "work"},
        {"what": "work", "kind": "no.such"},
        {"what": "mail", "key": "x"},
        {"what": "mail", "key": "9" * 30},
        {"what": "round"},
    ],
)
def test_what_makes_no_sense_is_said_at_both_doors(sent: dict, trouble: Trouble):
    _, token = accounts.make_token(actor=trouble.actor, name="script", wanted=["read", "decide"], days=7)
    client = trouble.signed_in()
    assert client.post("/operations/retry/", sent).status_code == 400
    header = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/v1/operations/retry", sent, content_type="application/json", headers=header)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_rest_tells_the_same(trouble: Trouble):
    _, token = accounts.make_token(actor=trouble.actor, name="script", wanted=["read", "decide"], days=7)
    client, header = trouble.signed_in(), {"Authorization": f"Bearer {token}"}
    HubCircuit.objects.create(origin="https://hub.example", failures=7, probe_at=timezone.now())
    told = client.get("/api/v1/operations", headers=header)
    assert told.status_code == 200
    body = told.json()
    assert [(one["kind"], one["parked"]) for one in body["work"] if one["parked"]] == [("access.push", 2)]
    assert body["rounds"][0]["state"] == "partial"
    assert body["circuits"][0]["failures"] == 7
    assert {one["kind"] for one in body["processes"]} == {"web", "worker"}
    assert b"canary" not in told.content
    again = {"what": "work", "kind": "access.push"}
    answer = client.post("/api/v1/operations/retry", again, content_type="application/json", headers=header)
    assert answer.json() == {"number": 2}
    answer = client.post("/api/v1/operations/retry", again, content_type="application/json", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_retry")


def test_nobody_else_may(trouble: Trouble):
    from hubgate.accounts.queries import actor_of

    stranger = actor_of(trouble.author)
    for act in (
        lambda: actions.retry_work(actor=stranger, kind="access.push"),
        lambda: actions.retry_mail(actor=stranger),
        lambda: actions.retry_round(actor=stranger, namespace="aurora-lab"),
        lambda: queries.overview(stranger),
    ):
        with pytest.raises(NotFoundOrHiddenError):
            act()
    assert queries.count_trouble(stranger) == 0
    assert not AuditEvent.objects.filter(event__startswith="operations.").exists()


def test_an_unknown_kind_is_refused(trouble: Trouble):
    with pytest.raises(InvalidInputError):
        actions.retry_work(actor=trouble.actor, kind="no.such")
