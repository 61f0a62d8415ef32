"""How allauth signs people in."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts are made by an operator, never by anybody who comes along."""

    def is_open_for_signup(self, request: object) -> bool:
        return False


class HubAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing in with the Hub: anyone with a Hub account may."""

    def is_open_for_signup(self, request: object, sociallogin: object) -> bool:
        return True
