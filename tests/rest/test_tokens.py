"""Access tokens: made once, kept as a digest, with scopes and an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from hubgate.accounts import actions, queries, scopes
from hubgate.accounts.models import AccessToken, User
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from tests import factories
from tests.rest.conftest import Caller, caller


def test_the_secret_is_kept_nowhere(author: User):
    token, secret = actions.make_token(actor=factories.actor(author), name="export", wanted=["read"], days=7)
    stored = [str(value) for value in AccessToken.objects.values().get(pk=token.pk).values()]
    assert not any(secret in value or secret.rpartition("_")[2] in value for value in stored)
    told = AuditEvent.objects.get(event="accounts.token.made")
    assert secret not in str(told.data)
    found = queries.token_of(secret)
    assert found is not None
    assert found.pk == token.pk
    assert queries.token_of(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None
    assert queries.token_of("hgt_" + "x" * 52) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"name": "x" * 81}, "name"), ({"wanted": []}, "scopes"), ({"wanted": ["all"]}, "scopes"),
     ({"days": 0}, "days"), ({"days": 367}, "days")],
)  # fmt: skip
def test_a_token_that_does_not_fit_is_refused_by_name(author: User, change: dict[str, Any], field: str):
    values: dict[str, Any] = {"name": "export", "wanted": ["read"], "days": 7, **change}
    with pytest.raises(InvalidInputError) as refused:
        actions.make_token(actor=factories.actor(author), **values)
    assert list(refused.value.fields) == [field]


def test_there_is_an_end_to_how_many_tokens_one_has(author: User):
    for _ in range(actions.MOST_TOKENS):
        token, _secret = actions.make_token(actor=factories.actor(author), name="x", wanted=["read"], days=1)
    with pytest.raises(InvalidInputError):
        actions.make_token(actor=factories.actor(author), name="x", wanted=["read"], days=1)
    actions.revoke_token(actor=factories.actor(author), token_id=token.pk)
    actions.make_token(actor=factories.actor(author), name="x", wanted=["read"], days=1)


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer hgt_short_x", "Basic bWFyYTp4", "Token hgt_a_b", "x"])
def test_what_is_no_token_is_unknown(author: User, header: str):
    refused = Caller(author, "").get("me", authorization=header)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_unknown")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_one_is_asked_to_sign_in(db: None):
    refused = Caller(User(), "").get("me")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert refused["Content-Type"] == "application/problem+json"


def test_that_a_token_is_over_or_revoked_is_told_only_to_who_holds_it(author: User, script: Caller):
    prefix = script.token.rsplit("_", 1)[0]
    guess = Caller(author, f"{prefix}_{'a' * 43}")
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        assert script.get("me").json()["code"] == "token_expired"
        assert guess.get("me").json()["code"] == "token_unknown"
    token = AccessToken.objects.get()
    actions.revoke_token(actor=factories.actor(author), token_id=token.pk)
    assert script.get("me").json()["code"] == "token_revoked"
    assert guess.get("me").json()["code"] == "token_unknown"


def test_a_closed_account_opens_nothing(author: User, script: Caller):
    author.is_active = False
    author.save()
    assert (script.get("me").status_code, script.get("me").json()["code"]) == (401, "account_closed")


def test_a_bad_token_is_not_helped_by_a_session(author: User):
    client = Client()
    client.force_login(author)
    refused = client.get("/api/v1/me", headers={"authorization": "Bearer nonsense"})
    assert refused.status_code == 401


def test_each_scope_opens_its_own(author: User):
    reader, decider = caller(author, scopes.READ), caller(author, scopes.DECIDE)
    assert reader.get("me").json()["token"]["scopes"] == ["read"]
    refused = reader.post("notifications/read", {"up_to": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert 'error="insufficient_scope", scope="decide"' in refused["WWW-Authenticate"]
    assert decider.get("me").json()["code"] == "insufficient_scope"
    assert decider.post("notifications/read", {"up_to": 1}).status_code == 200


def test_its_last_use_is_noted_at_most_once_a_minute(script: Caller):
    def used_at() -> Any:
        return AccessToken.objects.get().used_at

    assert used_at() is None
    script.get("me")
    first = used_at()
    script.get("me")
    assert used_at() == first
    with time_machine.travel(first + timedelta(seconds=61), tick=True):
        script.get("me")
        assert used_at() > first


def test_somebody_elses_token_is_hidden(author: User, script: Caller):
    other = factories.make_author("meridian", "ines")
    with pytest.raises(NotFoundOrHiddenError):
        actions.revoke_token(actor=factories.actor(other), token_id=AccessToken.objects.get().pk)


def test_a_session_needs_the_csrf_token_of_a_page(author: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(author)
    assert client.get("/api/v1/me").json()["token"] is None
    body: dict[str, Any] = {"data": '{"up_to": 1}', "content_type": "application/json"}
    refused = client.post("/api/v1/notifications/read", **body)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    client.get("/api/docs")
    passed = client.post(
        "/api/v1/notifications/read", **body, headers={"x-csrftoken": client.cookies["hubgate_csrf"].value}
    )
    assert passed.status_code == 200


def test_the_page_shows_the_secret_once_and_revokes(author: User, client: Client):
    client.force_login(author)
    made = client.post("/accounts/tokens/", {"name": "nightly", "scopes": ["read", "decide"], "days": "30"})
    assert made.status_code == 200
    assert made["Cache-Control"] == "no-store"
    secret = next(word for word in made.content.decode().replace("<", " ").replace(">", " ").split() if "hgt_" in word)
    assert Caller(author, secret).get("me").json()["token"]["scopes"] == ["read", "decide"]
    assert secret not in client.get("/accounts/tokens/").content.decode()
    token = AccessToken.objects.get()
    asked = client.get(f"/accounts/tokens/{token.pk}/revoke/")
    assert "nightly" in asked.content.decode()
    assert client.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 302
    assert Caller(author, secret).get("me").json()["code"] == "token_revoked"
    assert sorted(AuditEvent.objects.filter(subject_type="account").values_list("event", flat=True)) == [
        "accounts.token.made",
        "accounts.token.revoked",
    ]


def test_the_page_says_what_is_missing(author: User, client: Client):
    client.force_login(author)
    refused = client.post("/accounts/tokens/", {"name": "", "days": "30"})
    assert refused.status_code == 422
    assert "Choose what the token may be used for." in refused.content.decode()
    assert not AccessToken.objects.exists()
