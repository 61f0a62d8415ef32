"""Checks of an ID token (OpenID Connect Core §3.1.3.7). Only the keys come over the network."""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import Any

import jwt
from jwt import PyJWKClient

# Asymmetric only: a token "signed" with a public key as an HMAC secret must never pass.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
LEEWAY_SECONDS = 60
KEYS_TIMEOUT_SECONDS = 5


class BadIdToken(Exception):
    """An ID token that proves nothing; the text says in a sentence why, and never holds the token."""


@lru_cache(maxsize=8)
def keys(uri: str) -> PyJWKClient:
    """The issuer's keys, kept for five minutes; an unknown key id makes it ask again."""
    return PyJWKClient(uri, cache_keys=False, lifespan=300, timeout=KEYS_TIMEOUT_SECONDS)


def read(token: str, *, jwks_uri: str, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token with the right signature, issuer, audience, times and nonce; else `BadIdToken`."""
    try:
        key = keys(jwks_uri).get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED},
        )
    except jwt.exceptions.PyJWKClientConnectionError as error:
        raise BadIdToken("The Hub’s signing keys could not be fetched. Try again in a minute.") from error
    except jwt.ExpiredSignatureError as error:
        raise BadIdToken("The Hub’s answer has expired. Check the clock of this server.") from error
    except jwt.InvalidAudienceError as error:
        raise BadIdToken("The Hub’s answer is meant for another application.") from error
    except jwt.InvalidIssuerError as error:
        raise BadIdToken("The answer comes from another issuer than the Hub.") from error
    except (jwt.InvalidSignatureError, jwt.PyJWKClientError) as error:
        raise BadIdToken("The signature of the Hub’s answer is wrong.") from error
    except jwt.PyJWTError as error:
        raise BadIdToken("The Hub’s answer is no ID token that can be checked.") from error
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client_id:
        raise BadIdToken("The Hub’s answer is meant for another application.")
    if not nonce or not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise BadIdToken("The Hub’s answer belongs to another sign-in.")
    return claims
