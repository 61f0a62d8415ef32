"""Decisions: what each leaves behind, and what is refused with nothing written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from access import actions, states
from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.actors import ANONYMOUS, Actor
from hubgate.audit.models import AuditEvent
from hubgate.errors import DomainError, InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from repos.models import Repository
from tests import factories
from tests.access.test_states import MOVES, STATUSES

EVENTS = {
    "accept": "access.request.accepted",
    "reject": "access.request.rejected",
    "reset": "access.request.reset",
    "put_back": "access.request.put-back",
}


@pytest.fixture
def author(db) -> User:
    return factories.make_author()


@pytest.fixture
def repository(author: User) -> Repository:
    return factories.make_repository()


def counts() -> dict[str, int]:
    return {
        "events": AuditEvent.objects.count(),
        "pushes": OutboxItem.objects.filter(kind=states.PUSH, done__lt=F("wanted")).count(),
        "notices": Notification.objects.count(),
        "mails": Delivery.objects.count(),
    }


MOVING = [
    (verb, status, to)
    for verb, cells in MOVES.items()
    if verb in EVENTS
    for status, to in zip(STATUSES, cells, strict=True)
    if status not in ("none", "withdrawn")
]


@pytest.mark.parametrize(("verb", "status", "to"), [cell for cell in MOVING if cell[2] != "–"])
def test_a_decision_leaves_one_event_one_push_one_notice(author, repository, verb: str, status: str, to: str):
    request = factories.ask(repository, status=status)
    before, began = counts(), timezone.now()
    decided = actions.decide(
        actor=factories.actor(author), request_id=request.pk, verb=verb, seen_status=status, reason=" Because.\r\nSo. "
    )
    request.refresh_from_db()
    assert decided.pk == request.pk
    assert (request.status, request.hub_status, request.cause) == (to, status, "reviewer")
    assert (request.decided_by, request.decided_by_label, request.reason) == (author, "Mara Keller", "Because.\nSo.")
    assert {name: number - before[name] for name, number in counts().items()} == {
        "events": 1, "pushes": 1, "notices": 1, "mails": 1,
    }  # fmt: skip
    event = AuditEvent.objects.latest("pk")
    assert (event.event, event.actor_id, event.subject_id) == (EVENTS[verb], author.pk, request.pk)
    assert event.data == {"before": status, "reason": "Because.\nSo.", "person": "jordan"}
    push = OutboxItem.objects.get(kind=states.PUSH)
    waits = 10 if to in ("rejected", "reset") else 0
    assert (push.key, push.wanted) == (str(request.pk), 1)
    assert timedelta(0) <= push.due_at - began - timedelta(seconds=waits) < timedelta(seconds=5)
    delivery = Delivery.objects.get()
    mail = OutboxItem.objects.get(kind="notify.mail", key=str(delivery.pk))
    assert delivery.address == "jordan@northlake.edu"
    assert timedelta(0) <= mail.due_at - began - timedelta(seconds=15) < timedelta(seconds=5)
    assert Notification.objects.get().kind == f"access.{to}"


@pytest.mark.parametrize(("verb", "status", "to"), [cell for cell in MOVING if cell[2] == "–"])
def test_a_move_that_does_not_exist_is_refused_with_the_status_as_it_is(author, repository, verb, status, to):
    request = factories.ask(repository, status=status)
    before = counts()
    with pytest.raises(WrongStateError) as refused:
        actions.decide(
            actor=factories.actor(author), request_id=request.pk, verb=verb, seen_status=status, reason="Because"
        )
    assert status in refused.value.message
    assert refused.value.data["status"] == status
    request.refresh_from_db()
    assert (request.status, request.reason) == (status, "")
    assert counts() == {**before, "events": before["events"] + 1}
    assert AuditEvent.objects.latest("pk").event == "access.request.decision-refused"


def refusals(author: User, repository: Repository) -> dict[str, tuple[dict[str, Any], type[DomainError], str]]:
    request = factories.ask(repository)
    accept: dict[str, Any] = {
        "actor": factories.actor(author), "request_id": request.pk, "verb": "accept", "seen_status": "pending",
    }  # fmt: skip
    stranger = Actor(kind="user", label="x", user_id=User.objects.create_user("stranger").pk)
    other = factories.actor(factories.make_author("other-lab", username="other"))
    return {
        "no reason for a rejection": ({**accept, "verb": "reject"}, InvalidInputError, "invalid_input"),
        "blank reason": ({**accept, "verb": "reject", "reason": " \r\n\x00 "}, InvalidInputError, "invalid_input"),
        "no reason for a reset": ({**accept, "verb": "reset"}, InvalidInputError, "invalid_input"),
        "far too long": ({**accept, "reason": "x" * 10_001}, InvalidInputError, "invalid_input"),
        "author of something else": ({**accept, "actor": other}, NotFoundOrHiddenError, "not_found"),
        "nobody in particular": ({**accept, "actor": stranger}, NotFoundOrHiddenError, "not_found"),
        "anonymous": ({**accept, "actor": ANONYMOUS}, NotFoundOrHiddenError, "not_found"),
        "unknown": ({**accept, "request_id": 10**9}, NotFoundOrHiddenError, "not_found"),
        "the requester's verb": ({**accept, "verb": "withdraw"}, NotAllowedError, "not_allowed"),
        "no verb": ({**accept, "verb": "explode"}, NotAllowedError, "not_allowed"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "no reason for a rejection", "blank reason", "no reason for a reset", "far too long",
        "author of something else", "nobody in particular", "anonymous", "unknown", "the requester's verb", "no verb",
    ],
)  # fmt: skip
def test_a_refusal_writes_nothing(author, repository, case: str):
    arguments, error, code = refusals(author, repository)[case]
    before = counts()
    with pytest.raises(error) as refused:
        actions.decide(**arguments)
    assert refused.value.code == code
    assert counts() == before
    assert AccessRequest.objects.get().status == "pending"


def test_reading_only_switches_every_decision_off_and_says_why(author, repository):
    request = factories.ask(repository)
    repo_actions.switch_changes(actor=factories.actor(author), namespace=repository.namespace, on=False)
    before = counts()
    actor = factories.actor(author)
    for call in (
        lambda: actions.decide(actor=actor, request_id=request.pk, verb="accept", seen_status="pending"),
        lambda: actions.grant(actor=actor, repository_id=repository.pk, username="kim"),
        lambda: actions.retry_push(actor=actor, request_id=request.pk),
    ):
        with pytest.raises(WrongStateError) as refused:
            call()
        assert (refused.value.code, "only reads aurora-lab" in refused.value.message) == ("reading_only", True)
    assert counts() == before


def test_a_second_click_is_quiet_and_a_second_person_is_told_who_and_when(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    before = counts()
    again = actions.decide(actor=factories.actor(author), request_id=request.pk, verb="accept", seen_status="pending")
    assert again.status == "accepted"
    assert counts() == before

    second = factories.make_author(username="noor", name="Noor Haddad")
    with pytest.raises(WrongStateError) as refused:
        actions.decide(
            actor=factories.actor(second), request_id=request.pk, verb="reject", seen_status="pending", reason="No"
        )
    assert refused.value.code == "decided_meanwhile"
    assert "accepted" in refused.value.message
    assert "Mara Keller decided" in refused.value.message
    assert refused.value.data["decided_by"] == "Mara Keller"
    assert refused.value.data["decided_at"]
    assert counts() == {**before, "events": before["events"] + 1}


def test_a_newer_decision_takes_back_the_notice_that_no_mail_has_carried(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    factories.decide(author, request, "put_back")
    factories.decide(author, request, "reject", "A slip of the hand")
    assert [one.kind for one in Notification.objects.all()] == ["access.rejected"]
    assert list(Delivery.objects.values_list("notification__kind", flat=True)) == ["access.rejected"]
    assert OutboxItem.objects.get(kind=states.PUSH).wanted == 3
    assert AuditEvent.objects.filter(subject_type="request", actor_id=author.pk).count() == 3


def test_odd_letters_in_a_reason_are_kept_as_far_as_they_can_be(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "reject", "a\x00b \ud800 😀")
    request.refresh_from_db()
    assert request.reason == "ab \ufffd 😀"


def test_without_mail_to_requesters_they_are_told_in_the_list_only(author, repository):
    repo_actions.switch_mail(actor=factories.actor(author), namespace=repository.namespace, on=False)
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    assert Notification.objects.get().identity == request.person
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize("status", ["none", "pending", "accepted", "rejected", "reset"])
def test_a_grant_is_for_those_who_have_not_asked(author, repository, status: str):
    if status != "none":
        factories.ask(repository, "kim", status=status)
    before, actor = counts(), factories.actor(author)
    if status == "none":
        request = actions.grant(actor=actor, repository_id=repository.pk, username=" @kim ")
        assert (request.status, request.via, request.email, request.answers) == ("accepted", "grant", "", {})
        assert {name: number - before[name] for name, number in counts().items()} == {
            "events": 1, "pushes": 1, "notices": 1, "mails": 0,
        }  # fmt: skip
        assert AuditEvent.objects.latest("pk").event == "access.request.granted"
        with pytest.raises(WrongStateError):
            actions.grant(actor=actor, repository_id=repository.pk, username="KIM")
        assert AccessRequest.objects.count() == 1
    else:
        with pytest.raises(WrongStateError) as refused:
            actions.grant(actor=actor, repository_id=repository.pk, username="Kim")
        assert refused.value.code == "asked_already"
        assert status in refused.value.message
        assert counts() == before


@pytest.mark.parametrize(
    ("username", "error", "code"),
    [
        ("", InvalidInputError, "invalid_input"),
        ("two words", InvalidInputError, "invalid_input"),
        ("../x", InvalidInputError, "invalid_input"),
        ("x" * 200, InvalidInputError, "invalid_input"),
        ("kim", WrongStateError, "not_gated"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(author, username: str, error: type[DomainError], code: str):
    repository = factories.make_repository("aurora-lab/open", gated=False)
    before = counts()
    with pytest.raises(error) as refused:
        actions.grant(actor=factories.actor(author), repository_id=repository.pk, username=username)
    assert refused.value.code == code
    assert counts() == before
    with pytest.raises(NotFoundOrHiddenError):
        actions.grant(actor=ANONYMOUS, repository_id=repository.pk, username="kim")


def test_there_is_nothing_to_retry_where_nothing_waits(author, repository):
    request = factories.ask(repository)
    with pytest.raises(WrongStateError) as refused:
        actions.retry_push(actor=factories.actor(author), request_id=request.pk)
    assert refused.value.code == "nothing_to_push"
    factories.decide(author, request, "accept")
    actions.retry_push(actor=factories.actor(author), request_id=request.pk)
    assert AuditEvent.objects.latest("pk").event == "access.request.push-retried"
