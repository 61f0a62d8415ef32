"""What the local Hub's OpenID Connect provider decides: clients, redirect URIs, codes, tokens, claims (HC §7).

Codes live in the memory of the one worker process and die with it after a minute. Access tokens are signed and hold
nothing secret. The signing key of ID tokens is made once and kept in the store's folder.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core import signing

from hubgate.localhub.models import Account
from hubgate.localhub.settings import DATA

SCOPES = ("openid", "profile", "email", "read-memberships")
ALGORITHM = "RS256"
CODE_SECONDS = 60
TOKEN_SECONDS = 8 * 3600
ID_TOKEN_SECONDS = 3600
SALT = "localhub.oidc.access-token"
PREFIX = "hf_oauth_"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OAuthError(Exception):
    """A refusal with the code that RFC 6749 gives it."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


@dataclass(frozen=True)
class Client:
    """An application. Without a secret it is a public one and must use PKCE."""

    client_id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...]

    def redirects_to(self, uri: str) -> bool:
        """Whether the URI is registered: to the letter, but an http loopback address may have any port."""
        return any(uri == known or _without_port(uri) == _without_port(known) != "" for known in self.redirect_uris)


def _without_port(uri: str) -> str:
    """An http loopback URI without its port, with which it is compared; empty for any other."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.username is not None:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if parts.netloc.lower() not in (host, f"{host}:{port}"):
        return ""
    return parts._replace(netloc=host).geturl()


def client() -> Client:
    """The one client: `LOCALHUB_OIDC_CLIENT_ID`, `_SECRET` (empty: public), `_NAME`, `_REDIRECT_URIS` (by commas)."""
    path = "/accounts/oidc/huggingface/login/callback/"
    default = ",".join(f"http://{host}{path}" for host in ("127.0.0.1", "localhost", "[::1]"))
    given = os.environ.get("LOCALHUB_OIDC_REDIRECT_URIS") or default
    return Client(
        client_id=os.environ.get("LOCALHUB_OIDC_CLIENT_ID", "hubgate"),
        secret=os.environ.get("LOCALHUB_OIDC_CLIENT_SECRET", "hubgate-demo-secret"),
        name=os.environ.get("LOCALHUB_OIDC_CLIENT_NAME", "hubgate"),
        redirect_uris=tuple(uri.strip() for uri in given.split(",") if uri.strip()),
    )


@dataclass(frozen=True)
class Grant:
    """What a person agreed to; an authorization code stands for it."""

    client_id: str
    redirect_uri: str
    hub_id: str
    scopes: tuple[str, ...]
    nonce: str
    challenge: str
    auth_time: int


class Codes:
    """Authorization codes, each good once and for a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grants: dict[str, tuple[Grant, float]] = {}

    def make(self, grant: Grant) -> str:
        code = secrets.token_urlsafe(24)
        now = time.monotonic()
        with self._lock:
            self._grants = {key: kept for key, kept in self._grants.items() if kept[1] > now}
            self._grants[code] = (grant, now + CODE_SECONDS)
        return code

    def take(self, code: str) -> Grant:
        """The code's grant, which this uses up."""
        with self._lock:
            grant, until = self._grants.pop(code, (None, 0.0))
        if grant is None or until <= time.monotonic():
            raise OAuthError("invalid_grant", "The code is unknown, used, or older than a minute.")
        return grant


CODES = Codes()


def check_challenge(query: Mapping[str, str], public: bool) -> str:
    """The PKCE challenge of an authorization request, empty without PKCE; only S256 is taken."""
    challenge = query.get("code_challenge", "")
    if challenge and query.get("code_challenge_method", "plain") != "S256":
        raise OAuthError("invalid_request", "Only the code challenge method S256 is supported.")
    if public and not challenge:
        raise OAuthError("invalid_request", "A client without a secret must send a PKCE code_challenge.")
    return challenge


def check_verifier(challenge: str, verifier: str) -> None:
    """Raises unless the verifier belongs to the challenge; a verifier without a challenge is refused too."""
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() if verifier else ""
    if not hmac.compare_digest(expected.encode(), challenge.encode()):
        raise OAuthError("invalid_grant", "The code_verifier does not belong to the code_challenge.")


def authenticate(found: Client, client_id: str, secret: str) -> None:
    """Raises unless id and secret are the client's."""
    same = hmac.compare_digest(client_id.encode(), found.client_id.encode())
    if not (hmac.compare_digest(secret.encode(), found.secret.encode()) and same):
        raise OAuthError("invalid_client", "Unknown client, or the wrong secret.", 401)


@lru_cache(maxsize=4)
def _key(path: Path) -> rsa.RSAPrivateKey:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        content = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key; delete it and a new one is made")
    return key


def signing_key() -> rsa.RSAPrivateKey:
    """The key of ID tokens; made at the first call of this store."""
    return _key(DATA / "oidc-key.pem")


def public_key() -> dict[str, Any]:
    """The public half as a JWK; its `kid` is the thumbprint of RFC 7638."""
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key(), as_dict=True)
    members = f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}'
    kid = base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()
    return {"kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": kid, "n": jwk["n"], "e": jwk["e"]}


def claims(person: Account, scopes: tuple[str, ...], origin: str) -> dict[str, Any]:
    """Who somebody is, as far as the scopes go. `sub` stays when the name changes."""
    out: dict[str, Any] = {"sub": person.hub_id}
    if "profile" in scopes:
        out |= {
            "name": person.fullname,
            "preferred_username": person.name,
            "profile": f"{origin}/{person.name}",
            "picture": f"{origin}{person.avatar_url}",
        }
    if "email" in scopes and person.email:
        out |= {"email": person.email, "email_verified": person.email_verified}
    return out


def id_token(grant: Grant, person: Account, issuer: str) -> str:
    """The signed ID token of a grant."""
    now = int(time.time())
    body = {
        "iss": issuer,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": grant.auth_time,
        **claims(person, grant.scopes, issuer),
    }
    if grant.nonce:
        body["nonce"] = grant.nonce
    return jwt.encode(body, signing_key(), ALGORITHM, headers={"kid": public_key()["kid"]})


def userinfo(person: Account, scopes: tuple[str, ...], origin: str) -> dict[str, Any]:
    """The claims and, with `profile`, what they are on the Hub: organisations with `roleInOrg` (HC §7)."""
    out = claims(person, scopes, origin)
    if "profile" in scopes:
        memberships = person.member_of.select_related("org").order_by("org__folded")
        out |= {
            "isPro": person.is_pro,
            "canPay": False,
            "orgs": [
                {
                    "sub": membership.org.hub_id,
                    "name": membership.org.fullname,
                    "preferred_username": membership.org.name,
                    "picture": f"{origin}{membership.org.avatar_url}",
                    "plan": "free",
                    "canPay": False,
                    "roleInOrg": membership.role,
                    "securityRestrictions": [],
                }
                for membership in memberships
            ],
        }
    return out


def access_token(grant: Grant) -> str:
    return PREFIX + signing.dumps([grant.hub_id, list(grant.scopes)], salt=SALT)


def read_access_token(token: str) -> tuple[Account, tuple[str, ...]]:
    """The person and the scopes of an access token; raises when it is forged, too old, or its person is gone."""
    try:
        hub_id, scopes = signing.loads(token.removeprefix(PREFIX), salt=SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        raise OAuthError("invalid_token", "The access token is not one of ours, or too old.", 401) from None
    person = Account.objects.filter(hub_id=hub_id, kind=Account.Kind.USER).first()
    if person is None:
        raise OAuthError("invalid_token", "The person of this access token is gone.", 401)
    return person, tuple(scopes)
