"""Mails through a real SMTP server: each once, refusals seen, and the unsure case counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from access.models import AccessRequest
from hubgate.notify import actions, queries
from hubgate.notify.models import Delivery
from hubgate.outbox import worker
from hubgate.outbox.models import OutboxItem
from tests import factories
from tests.notify.smtp import MailServer, mail_server


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.3
    with mail_server() as state:
        settings.EMAIL_PORT = state.port
        yield state


@pytest.fixture
def request_(db) -> AccessRequest:
    """An accepted request, whose mail is about to leave."""
    author = factories.make_author()
    request = factories.ask(factories.make_repository(), "kim")
    factories.decide(author, request, "accept")
    return request


def run() -> None:
    """Whatever mail waits, goes now; a worker's lease is long over."""
    OutboxItem.objects.filter(kind=actions.DELIVER_MAIL).update(due_at=timezone.now(), leased_until=None)
    worker.drain(actions.DELIVER_MAIL)


def delivery() -> Delivery:
    return Delivery.objects.get()


def waits() -> bool:
    return OutboxItem.objects.filter(kind=actions.DELIVER_MAIL, done=0).exists()


def test_a_mail_is_sent_once_however_often_the_work_is_given_out(server: MailServer, request_: AccessRequest):
    for _ in range(3):
        run()
        OutboxItem.objects.filter(kind=actions.DELIVER_MAIL).update(done=0)
    assert server.recipients == ["kim@northlake.edu"]
    (mail,) = server.taken
    assert mail["Subject"] == "You have access to aurora-lab/tiny-gated"
    assert mail["Message-ID"] == delivery().message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    sent = delivery()
    assert (sent.state, sent.attempts, sent.error, sent.maybe_twice) == ("sent", 1, "", False)
    assert sent.sent_at is not None


@pytest.mark.parametrize("where", ["recipient", "data"])
@pytest.mark.parametrize(
    ("answer", "state", "again"), [("450 greylisted", "waiting", True), ("550 no such person", "failed", False)]
)
def test_a_refusal_is_tried_again_or_shown(server, request_, where: str, answer: str, state: str, again: bool):
    """The decision stands either way, and the author sees what became of the mail."""
    setattr(server, where, answer)
    run()
    (seen,) = queries.deliveries_about("request", request_.pk)
    assert (seen.state, waits()) == (state, again)
    assert seen.error == f"The mail server answered {answer[:3]}: {answer[4:]}"
    request_.refresh_from_db()
    assert request_.status == "accepted"
    setattr(server, where, "250 ok")
    run()
    assert delivery().state == ("sent" if again else "failed")
    assert len(server.taken) == again
    assert not delivery().maybe_twice


@pytest.mark.parametrize("greeting", ["421 busy", "554 go away", "hang", "drop"])
def test_a_server_that_lets_nobody_in_has_not_taken_the_mail(server, request_, greeting: str):
    server.greeting = greeting
    for tries in range(1, 5):
        run()
        assert (delivery().state, delivery().attempts, waits()) == ("waiting", tries, True)
    assert "cannot be reached" in delivery().error
    server.greeting = "220 mail.example ready"
    run()
    assert (delivery().state, delivery().maybe_twice, len(server.taken)) == ("sent", False, 1)


def test_a_server_that_is_not_there_is_asked_again(server, request_, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    run()
    assert (delivery().state, waits()) == ("waiting", True)
    settings.EMAIL_PORT = port
    run()
    assert delivery().state == "sent"


@pytest.mark.parametrize("data", ["drop", "hang"])
def test_a_server_that_takes_the_mail_and_says_nothing_is_asked_twice_at_most(server, request_, data: str):
    server.data = data
    run()
    assert (delivery().state, delivery().attempts, delivery().maybe_twice) == ("sending", 1, False)
    run()
    assert (delivery().state, delivery().attempts, delivery().maybe_twice) == ("sending", 2, True)
    for _ in range(3):
        run()
    unsure = queries.deliveries_about("request", request_.pk)[0]
    assert (unsure.state, unsure.attempts, unsure.maybe_twice) == ("unsure", 2, True)
    assert "may have taken this mail" in unsure.error
    assert len(server.taken) == actions.MOST_TRIES_WHEN_UNSURE
    assert not waits()


def test_a_worker_killed_while_sending_is_marked_on_the_second_try(server, request_):
    assert actions.begin(delivery().pk) is not None
    assert delivery().state == "sending"
    run()
    assert (delivery().state, delivery().maybe_twice, len(server.taken)) == ("sent", True, 1)


def test_one_bad_address_sends_nothing_twice_to_the_good_ones(server, request_):
    author = factories.make_author("other-lab", username="noor")
    repository = factories.make_repository("other-lab/model")
    for name in ("ada", "bo", "cy"):
        factories.decide(author, factories.ask(repository, name), "accept")
    server.recipient = "450 later"
    run()
    assert server.taken == []
    server.recipient = "250 ok"
    run()
    run()
    assert sorted(str(mail["To"]) for mail in server.taken) == [
        "ada@northlake.edu", "bo@northlake.edu", "cy@northlake.edu", "kim@northlake.edu",
    ]  # fmt: skip


def test_a_notice_taken_back_in_time_is_not_mailed(server, request_):
    author = factories.make_author("aurora-lab", username="noor")
    server.greeting = "421 busy"
    run()
    factories.decide(author, request_, "reject", "A slip of the hand")
    server.greeting = "220 ready"
    run()
    run()
    assert [str(mail["Subject"]) for mail in server.taken] == ["Your request for aurora-lab/tiny-gated was rejected"]
