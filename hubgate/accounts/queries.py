"""Who somebody is."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from hubgate.accounts import token_text
from hubgate.accounts.models import AccessToken, HubMembership, User
from hubgate.actors import ANONYMOUS, Actor
from hubgate.errors import NotFoundOrHiddenError


def actor_of(user: User | AnonymousUser) -> Actor:
    """The signed-in account as an actor, with who it is on the Hub; ANONYMOUS for nobody. What is read about it is kept
    with the account as it was loaded, for one web request."""
    if not isinstance(user, User):
        return ANONYMOUS
    identity = getattr(user, "hub_identity", None)
    return Actor(
        kind="user",
        label=str(user),
        user_id=user.pk,
        hub_id=identity.hub_id if identity else None,
        is_operator=user.is_superuser,
        known=user.__dict__.setdefault("_known", {}),
    )


def administered_by(user_id: int) -> list[str]:
    """The namespaces whose admin this account is on the Hub, as the last sign-in told: its own name first."""
    rows = list(HubMembership.objects.filter(identity__user_id=user_id, role="admin").select_related("identity"))
    rows.sort(key=lambda row: (row.namespace != row.identity.username, row.namespace))
    return [row.namespace for row in rows]


def members_of(namespace: str, *, limit: int = 50) -> list[tuple[str, str]]:
    """(user name, role) of those who signed in here as members of an organisation on the Hub, by name; the Hub has
    more."""
    rows = HubMembership.objects.filter(namespace__iexact=namespace, identity__user__isnull=False)
    return list(rows.order_by("identity__username").values_list("identity__username", "role")[:limit])


def tokens_of(actor: Actor) -> list[AccessToken]:
    """The actor's access tokens, the newest first; those revoked or over are among them."""
    return list(AccessToken.objects.filter(user_id=actor.user_id or 0).order_by("-made_at", "-pk")[:200])


def get_token(actor: Actor, token_id: int) -> AccessToken:
    """One of the actor's own tokens. NotFoundOrHiddenError for others and unknown ones alike."""
    found = AccessToken.objects.filter(pk=token_id, user_id=actor.user_id or 0).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such token, or it is not yours.")
    return found


def get_session(actor: Actor, session_id: int) -> UserSession:
    """One of the actor's own sessions. NotFoundOrHiddenError for others and unknown ones alike."""
    found = UserSession.objects.filter(pk=session_id, user_id=actor.user_id or 0).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such session, or it is over.")
    return found


def second_factors(user_id: int) -> QuerySet[Authenticator]:
    """What an account proves itself with beside its sign-in: an authenticator app. Recovery codes alone are none."""
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP)


def with_second_factor(user_ids: Iterable[int]) -> set[int]:
    """Those of these accounts that have a second factor."""
    found = Authenticator.objects.filter(user_id__in=list(user_ids), type=Authenticator.Type.TOTP)
    return set(found.values_list("user_id", flat=True))


def token_of(text: str) -> AccessToken | None:
    """The token with this secret, with its account: also one that is revoked or over. None for any other text. One
    query."""
    secret = token_text.read_secret(text)
    if secret is None:
        return None
    found = AccessToken.objects.select_related("user__hub_identity").filter(prefix=secret.prefix).first()
    return found if found is not None and hmac.compare_digest(found.digest, secret.digest) else None
