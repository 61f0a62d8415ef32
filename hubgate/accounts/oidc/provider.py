"""allauth's OpenID Connect provider with a nonce and a checked ID token.

allauth 65 sends no nonce, and does not look at the signature of an ID token that it fetched itself. Here the nonce is
kept in the session with the state, and the token is checked whole before anybody is signed in.
"""

from __future__ import annotations

import secrets
from typing import Any

from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter

from hubgate.accounts.oidc import tokens


class SignInRefused(ProviderException):
    """The Hub's answer proves nothing. `reason` is a sentence for the person; it holds no token and nobody's data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HubOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    nonce = ""  # of the sign-in that comes back; the callback view sets it from the state

    def complete_login(self, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        """The sign-in of a checked ID token. The user info belongs to it only if it names the same `sub`."""
        id_token = kwargs["response"].get("id_token")
        config = self.openid_config
        if not id_token:
            raise SignInRefused("The Hub sent no ID token.")
        try:
            claims = tokens.read(
                id_token,
                jwks_uri=config["jwks_uri"],
                issuer=config["issuer"],
                client_id=app.client_id,
                nonce=self.nonce,
            )
        except tokens.BadIdToken as error:
            raise SignInRefused(str(error)) from error
        userinfo = self._fetch_user_info(token.token)
        if userinfo.get("sub") != claims["sub"]:
            raise SignInRefused("The Hub’s user info is about somebody else than its ID token.")
        return self.get_provider().sociallogin_from_response(request, {"userinfo": userinfo, "id_token": claims})

    @property
    def openid_config(self) -> dict[str, Any]:
        """The Hub's metadata, which must name the Hub itself as the issuer (OpenID Connect Discovery §4.3)."""
        config: dict[str, Any] = super().openid_config
        issuer = self.get_provider().server_url.removesuffix("/.well-known/openid-configuration")
        if str(config.get("issuer")).rstrip("/") != issuer.rstrip("/"):
            raise SignInRefused(f"The Hub at {issuer} calls itself {config.get('issuer')}.")
        return config


class HubProvider(OpenIDConnectProvider):
    """Takes the place of allauth's class by the setting `provider_class`; the id stays `openid_connect`."""

    oauth2_adapter_class = HubOAuth2Adapter

    def redirect(self, request: Any, process: str, next_url: Any = None, data: Any = None, **kwargs: Any) -> Any:
        nonce = secrets.token_urlsafe(24)
        given = kwargs.pop("auth_params", None)
        params = {**(self.get_auth_params() if given is None else given), "nonce": nonce}
        return super().redirect(request, process, next_url, data, auth_params=params, nonce=nonce, **kwargs)
