"""A second factor and sessions, and namespaces that ask for one."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.test import Client

from access import actions as access
from access import rights
from hubgate.accounts import actions as accounts
from hubgate.accounts.models import User
from hubgate.errors import NotAllowedError, WrongStateError
from repos import actions
from repos.models import Namespace
from tests import factories

pytestmark = pytest.mark.django_db
NS = "aurora-lab"


def set_up(client: Client, password: str) -> str:
    """Set an authenticator app up as a person does. Returns its secret."""
    page = client.get("/accounts/2fa/totp/activate/")
    if page.status_code == 302:
        client.post(page["Location"], {"password": password})
        page = client.get("/accounts/2fa/totp/activate/")
    secret = re.search(r"select-all\">([A-Z2-7]+)<", page.content.decode())
    assert secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code(secret[1])})
    assert answer.status_code == 302, answer.content.decode()
    return secret[1]


def code(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


@pytest.fixture
def author(db: None) -> User:
    return factories.make_author(NS, "mara")


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": factories.PASSWORD})
    return client


def test_an_app_is_set_up_asked_for_at_the_sign_in_and_kept_encrypted(author: User):
    client = signed_in(author)
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code in (200, 302)
    secret = set_up(client, factories.PASSWORD)
    kept = Authenticator.objects.get(user=author, type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    codes = client.get("/accounts/2fa/recovery-codes/")
    assert codes.status_code == 200
    seed = Authenticator.objects.get(user=author, type=Authenticator.Type.RECOVERY_CODES).data
    assert all(one not in str(seed) for one in re.findall(r"select-all\">([^<]+)<", codes.content.decode()))

    fresh = Client()
    first = fresh.post("/accounts/login/", {"login": author.username, "password": factories.PASSWORD})
    assert first["Location"].startswith("/accounts/2fa/authenticate/")
    assert fresh.get("/inbox/").status_code == 302
    assert fresh.post("/accounts/2fa/authenticate/", {"code": "12"}).status_code == 200
    recovery = re.findall(r"select-all\">([^<]+)<", codes.content.decode())[0]
    assert fresh.post("/accounts/2fa/authenticate/", {"code": recovery}).status_code == 302
    assert fresh.get("/inbox/").status_code == 200


def test_who_lacks_a_factor_reads_and_does_not_decide_on_pages_and_by_token(author: User):
    request = factories.ask(factories.make_repository("aurora-lab/tiny-gated"), "jordan")
    actor = factories.actor(author)
    with pytest.raises(WrongStateError, match="your own account first"):
        actions.ask_for_second_factor(actor=actor, namespace=NS, on=True)
    client = signed_in(author)
    set_up(client, factories.PASSWORD)
    assert client.post(f"/namespaces/{NS}/people/second-factor/", {"on": "1"}).status_code == 302
    assert Namespace.objects.get().second_factor
    other = factories.make_author(NS, "noor", name="Noor Haddad")
    lacking = signed_in(other)
    page = lacking.get(f"/requests/{request.pk}/").content.decode()
    assert "asks everybody who decides there for a second factor" in page
    assert "northlake.edu" in page
    assert "hg-do-accept" not in page
    refused = lacking.post(f"/requests/{request.pk}/accept/", {"seen_status": "pending"})
    assert refused.status_code == 403
    _, secret = accounts.make_token(actor=factories.actor(other), name="script", wanted=["read", "decide"], days=1)
    script = Client(headers={"authorization": f"Bearer {secret}"})
    body = {"verb": "accept", "seen_status": "pending"}
    told = script.post(f"/api/v1/requests/{request.pk}/decide", body, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (403, "second_factor_due")
    assert script.get(f"/api/v1/requests/{request.pk}").status_code == 200
    with pytest.raises(NotAllowedError, match="second factor"):
        actions.switch_mail(actor=factories.actor(other), namespace=Namespace.objects.get(), on=False)

    set_up(lacking, factories.PASSWORD)
    assert rights.may(factories.actor(other), "accept", request.repository)
    assert (
        script.post(f"/api/v1/requests/{request.pk}/decide", body, content_type="application/json").status_code == 200
    )


def test_a_set_that_was_started_decides_nothing_once_a_factor_is_asked_for(author: User):
    from uuid import uuid4

    request = factories.ask(factories.make_repository("aurora-lab/tiny-gated"), "jordan")
    other = factories.make_author(NS, "noor", name="Noor Haddad")
    bulk = access.prepare_bulk(actor=factories.actor(other), key=uuid4(), verb="accept", request_ids=[request.pk])
    client = signed_in(author)
    set_up(client, factories.PASSWORD)
    access.start_bulk(actor=factories.actor(other), key=bulk.key)
    actions.ask_for_second_factor(actor=factories.actor(author), namespace=NS, on=True)
    access.carry_out_bulk(bulk_id=bulk.pk)
    request.refresh_from_db()
    assert request.status == "pending"


def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(author: User):
    here, there, elsewhere = signed_in(author), signed_in(author), signed_in(author)
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("<li") >= 3
    assert page.count("This one") == 1
    mine = UserSession.objects.get(session_key=there.session.session_key)
    stranger = signed_in(factories.make_author("meridian", "ines"))
    assert stranger.post(f"/accounts/sessions/{mine.pk}/end/").status_code == 404
    assert there.get("/inbox/").status_code == 200
    assert here.post(f"/accounts/sessions/{mine.pk}/end/").status_code == 302
    assert there.get("/inbox/").status_code == 302
    assert elsewhere.get("/inbox/").status_code == 200
    assert here.post("/accounts/sessions/").status_code == 302
    assert elsewhere.get("/inbox/").status_code == 302
    assert here.get("/inbox/").status_code == 200
