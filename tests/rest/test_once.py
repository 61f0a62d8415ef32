"""`Idempotency-Key`: sent twice, done once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response

from access import actions as access
from access.models import AccessRequest, Note
from hubgate.accounts import actions
from hubgate.accounts.models import KeptAnswer
from hubgate.accounts.rest import Operation
from hubgate.audit.models import AuditEvent
from hubgate.urls import urlpatterns as _urls
from tests import factories
from tests.rest.conftest import EMAIL, Caller, caller
from tests.threads import race

NOTE = {"text": "Ask the dean"}
KEY = {"idempotency_key": "6fa1b2"}


def test_the_same_call_again_gets_the_same_answer_and_does_nothing_more(script: Caller, asked: AccessRequest):
    first = script.post(f"requests/{asked.pk}/notes", NOTE, **KEY)
    again = script.post(f"requests/{asked.pk}/notes", NOTE, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert Note.objects.count() == 1
    quoted = script.post(f"requests/{asked.pk}/notes", NOTE, idempotency_key='"6fa1b2"')
    assert quoted["Idempotency-Replayed"] == "true"


def test_a_grant_that_is_repeated_is_not_refused_and_keeps_its_place(script: Caller, asked: AccessRequest):
    path_ = f"repositories/{asked.repository_id}/grant"
    first, again = (script.post(path_, {"username": "kim"}, **KEY) for _ in range(2))
    assert (again.status_code, again["Location"]) == (201, first["Location"])
    assert script.post(path_, {"username": "kim"}).status_code == 409


def test_a_refusal_is_an_answer_like_any_other(script: Caller, asked: AccessRequest):
    wish = {"verb": "reject", "seen_status": "pending"}
    first = script.post(f"requests/{asked.pk}/decide", wish, **KEY)
    again = script.post(f"requests/{asked.pk}/decide", wish, **KEY)
    assert (again.status_code, again.json()) == (400, first.json())
    assert again["Content-Type"] == "application/problem+json"


def test_a_refused_try_is_in_the_history_once(script: Caller, asked: AccessRequest):
    factories.decide(factories.make_author(username="noor", name="Noor Haddad"), asked, "accept")
    wish = {"verb": "reject", "seen_status": "pending", "reason": "Incomplete"}
    answers = [script.post(f"requests/{asked.pk}/decide", wish, **KEY).json()["code"] for _ in range(2)]
    assert answers == ["decided_meanwhile"] * 2
    assert AuditEvent.objects.filter(event="access.request.decision-refused").count() == 1


def test_a_key_with_another_call_is_refused(script: Caller, asked: AccessRequest):
    script.post(f"requests/{asked.pk}/notes", NOTE, **KEY)
    for path_, body in ((f"requests/{asked.pk}/notes", {"text": "Other"}), (f"requests/{asked.pk}/retry", None)):
        refused = script.post(path_, body, **KEY)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert Note.objects.count() == 1


def test_keys_are_ones_own(script: Caller, asked: AccessRequest):
    noor = caller(factories.make_author(username="noor", name="Noor Haddad"))
    for one in (script, noor):
        assert one.post(f"requests/{asked.pk}/notes", NOTE, **KEY).get("Idempotency-Replayed") is None
    assert Note.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ä"])
def test_what_is_no_key_is_refused(script: Caller, asked: AccessRequest, key: str):
    refused = script.post(f"requests/{asked.pk}/notes", NOTE, idempotency_key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_idempotency_key")
    assert not Note.objects.exists()


def test_a_call_under_way_is_told_and_taken_up_when_its_process_died(script: Caller, asked: AccessRequest):
    path_ = f"requests/{asked.pk}/notes"
    script.post(path_, NOTE, **KEY)
    # As a process leaves it that died before its commit: claimed, and nothing done.
    kept = KeptAnswer.objects.get()
    Note.objects.all().delete()
    kept.status, kept.body = None, ""
    kept.leased_until = timezone.now() + actions.answers.LEASE
    kept.save()
    refused = script.post(path_, NOTE, **KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "call_under_way")
    with time_machine.travel(timezone.now() + actions.answers.LEASE + timedelta(seconds=1), tick=True):
        done = script.post(path_, NOTE, **KEY)
    assert (done.status_code, done.get("Idempotency-Replayed")) == (201, None)
    assert Note.objects.count() == 1


def test_a_slow_call_whose_key_was_taken_up_does_nothing(script: Caller, asked: AccessRequest):
    from hubgate.errors import WrongStateError

    claimed = actions.claim_answer(user_id=script.user.pk, key="slow", digest="d")
    with time_machine.travel(timezone.now() + actions.answers.LEASE + timedelta(seconds=1), tick=True):
        taken_up = actions.claim_answer(user_id=script.user.pk, key="slow", digest="d")
    with pytest.raises(WrongStateError), actions.hold_answer(claimed):
        pytest.fail("the slow one went on")
    with actions.hold_answer(taken_up) as held:
        actions.finish_answer(held, status=200, headers={}, body="{}")


def test_after_a_day_a_key_is_new(script: Caller, asked: AccessRequest):
    script.post(f"requests/{asked.pk}/notes", NOTE, **KEY)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=True):
        assert script.post(f"requests/{asked.pk}/notes", NOTE, **KEY).get("Idempotency-Replayed") is None
    assert Note.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(hours=49), tick=True):
        actions.sweep_answers(now=timezone.now())
    assert not KeptAnswer.objects.exists()


def test_no_personal_data_is_kept_with_an_answer(script: Caller, asked: AccessRequest):
    script.post(f"requests/{asked.pk}/decide", {"verb": "accept", "seen_status": "pending"}, **KEY)
    kept = KeptAnswer.objects.get()
    assert kept.status == 200
    assert EMAIL not in kept.body
    assert "northlake" not in kept.body


class Breaking(Operation):
    """Does something, then fails before its answer is there."""

    def post(self, request: Any, request_id: int) -> Response:
        access.add_note(actor=self.actor, request_id=request_id, text="half done")
        raise RuntimeError


urlpatterns = [*_urls, path("api/v1/breaking/<int:request_id>", Breaking.as_view())]
handler500 = "hubgate.http.failures.failed"


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_what_fails_before_its_answer_is_kept_leaves_nothing_behind(transactional_db: None):
    """The action and its answer commit together, as they would have to with a process that dies in between."""
    script = caller(factories.make_author())
    asked = factories.ask(factories.make_repository())
    events = AuditEvent.objects.count()
    assert script.post(f"breaking/{asked.pk}", **KEY).status_code == 500
    assert not Note.objects.exists()
    assert not KeptAnswer.objects.exists()
    assert AuditEvent.objects.count() == events


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_done_and_both_are_answered_alike(transactional_db: None):
    script = caller(factories.make_author())
    asked = factories.ask(factories.make_repository())
    for number in range(6):
        key = {"idempotency_key": f"race-{number}"}

        def send(key: dict[str, str] = key) -> tuple[int, str]:
            answered = script.post(f"requests/{asked.pk}/notes", NOTE, **key)
            return answered.status_code, answered.json().get("code", "")

        found = race(send, send, send)
        assert (201, "") in found
        assert set(found) <= {(201, ""), (409, "call_under_way")}, found
        assert Note.objects.count() == number + 1
        assert send() == (201, "")
    assert Note.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_what_is_nudged_after_the_commit_is_nudged_after_the_whole(transactional_db: None):
    claimed = actions.claim_answer(user_id=factories.make_author().pk, key="k", digest="d")
    told: list[str] = []
    with actions.hold_answer(claimed) as held:
        with transaction.atomic(durable=True):
            transaction.on_commit(lambda: told.append("nudged"))
        assert told == []
        actions.finish_answer(held, status=200, headers={}, body="{}")
    assert told == ["nudged"]
    assert not connection.in_atomic_block


def test_the_client_of_another_method_is_left_alone(script: Caller):
    assert script.get("me", **KEY).status_code == 200
    assert Client().get("/api/v1/me", headers={"idempotency-key": "x"}).status_code == 401
