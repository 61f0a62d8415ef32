"""Undo: what stands again, what is never told, and what cannot be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from access import actions, handlers, rules, states
from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from tests import factories
from tests.threads import failures, race

NOW = timezone.now()
FACTS = ("status", "cause", "reason", "decided_at", "decided_by_id", "decided_by_label")


def fresh(request: AccessRequest) -> AccessRequest:
    return AccessRequest.objects.get(pk=request.pk)


def undo(user, request: AccessRequest) -> AccessRequest:
    return actions.undo(actor=factories.actor(user), request_id=request.pk)


def later(request: AccessRequest, seconds: float) -> None:
    """As if the decision had been taken that much earlier."""
    found = fresh(request)
    assert found.decided_at is not None
    AccessRequest.objects.filter(pk=request.pk).update(decided_at=found.decided_at - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("before", "decided_by", "age", "user", "may"),
    [
        ({"status": "pending"}, 1, 0, 1, True),
        ({"status": "pending"}, 1, 15, 1, True),
        ({"status": "pending"}, 1, 15.1, 1, False),
        ({"status": "pending"}, 1, 0, 2, False),
        ({"status": "pending"}, None, 0, None, False),
        (None, 1, 0, 1, False),
        ({"status": "pending"}, 1, None, 1, False),
    ],
)
def test_who_may_undo_and_how_long(before, decided_by, age, user, may):
    decided_at = None if age is None else NOW - timedelta(seconds=age)
    assert rules.may_undo(before=before, decided_by=decided_by, decided_at=decided_at, user=user, now=NOW) is may


@pytest.mark.parametrize("verb", ["accept", "reject", "reset"])
def test_an_undone_decision_leaves_what_was_before_and_tells_nobody(author, repository, verb):
    request = factories.ask(repository)
    before = {name: getattr(fresh(request), name) for name in FACTS}
    factories.decide(author, request, verb, "Because.")
    assert (
        Delivery.objects.filter(notification__kind__startswith="access.")
        .exclude(notification__kind="access.new-request")
        .exists()
    )
    undone = undo(author, request)
    assert {name: getattr(fresh(request), name) for name in FACTS} == before
    assert (undone.status, fresh(request).before) == ("pending", None)
    assert not Notification.objects.filter(kind__in=["access.accepted", "access.rejected", "access.reset"]).exists()
    event = AuditEvent.objects.latest("pk")
    after = {"accept": "accepted", "reject": "rejected", "reset": "reset"}[verb]
    assert (event.event, event.data["before"], event.data["after"]) == ("access.request.undone", after, "pending")
    push = OutboxItem.objects.get(kind=states.PUSH)
    assert push.wanted == 2
    assert push.due_at <= timezone.now()


def test_a_notice_without_a_mail_is_taken_back_too(author, repository):
    request = factories.ask(repository, email="")
    factories.decide(author, request, "accept")
    assert Notification.objects.filter(kind="access.accepted").exists()
    undo(author, request)
    assert not Notification.objects.filter(kind="access.accepted").exists()


def test_an_undo_of_the_second_decision_brings_the_first_back_and_tells_it(author, repository):
    """The second decision kept the first one's mail from leaving."""
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    first = {name: getattr(fresh(request), name) for name in FACTS}
    factories.decide(author, request, "reject", "No.")
    undo(author, request)
    assert {name: getattr(fresh(request), name) for name in FACTS} == first
    (mail,) = Delivery.objects.exclude(notification__kind="access.new-request")
    assert mail.notification.kind == "access.accepted"
    with pytest.raises(WrongStateError) as refused:
        undo(author, request)
    assert refused.value.code == "nothing_to_undo"


