"""The text of an access token: what is shown once, and what is kept of it. Pure but for the randomness."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from dataclasses import dataclass

_LETTERS = string.ascii_letters + string.digits
_SHAPE = re.compile(r"hgt_(?P<prefix>[A-Za-z0-9]{8})_[A-Za-z0-9]{43}")


@dataclass(frozen=True)
class Secret:
    """A token's text, the part of it by which it is found and told apart, and the digest that is kept."""

    text: str
    prefix: str
    digest: str


def new_secret() -> Secret:
    """A fresh token of 256 random bits."""
    prefix = _random(8)
    text = f"hgt_{prefix}_{_random(43)}"
    return Secret(text, prefix, digest_of(text))


def read_secret(text: str) -> Secret | None:
    """A token as somebody sent it; None for a text that is none of ours."""
    match = _SHAPE.fullmatch(text)
    return Secret(text, match["prefix"], digest_of(text)) if match else None


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal. The text is random: nothing slower is needed."""
    return hashlib.sha256(text.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
