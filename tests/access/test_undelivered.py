"""Mail to requesters that did not arrive: told to those who decide, sent again, set aside."""

from __future__ import annotations

import pytest
from django.test import Client

from access import actions, queries
from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.audit.models import AuditEvent
from hubgate.errors import NotFoundOrHiddenError
from hubgate.notify import actions as notify
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox.models import OutboxItem
from repos.models import Namespace
from tests import factories

SAID = "The mail server answered 550: no such person"


@pytest.fixture
def author(db) -> User:
    return factories.make_author()


@pytest.fixture
def failed(author) -> Delivery:
    """The mail of an acceptance, refused by the requester's server."""
    factories.decide(author, factories.ask(factories.make_repository(), "kim"), "accept")
    mail = Delivery.objects.get(address="kim@northlake.edu")
    notify.record_outcome(mail, state=Delivery.State.FAILED, error=SAID)
    return mail


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_it_is_listed_with_the_servers_words_and_told_without_the_address(author, failed):
    page = client_of(author).get("/undelivered/").text
    assert SAID in page
    assert "kim@<wbr>northlake<wbr>.edu" in page
    assert "Mail not arrived" in client_of(author).get("/repositories/").text
    told = Notification.objects.get(kind="access.not-delivered", user=author)
    assert "northlake" not in str(told.data)
    assert "northlake" not in client_of(author).get("/notices/").text


def test_another_author_sees_and_changes_nothing(failed):
    other = factories.make_author("meridian", "ines")
    page = client_of(other).get("/undelivered/").text
    assert "northlake" not in page
    assert "Mail not arrived" not in client_of(other).get("/repositories/").text
    for act in (actions.send_mail_again, actions.set_mail_aside):
        with pytest.raises(NotFoundOrHiddenError):
            act(actor=factories.actor(other), delivery_id=failed.pk)


def test_it_is_sent_once_more_to_the_address_of_now(author, failed):
    AccessRequest.objects.update(email="kim@new.example")
    client = client_of(author)
    assert "Their address is kim@" in client.get("/undelivered/").text
    assert client.get(f"/undelivered/{failed.pk}/again/").status_code == 405
    assert client.post(f"/undelivered/{failed.pk}/again/").status_code == 302
    assert client.post(f"/undelivered/{failed.pk}/again/").status_code == 404
    failed.refresh_from_db()
    assert (failed.state, failed.address, failed.attempts) == ("waiting", "kim@new.example", 0)
    assert OutboxItem.objects.get(kind=notify.DELIVER_MAIL, key=str(failed.pk)).wanted == 2
    assert AuditEvent.objects.filter(event="access.request.mail-sent-again").count() == 1
    assert "northlake" not in str(list(AuditEvent.objects.values()))


def test_it_is_not_sent_again_where_the_namespace_mails_requesters_no_more(author, failed):
    assert "Send again" in client_of(author).get("/undelivered/").text
    Namespace.objects.update(mail_requesters=False)
    page = client_of(author).get("/undelivered/").text
    assert "Send again" not in page
    assert "The namespace does not mail requesters any more" in page
    assert client_of(author).post(f"/undelivered/{failed.pk}/again/").status_code == 409
    failed.refresh_from_db()
    assert (failed.state, failed.error) == ("failed", SAID)
    assert client_of(author).post(f"/undelivered/{failed.pk}/aside/").status_code == 302


def test_it_is_set_aside(author, failed):
    assert queries.count_undelivered(factories.actor(author)) == 1
    assert client_of(author).post(f"/undelivered/{failed.pk}/aside/").status_code == 302
    assert queries.count_undelivered(factories.actor(author)) == 0
    assert AuditEvent.objects.filter(event="access.request.mail-set-aside").count() == 1


def test_many_are_read_in_a_fixed_number_of_queries(author, failed, django_assert_num_queries):
    repository = factories.make_repository()
    actor = factories.actor(author)
    with django_assert_num_queries(2):
        assert len(queries.undelivered(actor).rows) == 1
    for number in range(26):
        factories.decide(author, factories.ask(repository, f"p{number}"), "accept")
    for mail in Delivery.objects.filter(address__startswith="p"):
        notify.record_outcome(mail, state=Delivery.State.FAILED, error=SAID)
    with django_assert_num_queries(2):
        page = queries.undelivered(actor)
    assert len(page.rows) == 25
    assert len(queries.undelivered(actor, before=page.older).rows) == 2