def test_what_was_told_is_not_told_again(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    Delivery.objects.filter(notification__kind="access.accepted").update(state=Delivery.State.SENT)
    factories.decide(author, request, "reset", "Oops.")
    undo(author, request)
    assert list(Delivery.objects.values_list("state", flat=True).filter(notification__kind="access.accepted")) == [
        "sent"
    ]


def test_what_cannot_be_undone_says_why(author, repository):
    other = factories.make_author(username="noor", name="Noor Haddad")
    request = factories.ask(repository)
    with pytest.raises(WrongStateError) as refused:
        undo(author, request)
    assert refused.value.code == "nothing_to_undo"
    factories.decide(author, request, "accept")
    with pytest.raises(WrongStateError) as refused:
        undo(other, request)
    assert refused.value.code == "decided_meanwhile"
    assert "accepted now: Mara Keller decided just now" in refused.value.message
    later(request, 16)
    with pytest.raises(WrongStateError) as refused:
        undo(author, request)
    assert refused.value.code == "undo_too_late"
    assert "Put the request back to pending instead" in refused.value.message
    assert fresh(request).status == "accepted"
    granted = actions.grant(actor=factories.actor(author), repository_id=repository.pk, username="kim")
    with pytest.raises(WrongStateError):
        undo(author, granted)
    stranger = factories.make_author("meridian", "ines")
    with pytest.raises(NotFoundOrHiddenError):
        undo(stranger, request)
    assert not AuditEvent.objects.filter(event="access.request.undone").exists()


def test_the_hub_deciding_ends_it(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    actions.record_pushed(
        request_ids=[request.pk], hub_status="accepted", pushed_at=timezone.now() - timedelta(minutes=1)
    )
    factories.record(
        repository, factories.row("jordan", status="rejected", asked_at=request.asked_at, reviewed_at=timezone.now())
    )
    assert fresh(request).status == "rejected"
    with pytest.raises(WrongStateError):
        undo(author, request)


def test_a_namespace_that_is_only_read_undoes_nothing(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    repo_actions.switch_changes(actor=factories.actor(author), namespace=repository.namespace, on=False)
    with pytest.raises(WrongStateError) as refused:
        undo(author, request)
    assert refused.value.code == "reading_only"


def test_a_rejection_undone_in_time_has_nothing_to_tell_the_hub(author, repository):
    """No client is made at all: a push of it ends before the Hub is asked anything."""
    request = factories.ask(repository)
    factories.decide(author, request, "reject", "No.")
    undo(author, request)
    assert list(handlers.push_decisions([str(request.pk)])) == [str(request.pk)]
    assert not AuditEvent.objects.filter(event="access.request.pushed").exists()
    found = fresh(request)
    assert states.wanted_push(found.status, found.hub_status, asked_on_hub=True) is None


def test_an_acceptance_that_went_out_is_pushed_back(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    actions.record_pushed(request_ids=[request.pk], hub_status="accepted", pushed_at=timezone.now())
    undo(author, request)
    found = fresh(request)
    assert states.wanted_push(found.status, found.hub_status, asked_on_hub=True) == states.Push("status", "pending")


@pytest.mark.django_db(transaction=True)
def test_an_undo_and_the_others_decision_at_once():
    mara, noor = factories.make_author(), factories.make_author(username="noor", name="Noor Haddad")
    actors = {"mara": factories.actor(mara), "noor": factories.actor(noor)}
    repository = factories.make_repository()
    for number in range(6):
        request = factories.ask(repository, f"person-{number}")
        factories.decide(mara, request, "accept")

        found = race(
            lambda: actions.undo(actor=actors["mara"], request_id=request.pk),  # noqa: B023
            lambda: actions.decide(  # noqa: B023
                actor=actors["noor"],
                request_id=request.pk,  # noqa: B023
                verb="reject",
                seen_status="accepted",
                reason="No.",
            ),
        )
        (refused,) = failures(found)
        assert isinstance(refused, WrongStateError)
        assert refused.code == "decided_meanwhile"
        undone = AuditEvent.objects.filter(event="access.request.undone", subject_id=request.pk).exists()
        assert fresh(request).status == ("pending" if undone else "rejected")
        told = Notification.objects.filter(subject_id=request.pk, kind__in=["access.accepted", "access.rejected"])
        assert list(told.values_list("kind", flat=True)) == ([] if undone else ["access.rejected"])


@pytest.mark.django_db(transaction=True)
def test_an_undo_while_its_push_reports_leaves_work_for_the_next_push():
    author = factories.make_author()
    actor, repository = factories.actor(author), factories.make_repository()
    for number in range(6):
        request = factories.ask(repository, f"person-{number}")
        factories.decide(author, request, "accept")
        found = race(
            lambda: actions.undo(actor=actor, request_id=request.pk),  # noqa: B023
            lambda: actions.record_pushed(  # noqa: B023
                request_ids=[request.pk],  # noqa: B023
                hub_status="accepted",
                pushed_at=timezone.now(),
            ),
        )
        assert failures(found) == []
        now = fresh(request)
        assert (now.status, now.hub_status) == ("pending", "accepted")
        assert states.wanted_push("pending", "accepted", asked_on_hub=True) is not None
        item = OutboxItem.objects.get(kind=states.PUSH, key=str(request.pk))
        assert item.done < item.wanted
