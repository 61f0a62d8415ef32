"""Signing in with the Hub: against the local Hub's own process, and against an issuer that lies."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client
from pytest_django import Settings

from hubgate.accounts.models import HubIdentity, User
from hubgate.localhub.door import ControlDoor
from tests.accounts.issuer import CLIENT, KEY, OTHER_KEY, SUB, Issuer, issuing
from tests.localhub.visitor import Visitor

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/huggingface/login/"
CALLBACK = f"{LOGIN}callback/"


def point_at(settings: Settings, url: str) -> None:
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    app = providers["openid_connect"]["APPS"][0]
    app["client_id"], app["secret"] = CLIENT, "hubgate-demo-secret"
    app["settings"]["server_url"] = url
    settings.SOCIALACCOUNT_PROVIDERS = providers


@pytest.fixture
def browser() -> Client:
    """Somebody at hubgate, which they reach as 127.0.0.1:8123."""
    return Client(headers={"host": "127.0.0.1:8123"})


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    with issuing() as running:
        point_at(settings, running.url)
        yield running


def start(browser: Client) -> tuple[str, dict[str, str]]:
    """Presses "sign in with the Hub": where that leads, and the query sent along."""
    response = browser.post(LOGIN)
    assert response.status_code == 302, response.content
    target = response["Location"]
    return target, {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}


def come_back(browser: Client, issuer: Issuer) -> Any:
    _, query = start(browser)
    issuer.nonce = query["nonce"]
    return browser.get(CALLBACK, {"code": "c", "state": query["state"]})


def at_the_hub(hub: ControlDoor, target: str, name: str) -> str:
    """Signs in there as somebody and agrees: the address to which the Hub sends them back."""
    with Visitor(hub.base_url) as visitor:
        visitor.sign_in(name, target.removeprefix(hub.base_url))
        assert "Authorize as" in visitor.text
        path = target.removeprefix(hub.base_url)
        response = visitor.post(path, {"answer": "yes"}, follow_redirects=False)
        assert response.status_code == 303
        return str(response.headers["Location"])


def test_somebody_signs_in_with_the_hub(hub: ControlDoor, browser: Client, settings: Settings):
    point_at(settings, hub.base_url)
    person = hub.person("mkeller", fullname="Mara Keller", email="mara@aurora.example", is_pro=True)
    hub.org("aurora-lab", {"mkeller": "admin"})
    target, query = start(browser)
    assert query["code_challenge_method"] == "S256"
    assert len(query["nonce"]) >= 20
    back = at_the_hub(hub, target, "mkeller")
    assert back.startswith(f"http://127.0.0.1:8123{CALLBACK}?")
    response = browser.get(back.removeprefix("http://127.0.0.1:8123"))
    assert (response.status_code, response["Location"]) == (302, "/")
    identity = HubIdentity.objects.get(hub_id=person["_id"])
    assert (identity.username, identity.fullname, identity.is_pro) == ("mkeller", "Mara Keller", True)
    assert identity.user == User.objects.get(pk=browser.session["_auth_user_id"])
    roles = dict(identity.memberships.values_list("namespace", "role"))
    assert roles == {"aurora-lab": "admin", "mkeller": "admin"}


def test_a_renamed_person_comes_back_to_the_same_account(hub: ControlDoor, browser: Client, settings: Settings):
    point_at(settings, hub.base_url)
    hub.person("mara", hub_id=SUB)
    browser.get(at_the_hub(hub, start(browser)[0], "mara").removeprefix("http://127.0.0.1:8123"))
    hub.reset()
    hub.person("mara-keller", hub_id=SUB)
    browser.logout()
    browser.get(at_the_hub(hub, start(browser)[0], "mara-keller").removeprefix("http://127.0.0.1:8123"))
    assert User.objects.count() == 1
    assert HubIdentity.objects.get(hub_id=SUB).username == "mara-keller"


def test_a_code_and_its_state_are_good_once(hub: ControlDoor, browser: Client, settings: Settings):
    point_at(settings, hub.base_url)
    hub.person("mkeller")
    back = at_the_hub(hub, start(browser)[0], "mkeller").removeprefix("http://127.0.0.1:8123")
    assert browser.get(back).status_code == 302
    browser.logout()
    response = browser.get(back)
    assert response.status_code == 401
    assert "_auth_user_id" not in browser.session


def test_a_code_stolen_into_another_browser_is_refused(hub: ControlDoor, browser: Client, settings: Settings):
    point_at(settings, hub.base_url)
    hub.person("mkeller")
    back = at_the_hub(hub, start(browser)[0], "mkeller")
    code = parse_qs(urlsplit(back).query)["code"][0]
    thief = Client(headers={"host": "127.0.0.1:8123"})
    _, query = start(thief)
    assert thief.get(CALLBACK, {"code": code, "state": query["state"]}).status_code == 401
    assert not User.objects.exists()


def test_who_does_not_agree_is_not_signed_in(hub: ControlDoor, browser: Client, settings: Settings):
    point_at(settings, hub.base_url)
    hub.person("mkeller")
    path = start(browser)[0].removeprefix(hub.base_url)
    with Visitor(hub.base_url) as visitor:
        visitor.sign_in("mkeller", path)
        back = visitor.post(path, {"answer": "no"}, follow_redirects=False).headers["Location"]
    response = browser.get(back.removeprefix("http://127.0.0.1:8123"), follow=True)
    assert "_auth_user_id" not in browser.session
    assert response.redirect_chain[-1][0].endswith("/login/cancelled/")


def test_the_issuer_of_these_tests_is_believed_when_it_tells_the_truth(browser: Client, issuer: Issuer):
    assert come_back(browser, issuer).status_code == 302
    assert HubIdentity.objects.get(hub_id=SUB).user is not None


def hmac_with_the_public_key(body: dict[str, Any]) -> str:
    pem = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return jwt.encode(body, pem, "HS256", headers={"kid": "one"})


LIES: dict[str, dict[str, Any]] = {
    "a forged signature": {"sign": lambda body: jwt.encode(body, OTHER_KEY, "RS256", headers={"kid": "one"})},
    "a key that the Hub does not have": {
        "sign": lambda body: jwt.encode(body, OTHER_KEY, "RS256", headers={"kid": "two"})
    },
    "no signature": {"sign": lambda body: jwt.encode(body, "", "none", headers={"kid": "one"})},
    "the public key as a secret": {"sign": hmac_with_the_public_key},
    "no token at all": {"sign": lambda body: "nothing"},
    "another nonce": {"claims": {"nonce": "of another sign-in"}},
    "no nonce": {"claims": {"nonce": None}},
    "another audience": {"claims": {"aud": "another-application"}},
    "an audience of two": {"claims": {"aud": [CLIENT, "another-application"]}},
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "an expired token": {"claims": {"exp": int(time.time()) - 600}},
    "no end": {"claims": {"exp": None}},
    "a token of tomorrow": {"claims": {"iat": int(time.time()) + 86400}},
    "user info about somebody else": {"userinfo": {"sub": "f" * 24}},
    "metadata of another issuer": {"metadata": {"issuer": "https://elsewhere.example"}},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_hub_that_lies_signs_nobody_in(lie: str, browser: Client, issuer: Issuer, caplog: pytest.LogCaptureFixture):
    _, query = start(browser)
    issuer.nonce = query["nonce"]
    for name, value in LIES[lie].items():
        setattr(issuer, name, value)
    with caplog.at_level(logging.WARNING):
        response = browser.get(CALLBACK, {"code": "c", "state": query["state"]})
    assert response.status_code == 401
    assert "Signing in did not work" in response.content.decode()
    assert "The Hub" in response.content.decode()
    assert not User.objects.exists()
    assert not HubIdentity.objects.exists()
    assert "Signing in with the Hub did not work" in caplog.text
    assert "mara@aurora.example" not in caplog.text


def test_a_state_that_nobody_began_is_refused(browser: Client, issuer: Issuer):
    start(browser)
    assert browser.get(CALLBACK, {"code": "c", "state": "made-up"}).status_code == 401
    assert not User.objects.exists()


def test_a_hub_that_is_away_is_told_on_a_page(browser: Client, settings: Settings):
    point_at(settings, "http://127.0.0.1:1")
    response = browser.post(LOGIN)
    assert response.status_code == 401
    assert "Signing in did not work" in response.content.decode()
