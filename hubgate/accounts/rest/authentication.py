"""Who calls: an access token, or the session of somebody signed in on the pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from hubgate.accounts import actions, queries
from hubgate.accounts.models import AccessToken, User

REALM = 'Bearer realm="hubgate"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer hgt_…`. That a token is over or revoked is told only to who holds all of it."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer":
            raise AuthenticationFailed("Send the access token as “Authorization: Bearer hgt_…”.", "token_unknown")
        token = queries.token_of(text.strip())
        if token is None:
            raise AuthenticationFailed("There is no such access token. Make one at /accounts/tokens/.", "token_unknown")
        now = timezone.now()
        if token.revoked_at is not None:
            raise AuthenticationFailed(f"The access token “{token.name}” was revoked.", "token_revoked")
        if token.expires_at <= now:
            raise AuthenticationFailed(
                f"The access token “{token.name}” was good until {token.expires_at:%Y-%m-%d %H:%M} UTC.",
                "token_expired",
            )
        if not token.user.is_active:
            raise AuthenticationFailed("The account of this access token is closed.", "account_closed")
        actions.note_token_use(token, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return REALM


class BrowserAuthentication(SessionAuthentication):
    """The session of the pages; calls that change something need the page's CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        return (found[0], None) if found else None


class TokenScheme(OpenApiAuthenticationExtension):
    """The access token in the description."""

    target_class = "hubgate.accounts.rest.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, made at /accounts/tokens/."}


class SessionScheme(OpenApiAuthenticationExtension):
    """The session in the description."""

    target_class = "hubgate.accounts.rest.authentication.BrowserAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "hubgate_session"}
