"""The secret of an invitation's link. It is made of the invitation's key and our signature, so that the mail can be
written whenever it leaves while the database holds only a digest."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

_SALT = "repos.invitation"


def token_of(key: UUID) -> str:
    """The token of an invitation."""
    return signing.Signer(salt=_SALT, sep=".").sign(key.hex)


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def read(token: str) -> str | None:
    """The digest of a token that we signed; None for any other text."""
    try:
        signing.Signer(salt=_SALT, sep=".").unsign(token)
    except signing.BadSignature:
        return None
    return digest_of(token)


def link_of(key: UUID) -> str:
    """Where the invited accepts, with hubgate's own address: it stands in their mail and nowhere else."""
    return settings.PUBLIC_URL + reverse("repos:invitation", args=[token_of(key)])
