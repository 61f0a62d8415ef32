"""How allauth signs people in."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

from hubgate.accounts import actions
from hubgate.accounts.actions import Person

LOG = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts are made by an operator, never by anybody who comes along."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and seeds of recovery codes are encrypted at rest, as Hub tokens are."""

    def encrypt(self, text: str) -> str:
        return Fernet(settings.ENCRYPTION_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return Fernet(settings.ENCRYPTION_KEY).decrypt(encrypted_text.encode()).decode()


class HubAccountAdapter(DefaultSocialAccountAdapter):
    """Signing in with the Hub: anyone with a Hub account may. The account follows the Hub's stable id (`sub`)."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        user = super().save_user(request, sociallogin, form)
        record_hub_sign_in(user, sociallogin.account.extra_data)
        return user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Leaves the operator a line. Of exceptions that may quote the Hub only the name is logged."""
        reason = getattr(exception, "reason", None) or type(exception).__name__
        LOG.warning("Signing in with the Hub did not work (%s): %s", error, reason)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            record_hub_sign_in(sociallogin.user, sociallogin.account.extra_data)


def record_hub_sign_in(user: Any, claims: dict[str, Any]) -> None:
    """Read who somebody is from the claims that allauth kept: the user info if it was asked for, else the ID token
    (HC §7: `sub`, `preferred_username`, `name`, `orgs` with `roleInOrg`)."""
    facts = {**claims.get("id_token", {}), **claims.get("userinfo", {})} or claims
    username = str(facts.get("preferred_username") or facts["sub"])
    memberships = {
        str(org["preferred_username"]): str(org.get("roleInOrg") or "read")
        for org in facts.get("orgs") or []
        if isinstance(org, dict) and org.get("preferred_username")
    }
    person = Person(
        hub_id=str(facts["sub"]),
        username=username,
        fullname=str(facts.get("name") or ""),
        avatar_url=str(facts.get("picture") or ""),
        is_pro=bool(facts.get("isPro")),
    )
    actions.record_sign_in(user, person, {**memberships, username: "admin"})
