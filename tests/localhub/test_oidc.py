"""The local Hub's OpenID Connect provider: what it gives, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import jwt
import pytest

from hubgate.localhub.door import ControlDoor
from hubgate.localhub.oidc import Client
from tests.localhub.visitor import Visitor

BACK = "http://127.0.0.1:8999/accounts/oidc/huggingface/login/callback/"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "hubgate",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "openid profile email",
    "state": "s",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
REDEEMED = {
    "grant_type": "authorization_code",
    "redirect_uri": BACK,
    "code_verifier": VERIFIER,
    "client_id": "hubgate",
    "client_secret": "hubgate-demo-secret",
}


@pytest.fixture
def mara(hub: ControlDoor) -> Iterator[Visitor]:
    hub.person("mara", fullname="Mara Keller", email="mara@aurora.example", hub_id="a" * 24)
    hub.org("aurora-lab", {"mara": "write"}, fullname="Aurora Lab")
    with Visitor(hub.base_url) as visitor:
        visitor.sign_in("mara")
        yield visitor


def authorize(visitor: Visitor, **changed: str) -> dict[str, str]:
    """Agrees on the consent page: the query with which the person goes back."""
    path = "/oauth/authorize?" + urlencode({**ASKED, **changed})
    visitor.get(path)
    response = visitor.post(path, {"answer": "yes"}, follow_redirects=False)
    assert response.headers["Location"].startswith(f"{BACK}?")
    return {key: values[0] for key, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def redeem(hub: ControlDoor, code: str, **changed: str) -> httpx2.Response:
    return httpx2.post(f"{hub.base_url}/oauth/token", data={**REDEEMED, "code": code, **changed})


def test_an_id_token_that_the_published_key_verifies(hub: ControlDoor, mara: Visitor):
    back = authorize(mara)
    assert back["state"] == "s"
    answer = redeem(hub, back["code"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    metadata = httpx2.get(f"{hub.base_url}/.well-known/openid-configuration").json()
    [jwk] = httpx2.get(metadata["jwks_uri"]).json()["keys"]
    token = answer.json()["id_token"]
    assert jwt.get_unverified_header(token)["kid"] == jwk["kid"]
    claims = jwt.decode(token, jwt.PyJWK(jwk), ["RS256"], audience="hubgate", issuer=metadata["issuer"])
    assert claims["exp"] > claims["iat"]
    assert {key: claims[key] for key in ("sub", "nonce", "name", "preferred_username", "email", "email_verified")} == {
        "sub": "a" * 24,
        "nonce": "n",
        "name": "Mara Keller",
        "preferred_username": "mara",
        "email": "mara@aurora.example",
        "email_verified": True,
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_tells_roles_in_organisations(method: str, hub: ControlDoor, mara: Visitor):
    token = redeem(hub, authorize(mara)["code"]).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    told = httpx2.request(method, f"{hub.base_url}/oauth/userinfo", headers=headers).json()
    assert (told["sub"], told["preferred_username"], told["email"]) == ("a" * 24, "mara", "mara@aurora.example")
    assert [(org["preferred_username"], org["roleInOrg"]) for org in told["orgs"]] == [("aurora-lab", "write")]
    assert httpx2.get(told["picture"]).headers["Content-Type"] == "image/svg+xml"


def test_scopes_narrow_what_is_told(hub: ControlDoor, mara: Visitor):
    token = redeem(hub, authorize(mara, scope="openid")["code"]).json()["access_token"]
    told = httpx2.get(f"{hub.base_url}/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert told == {"sub": "a" * 24}


def test_the_secret_may_come_in_the_header(hub: ControlDoor, mara: Visitor):
    data = {**REDEEMED, "code": authorize(mara)["code"]}
    del data["client_id"], data["client_secret"]
    url = f"{hub.base_url}/oauth/token"
    assert httpx2.post(url, data=data, auth=("hubgate", "wrong")).status_code == 401
    assert httpx2.post(url, data=data, auth=("hubgate", "hubgate-demo-secret")).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"code_verifier": "w" * 50}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": BACK.replace("8999", "9000")}, "invalid_grant"),
        ({"code": "made-up"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_not_redeemed(changed: dict[str, Any], error: str, hub: ControlDoor, mara: Visitor):
    answer = redeem(hub, **{"code": authorize(mara)["code"], **changed})
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.json()["error"] == error


def test_a_code_is_good_once(hub: ControlDoor, mara: Visitor):
    code = authorize(mara)["code"]
    assert redeem(hub, code).status_code == 200
    assert redeem(hub, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_question_goes_back_as_an_error(changed: dict[str, str], error: str, mara: Visitor):
    path = "/oauth/authorize?" + urlencode({**ASKED, **changed})
    response = mara.get(path, follow_redirects=False)
    back = parse_qs(urlsplit(response.headers["Location"]).query)
    assert (back["error"], back["state"]) == ([error], ["s"])


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": f"{BACK}more"},
        {"redirect_uri": BACK.replace("127.0.0.1", "127.0.0.1@elsewhere.example")},
        {"redirect_uri": BACK.replace("http:", "https:")},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(changed: dict[str, str], mara: Visitor):
    response = mara.get("/oauth/authorize?" + urlencode({**ASKED, **changed}), follow_redirects=False)
    assert response.status_code == 400
    assert "Location" not in response.headers


@pytest.mark.parametrize("token", ["hf_oauth_", "hf_oauth_made-up", "hf_demo"])
def test_userinfo_wants_a_token_of_ours(token: str, hub: ControlDoor):
    response = httpx2.get(f"{hub.base_url}/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("known", "uri", "same"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1:8000/back", True),
        ("http://localhost:1/back", "http://localhost:2/back", True),
        ("http://[::1]/back", "http://[::1]:8000/back", True),
        ("http://127.0.0.1/back", "http://localhost/back", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:8000/back?more", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:x/back", False),
        ("http://127.0.0.1/back", "http://user@127.0.0.1/back", False),
        ("https://hubgate.example/back", "https://hubgate.example:444/back", False),
        ("https://hubgate.example/back", "https://hubgate.example/back", True),
        ("http://hubgate.example/back", "http://hubgate.example:81/back", False),
        ("https://hubgate.example/back", "", False),
    ],
)
def test_only_the_port_of_a_loopback_address_may_differ(known: str, uri: str, same: bool):
    assert Client("hubgate", "secret", "hubgate", (known,)).redirects_to(uri) is same
