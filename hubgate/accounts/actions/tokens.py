"""Access tokens: made with a secret that is shown once, used, revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hubgate.accounts import events, scopes, token_text
from hubgate.accounts.models import AccessToken, User
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Subject
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError

MOST_TOKENS = 50
LONGEST_DAYS = 366
_USE_NOTED_EVERY = timedelta(minutes=1)


def make_token(*, actor: Actor, name: str, wanted: Iterable[str], days: int) -> tuple[AccessToken, str]:
    """Make an access token of the actor's own, good for so many days. Returns it and its secret, which is kept nowhere.
    InvalidInputError for a name, scopes or a time that do not fit, or where the actor has `MOST_TOKENS` already."""
    name, chosen = name.replace("\0", "").strip(), set(wanted)
    if not name or len(name) > 80:
        raise InvalidInputError("Give the token a name of at most 80 characters.", fields={"name": "Give it a name."})
    if not chosen or not chosen <= scopes.ALL:
        message = "Choose what the token may be used for."
        raise InvalidInputError(message, fields={"scopes": message})
    if not 1 <= days <= LONGEST_DAYS:
        message = f"A token is good for 1 to {LONGEST_DAYS} days."
        raise InvalidInputError(message, fields={"days": message})
    secret, now = token_text.new_secret(), timezone.now()
    with transaction.atomic(durable=True):
        account = User.objects.select_for_update().filter(pk=actor.user_id or 0).first()
        if account is None:
            raise NotAllowedError("Sign in first: an access token belongs to an account.")
        if account.tokens.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_TOKENS:
            raise InvalidInputError(f"You have {MOST_TOKENS} tokens. Revoke one that you no longer use first.")
        token = AccessToken.objects.create(
            user=account,
            name=name,
            prefix=secret.prefix,
            digest=secret.digest,
            scopes=[scope for scope in scopes.SCOPES if scope in chosen],
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        data = {"token": name, "scopes": ", ".join(token.scopes), "until": f"{token.expires_at:%Y-%m-%d}"}
        log.record(actor, events.TOKEN_MADE, _subject(actor), data=data)
    return token, secret.text


def revoke_token(*, actor: Actor, token_id: int) -> AccessToken:
    """End one of the actor's own tokens at once; a second time changes nothing. NotFoundOrHiddenError for others."""
    with transaction.atomic(durable=True):
        token = AccessToken.objects.select_for_update().filter(pk=token_id, user_id=actor.user_id or 0).first()
        if token is None:
            raise NotFoundOrHiddenError("There is no such token, or it is not yours.")
        if token.revoked_at is None:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            log.record(actor, events.TOKEN_REVOKED, _subject(actor), data={"token": token.name})
    return token


def note_token_use(token: AccessToken, *, now: datetime) -> None:
    """Take note that a token was used, at most once a minute: reading must not mean writing each time."""
    if token.used_at is None or now - token.used_at >= _USE_NOTED_EVERY:
        before = Q(used_at=None) | Q(used_at__lt=now - _USE_NOTED_EVERY)
        AccessToken.objects.filter(before, pk=token.pk).update(used_at=now)


def _subject(actor: Actor) -> Subject:
    return Subject("account", actor.user_id or 0, actor.label)
