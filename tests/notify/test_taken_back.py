"""What was taken back, undone or settled leaves a digest whose mail has not left, and no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from access import actions as access
from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.notify import actions, digests, preferences
from hubgate.notify.models import Delivery, Digest, Notification
from hubgate.notify.tasks import fix_digests
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos.models import Repository
from tests import factories
from tests.notify.smtp import MailServer, mail_server
from tests.threads import failures, race

START = datetime(2026, 6, 10, 9, 10, tzinfo=UTC)
TAKES, BUSY = "250 taken", "451 come back later"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.5
    with mail_server() as state:
        settings.EMAIL_PORT = state.port
        yield state


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def author(db, clock) -> User:
    return factories.make_author()


@pytest.fixture
def other(author) -> User:
    """Somebody who wants a digest of what is assigned to them."""
    other = factories.make_author(username="ines")
    preferences.choose(actor=factories.actor(other), paces={"assigned": "hourly"}, zone="Europe/Berlin", daily_hour=8)
    return other


@pytest.fixture
def repository(author) -> Repository:
    return factories.make_repository()


def ask(repository: Repository, *names: str) -> list[AccessRequest]:
    asked_at = timezone.now() + timedelta(seconds=1)
    rows = [factories.row(name, email=f"{name}@northlake.edu", asked_at=asked_at) for name in names]
    factories.record(repository, *rows, read_at=timezone.now() + timedelta(seconds=2))
    return [AccessRequest.objects.get(repository=repository, person__username=name) for name in names]


def assign(actor: User, request: AccessRequest, to: User | None) -> None:
    access.assign(actor=factories.actor(actor), request_id=request.pk, user_id=to.pk if to else None)


def later(clock: Any, **by: float) -> None:
    clock.shift(timedelta(**by))
    fix_digests()
    OutboxItem.objects.filter(kind=actions.DELIVER_MAIL).update(leased_until=None)
    worker.drain(actions.DELIVER_MAIL)


def to(server: MailServer, user: User) -> list[str]:
    mails = [mail for mail in server.taken if mail["To"] == user.email]
    texts = [str(mail.get_payload(decode=True), "utf-8") for mail in mails]  # type: ignore[arg-type]
    return [text.replace("\r\n", "\n") for text in texts]


def test_an_assignment_is_told_at_once_by_default_and_in_a_digest_when_chosen(server, clock, author, other, repository):
    (kim,) = ask(repository, "kim")
    assign(author, kim, other)
    assign(other, kim, author)
    later(clock, seconds=1)
    assert [("assigned" in text) for text in to(server, author)] == [True]
    assert to(server, other) == []


def test_what_was_taken_back_leaves_a_digest_that_is_not_fixed(server, clock, author, other, repository):
    kim, jo = ask(repository, "kim", "jo")
    assign(author, kim, other)
    assign(author, jo, other)
    assign(author, kim, None)
    later(clock, hours=1)
    (text,) = to(server, other)
    assert "1 request assigned to you" in text
    assert "(jo), by Mara Keller" in text


def test_what_was_taken_back_leaves_a_digest_whose_mail_waits(server, clock, author, other, repository):
    kim, jo = ask(repository, "kim", "jo")
    assign(author, kim, other)
    assign(author, jo, other)
    server.data = BUSY
    later(clock, hours=1)
    assert Delivery.objects.get(digest__user=other).state == "waiting"
    assign(author, kim, None)
    server.data = TAKES
    server.taken.clear()
    later(clock, minutes=10)
    (text,) = to(server, other)
    assert "1 request assigned to you" in text
    assert "(kim), by" not in text


def test_a_digest_of_which_nothing_is_left_is_no_mail(server, clock, author, other, repository):
    preferences.choose(
        actor=factories.actor(other),
        paces={"assigned": "hourly", "requests": "in_hubgate"},
        zone="Europe/Berlin",
        daily_hour=8,
    )
    (kim,) = ask(repository, "kim")
    assign(author, kim, other)
    clock.shift(timedelta(hours=1))
    assert digests.fix(user_id=other.pk, now=timezone.now()) is not None
    assign(author, kim, None)
    later(clock, seconds=1)
    assert to(server, other) == []
    assert not Digest.objects.filter(user=other).exists()
    assert not OutboxItem.objects.filter(kind=actions.DELIVER_MAIL).exclude(done__gte=1).exists()


def test_what_a_mail_may_have_told_is_not_taken_back(server, clock, author, other, repository):
    (kim,) = ask(repository, "kim")
    assign(author, kim, other)
    later(clock, hours=1)
    assert len(to(server, other)) == 1
    assign(author, kim, None)
    assert Notification.objects.filter(kind="access.assigned", user=other).exists()


@pytest.mark.django_db(transaction=True)
def test_what_leaves_this_moment_is_not_taken_back(server, clock):
    """A mail that is being marked as leaving is waited for; then its notice stays."""
    author = factories.make_author()
    (kim,) = ask(factories.make_repository(), "kim")
    assign(factories.make_author(username="ines"), kim, author)
    mail = Delivery.objects.get(notification__kind="access.assigned")
    marked, done = threading.Event(), threading.Event()

    def take_back() -> None:
        marked.wait(20)
        with transaction.atomic():
            actions.withdraw(["access.assigned"], "request", [kim.pk])
        done.set()

    def leave() -> None:
        with transaction.atomic():
            assert actions.begin(mail.pk) is not None
            marked.set()
            assert not done.wait(0.5)

    assert failures(race(leave, take_back)) == []
    assert Delivery.objects.get(pk=mail.pk).state == "sending"


def test_what_is_decided_while_its_mail_waits_is_left_out_of_the_digest(server, clock, author, repository):
    kim, _ = ask(repository, "kim", "jo")
    server.data = BUSY
    later(clock, hours=1)
    factories.decide(author, kim, "reject", "No.")
    server.data = TAKES
    server.taken.clear()
    later(clock, minutes=10)
    (text,) = to(server, author)
    assert "1 new request\n" in text
    assert "kim" not in text


def test_after_an_undo_those_who_were_not_told_yet_are_told(server, clock, author, repository):
    kim, jo = ask(repository, "kim", "jo")
    factories.decide(author, kim, "accept")
    factories.decide(author, jo, "accept")
    access.undo(actor=factories.actor(author), request_id=kim.pk)
    later(clock, hours=1)
    (text,) = to(server, author)
    assert "1 new request\n" in text
    assert "(kim)" in text
    later(clock, hours=3)
    assert len(to(server, author)) == 1


def test_an_undo_tells_nobody_again_who_was_told_or_read_it(server, clock, author, repository):
    reader = factories.make_author(username="ines")
    ask(repository, "kim", "jo")
    actions.mark_read(actor=factories.actor(reader))
    later(clock, hours=1)
    server.taken.clear()
    for request in AccessRequest.objects.all():
        factories.decide(author, request, "accept")
        access.undo(actor=factories.actor(author), request_id=request.pk)
    later(clock, hours=3)
    assert to(server, author) == to(server, reader) == []
