"""Who is told what: once for each occasion, and nothing of what happened before the namespace was connected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from hubgate.accounts.models import User
from hubgate.notify import actions, queries
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox.models import OutboxItem
from tests import factories


@pytest.fixture
def author(db) -> User:
    return factories.make_author()


def notice(user: User, *, occasion: str = "a", **facts: Any) -> Notice:
    recipients = (Recipient(user_id=user.pk, address=user.email),)
    return Notice("access.accepted", "request", 1, occasion, facts.pop("recipients", recipients), {}, **facts)


def test_each_occasion_is_told_once_to_each_person(author):
    other = factories.make_author(username="noor")
    both = (Recipient(user_id=author.pk, address="a@x.example"), Recipient(user_id=other.pk))
    with transaction.atomic():
        actions.send([notice(author), notice(author), notice(author, occasion="b")])
        actions.send([notice(author), notice(author, occasion="a", recipients=both)])
    assert Notification.objects.filter(user=author).count() == 2
    assert Notification.objects.filter(user=other).count() == 1
    assert Delivery.objects.count() == 2
    assert OutboxItem.objects.filter(kind=actions.DELIVER_MAIL, wanted=1).count() == 2


def test_nobody_to_tell_is_nothing(author):
    actions.send([notice(author, recipients=())])
    assert Notification.objects.count() == 0


def test_what_was_seen_or_has_left_is_not_taken_back(author):
    other = factories.make_author(username="noor")
    actions.send([notice(author), notice(other, occasion="b"), notice(author, occasion="c")])
    Delivery.objects.filter(notification__user=other).update(state=Delivery.State.SENDING, attempts=1)
    Notification.objects.filter(once__contains=":c:").update(read_at=timezone.now())
    actions.withdraw(["access.rejected"], "request", [1])
    actions.withdraw(["access.accepted"], "request", [2])
    assert Notification.objects.count() == 3
    actions.withdraw(["access.accepted", "access.rejected"], "request", [1, 2])
    assert {one.once.split(":")[3] for one in Notification.objects.all()} == {"b", "c"}


def test_a_list_is_its_owners_own(author):
    other = factories.make_author(username="noor")
    actions.send([notice(author), notice(other)])
    assert queries.addressed_to(factories.actor(author)).count() == queries.count_new(factories.actor(author)) == 1
    assert actions.mark_read(actor=factories.actor(author)) == 1
    assert (queries.count_new(factories.actor(author)), queries.count_new(factories.actor(other))) == (0, 1)


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected", "reset"])
@pytest.mark.parametrize(("age", "told"), [(3600, False), (-1, True)])
def test_history_is_not_news(author, status: str, age: int, told: bool):
    """Only what comes after the namespace was connected is told: to reviewers, and to the person on a decision."""
    repository = factories.make_repository()
    then = timezone.now() - timedelta(seconds=age)
    factories.ask(repository, "kim", status="pending", asked_at=then)
    news = Notification.objects.filter(kind="access.new-request")
    assert news.exists() is told
    if status == "pending":
        return
    old = then if not told else timezone.now() + timedelta(seconds=2)
    factories.record(repository, factories.row("kim", status=status, asked_at=then, reviewed_at=old))
    assert Notification.objects.filter(kind=f"access.{status}").exists() is told
    factories.ask(repository, "decided-long-ago", status=status, asked_at=then, reviewed_at=then)
    assert not Notification.objects.filter(identity__username="decided-long-ago").exists()
