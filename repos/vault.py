"""Hub tokens at rest: encrypted with the key from the environment."""

from __future__ import annotations

import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from hubgate.errors import WrongStateError


def seal(token: str) -> bytes:
    """The token encrypted. ValueError where HUBGATE_ENCRYPTION_KEY is no Fernet key."""
    return Fernet(settings.ENCRYPTION_KEY).encrypt(token.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """The token in clear. WrongStateError where it was sealed with another key."""
    try:
        return Fernet(settings.ENCRYPTION_KEY).decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise WrongStateError(
            "The Hub token was stored under another key. Set HUBGATE_ENCRYPTION_KEY back, or store a new token.",
            code="encryption_key_changed",
        ) from None


def token_key(token: str) -> str:
    """A name for a token that does not give it away: what its rate budget is kept under."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]
