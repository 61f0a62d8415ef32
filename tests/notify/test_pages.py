"""The list of notices and the view of kept mails."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hubgate.accounts.models import User
from hubgate.notify import queries
from hubgate.notify.models import Notification
from repos import actions
from repos.models import Namespace
from tests import factories

KEEPS = "hubgate.notify.mailbox.EmailBackend"


@pytest.fixture
def author(db) -> User:
    return factories.make_author()


@pytest.fixture
def as_author(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


def break_token(note: str = "The Hub <no longer> accepts it.") -> None:
    """The token of aurora-lab stops working after it had worked, which its authors are told."""
    namespace = Namespace.objects.get(name="aurora-lab")
    actions.record_round(namespace=namespace, next_at=namespace.mirror_due_at, finished=True)
    for state in (Namespace.Token.WORKING, Namespace.Token.DEAD):
        actions.record_token(namespace_id=namespace.pk, state=state, note=note, account="mara", proves=True)


def keep_mails(*addresses: str) -> None:
    for address in addresses:
        mail = EmailMessage(
            f"For {address}", "Hello,\n\nread https://hub.example/x <b>", "hubgate@localhost", [address]
        )
        get_connection(KEEPS).send_messages([mail])


def test_a_notice_is_shown_with_text_reason_and_link(as_author):
    break_token()
    page = as_author.get("/notices/").text
    assert "The Hub token of aurora-lab needs you" in page
    assert "The Hub &lt;no longer&gt; accepts it." in page
    assert "You get this because you run aurora-lab." in page
    assert 'href="/namespaces/aurora-lab/"' in page
    assert "1 new" in page


def test_the_bell_counts_what_is_new_until_all_is_read(as_author):
    break_token()
    assert 'aria-label="Notices, 1 unread"' in as_author.get("/repositories/").text
    assert as_author.get("/notices/read/").status_code == 405
    assert as_author.post("/notices/read/").headers["Location"] == "/notices/"
    page = as_author.get("/notices/").text
    assert 'aria-label="Notices"' in page
    assert "Mark all as read" not in page
    assert "needs you" in page


def test_everybody_sees_only_their_own(author):
    break_token()
    other = Client()
    other.force_login(factories.make_author("other-lab", "olaf"))
    assert "Nothing was told yet" in other.get("/notices/").text
    other.post("/notices/read/")
    assert Notification.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize("path", ["/notices/", "/mail/"])
def test_anonymous_people_are_asked_to_sign_in(db, path):
    assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"
    assert Client().post("/notices/read/").status_code == 302


def test_notices_are_paged_in_a_fixed_number_of_queries(as_author, django_assert_num_queries):
    break_token()
    few = _count(as_author, "/notices/")
    for _ in range(queries.PAGE):
        break_token()
    with django_assert_num_queries(few):
        first = as_author.get("/notices/").text
    assert first.count("needs you</a>") == queries.PAGE
    older = f"?before={Notification.objects.order_by('-pk')[queries.PAGE - 1].pk}"
    assert f'href="{older}"' in first
    with django_assert_num_queries(few):
        assert as_author.get(f"/notices/{older}").text.count("needs you</a>") == 1


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, ""])
def test_a_page_that_cannot_be_is_the_first(as_author, before):
    break_token()
    assert "needs you" in as_author.get(f"/notices/?before={before}").text


def test_kept_mails_are_the_operators(author, as_author, settings):
    settings.EMAIL_BACKEND, settings.DEMO = KEEPS, False
    keep_mails("riley@northlake.edu")
    assert as_author.get("/mail/").status_code == 404
    assert 'href="/mail/"' not in as_author.get("/repositories/").text
    author.is_superuser = True
    author.save()
    page = as_author.get("/mail/").text
    assert "For riley@northlake.edu" in page
    assert 'href="/mail/"' in as_author.get("/repositories/").text


def test_in_the_demo_everybody_signed_in_reads_them(as_author, settings):
    settings.EMAIL_BACKEND, settings.DEMO = KEEPS, True
    keep_mails("riley@northlake.edu", "ines@uniklinik.example")
    page = as_author.get("/mail/").text
    assert page.index("For ines@") < page.index("For riley@")
    assert '<a href="https://hub.example/x" rel="nofollow">' in page
    assert "&lt;b&gt;" in page
    found = as_author.get("/mail/?q=NORTHLAKE").text
    assert "For riley@" in found
    assert "For ines@" not in found
    assert "No mail to this address" in as_author.get("/mail/?q=nobody%00").text


def test_where_mail_is_sent_there_is_no_such_page(as_author, settings):
    settings.EMAIL_BACKEND, settings.DEMO = "django.core.mail.backends.smtp.EmailBackend", True
    assert as_author.get("/mail/").status_code == 404
    assert 'href="/mail/"' not in as_author.get("/repositories/").text


def test_mails_are_paged_in_a_fixed_number_of_queries(as_author, settings, django_assert_num_queries):
    settings.EMAIL_BACKEND, settings.DEMO = KEEPS, True
    keep_mails("first@example.org")
    few = _count(as_author, "/mail/")
    keep_mails(*(f"person{number}@example.org" for number in range(queries.PAGE)))
    with django_assert_num_queries(few):
        first = as_author.get("/mail/?q=example.org").text
    assert first.count("<summary") == queries.PAGE
    oldest = queries.kept_mails(factories.actor(User.objects.get()), address="example.org").older
    assert f'href="?before={oldest}&amp;q=example.org"' in first
    assert "first@" in as_author.get(f"/mail/?before={oldest}&q=example.org").text


def _count(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as context:
        client.get(url)
    return len(context)
