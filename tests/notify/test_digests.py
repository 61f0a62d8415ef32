"""Digests: each notice in exactly one, each person one mail a period, and killed at any line neither lost nor twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.audit.models import AuditEvent
from hubgate.notify import actions, digests, mail_text, places, preferences
from hubgate.notify.models import Delivery, Digest, Notification
from hubgate.notify.places import Place
from hubgate.notify.rules import scope_of_repository
from hubgate.notify.tasks import fix_digests
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from repos.models import Namespace, Repository, Role
from tests import factories
from tests.notify.smtp import MailServer, mail_server

START = datetime(2026, 6, 10, 9, 10, tzinfo=UTC)


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
def repository(author) -> Repository:
    return factories.make_repository()


def ask(repository: Repository, *names: str, **facts: Any) -> list[AccessRequest]:
    rows = [
        factories.row(name, email=f"{name}@northlake.edu", asked_at=timezone.now() + timedelta(seconds=1), **facts)
        for name in names
    ]
    return factories.record(repository, *rows, read_at=timezone.now() + timedelta(seconds=2))


def choose(user: User, **paces: str) -> None:
    preferences.choose(actor=factories.actor(user), paces=paces, zone="Europe/Berlin", daily_hour=8)


def later(clock: Any, **by: float) -> None:
    clock.shift(timedelta(**by))
    fix_digests()
    OutboxItem.objects.filter(kind=actions.DELIVER_MAIL).update(leased_until=None)
    worker.drain(actions.DELIVER_MAIL)


def texts(server: MailServer) -> list[str]:
    return [str(mail.get_payload(decode=True), "utf-8") for mail in server.taken]  # type: ignore[arg-type]


def test_four_hundred_requests_and_six_admins_are_six_mails(server, clock, author, repository):
    for name in ("ada", "bo", "cy", "di", "ed"):
        factories.make_author(username=name)
    for start in range(0, 400, 100):
        ask(repository, *(f"p{number}" for number in range(start, start + 100)))
        later(clock, minutes=10)
    assert server.taken == []
    later(clock, minutes=20)
    assert sorted(server.recipients) == sorted(user.email for user in User.objects.all())
    assert {str(mail["Subject"]) for mail in server.taken} == {"400 new requests: aurora-lab/tiny-gated"}
    text = texts(server)[0]
    assert "400 requests wait in all, the oldest for less than a day." in text
    assert "and 390 more" in text
    assert text.count("/requests/") == 10
    later(clock, hours=30)
    assert len(server.taken) == 6
    assert Notification.objects.filter(kind="access.new-request", digest=None).count() == 0


def test_an_automatic_gate_sends_one_mail_a_day_and_nothing_new_to_read(server, clock, author):
    open_door = factories.make_repository("aurora-lab/auto", gated="auto")
    ask(open_door, "kim", "jo", status="accepted")
    assert Notification.objects.filter(kind="access.let-in", read_at=None).count() == 0
    later(clock, hours=2)
    assert server.taken == []
    later(clock, hours=22)
    assert [str(mail["Subject"]) for mail in server.taken] == ["2 people let in by the automatic gate: aurora-lab/auto"]


def test_at_once_is_a_mail_for_each_and_no_digest_tells_it_again(server, clock, author, repository):
    choose(author, requests="at_once")
    ask(repository, "kim", "jo")
    later(clock, minutes=1)
    later(clock, hours=48)
    assert len(server.taken) == 2
    assert Digest.objects.count() == 0
    assert all("Choose how you are told: " in text for text in texts(server))


def test_nothing_to_say_is_no_mail(server, clock, author):
    later(clock, hours=50)
    assert server.taken == []


def test_each_place_goes_its_own_way(server, clock, author, repository):
    other = factories.make_repository("aurora-lab/other")
    place = Place(scope_of_repository(other.pk), other.name, "model")
    preferences.add_exception(actor=factories.actor(author), place=place, topic="", pace="in_hubgate")
    ask(repository, "kim")
    ask(other, "jo")
    later(clock, hours=1)
    (text,) = texts(server)
    assert "aurora-lab/tiny-gated" in text
    assert "aurora-lab/other" not in text
    assert Notification.objects.count() == 2


@pytest.mark.parametrize(
    ("pace", "after"),
    [("at_once", timedelta(0)), ("daily", timedelta(hours=20, minutes=50)), ("in_hubgate", None)],
)
def test_what_waits_follows_a_new_choice_in_one_mail(server, clock, author, repository, pace, after):
    ask(repository, "kim", "jo")
    choose(author, requests=pace)
    waits = Notification.objects.filter(digest=None, due_at__isnull=False)
    assert waits.count() == (0 if after is None else 2)
    if after is not None:
        assert {one.due_at for one in waits} == {timezone.now() + after}
        later(clock, seconds=after.total_seconds())
    later(clock, hours=30)
    assert len(server.taken) == (0 if after is None else 1)


def test_what_was_read_or_decided_meanwhile_is_left_out(server, clock, author, repository):
    kim, jo = ask(repository, "kim", "jo")
    factories.decide(author, kim, "accept")
    actions.mark_read(
        actor=factories.actor(author), notification_id=Notification.objects.get(user=author, subject_id=jo.pk).pk
    )
    later(clock, hours=1)
    assert author.email not in server.recipients


def test_a_digest_says_since_when_on_its_readers_clocks(server, clock, author, repository):
    choose(author, requests="hourly")
    ask(repository, "kim")
    later(clock, hours=1)
    assert "this came in since 10 Jun 2026, 11:10, Europe/Berlin." in texts(server)[0]


def test_a_digest_that_cannot_be_made_keeps_no_other_from_leaving(server, clock, author, repository, caplog):
    other = factories.make_author(username="ines")
    ask(repository, "kim")
    known = places.registry.deciding

    def broken(user_id: int, namespace_ids: Sequence[int]) -> set[int]:
        if user_id == author.pk:
            raise RuntimeError("The roles cannot be read.")
        return known(user_id, namespace_ids)

    places.registry.deciding = broken
    try:
        later(clock, hours=1)
    finally:
        places.registry.deciding = known
    assert server.recipients == [other.email]
    assert f"The digest of account {author.pk} could not be made" in caplog.text
    later(clock, seconds=1)
    assert server.recipients == [other.email, author.email]


def test_who_no_longer_decides_hears_nothing_more_by_mail(server, clock, author, repository):
    ask(repository, "kim")
    Role.objects.filter(user=author).delete()
    later(clock, hours=1)
    assert server.taken == []
    assert Digest.objects.count() == 0


def test_what_comes_too_late_for_a_digest_waits_for_the_next(server, clock, author, repository):
    ask(repository, "kim")
    late = ask(repository, "jo")[0]
    straggler = Notification.objects.filter(subject_id=late.pk)
    Notification.objects.filter(pk=straggler.get().pk).update(due_at=None)
    later(clock, minutes=50)
    straggler.update(due_at=timezone.now(), pace="hourly")
    later(clock, seconds=1)
    assert len(server.taken) == 1
    later(clock, minutes=59, seconds=59)
    assert ["1 new request" in text for text in texts(server)] == [True, True]
    assert Delivery.objects.count() == Digest.objects.count() == 2


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", range(1, 16))
def test_killed_at_any_statement_each_notice_is_told_once(server, clock, line: int):
    author = factories.make_author()
    repository = factories.make_repository()
    ask(repository, "kim", "jo", "lu")
    clock.shift(timedelta(hours=1))
    seen = 0

    def kill(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == line:
            raise Killed
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(kill):
            digests.fix(user_id=author.pk, now=timezone.now())
        survived = True
    except Killed:
        survived = False
    assert Digest.objects.count() == Delivery.objects.count() == (1 if survived else 0)
    later(clock, seconds=5)
    later(clock, seconds=5)
    assert len(server.taken) == 1
    assert "3 new requests" in texts(server)[0]
    assert Notification.objects.filter(digest=None).count() == 0


def test_a_server_that_takes_a_digest_and_says_nothing_is_marked(server, clock, author, repository):
    ask(repository, "kim")
    server.data = "drop"
    later(clock, hours=1)
    server.data = "250 taken"
    later(clock, minutes=1)
    later(clock, minutes=11)
    sent = Delivery.objects.get()
    assert (sent.state, sent.maybe_twice, len({mail["Message-ID"] for mail in server.taken})) == ("sent", True, 1)


def test_links_in_a_digest_change_nothing(server, clock, author, repository, settings):
    ask(repository, "kim", "jo")
    later(clock, hours=1)
    links = {link.removeprefix(settings.PUBLIC_URL) for link in re.findall(r"https?://\S+", texts(server)[0])}
    assert len(links) == 3
    before = list(AccessRequest.objects.values()), AuditEvent.objects.count(), OutboxItem.objects.count()
    signed_in = Client()
    signed_in.force_login(author)
    for client, fine in ((signed_in, 200), (Client(), 302)):
        for link in links:
            assert client.get(link).status_code in (fine, 200)
            assert client.head(link).status_code in (fine, 200)
    assert (list(AccessRequest.objects.values()), AuditEvent.objects.count(), OutboxItem.objects.count()) == before
    assert Notification.objects.filter(read_at__isnull=False).count() == 0


def test_a_thousand_notices_take_as_many_statements_as_ten(clock, author, repository):
    """Apart from inserts, which come in batches."""
    Namespace.objects.update(mail_requesters=False)

    def statements(occasion: str, number: int) -> tuple[int, int, int]:
        to = (actions.Recipient(user_id=author.pk, address=author.email),)
        where = {"namespace_id": repository.namespace_id, "repository_id": repository.pk}
        data = {"repository": repository.name, "person": "Kim", "username": "kim", "link": ""}
        wanted = [
            actions.Notice("access.new-request", "request", n, occasion, to, data, **where) for n in range(number)
        ]
        with CaptureQueriesContext(connection) as sent, transaction.atomic():
            actions.send(wanted)
        clock.shift(timedelta(hours=1))
        with CaptureQueriesContext(connection) as fixed:
            digest = digests.fix(user_id=author.pk, now=timezone.now())
        assert digest is not None
        with CaptureQueriesContext(connection) as rendered:
            text = mail_text.of_digest(digest)
        assert text.title.startswith(f"{number:,} new requests")
        selects = [query for query in sent.captured_queries if not query["sql"].startswith("INSERT")]
        return len(selects), len(fixed), len(rendered)

    statements("warm", 10)
    assert statements("few", 10) == statements("many", 1000)
