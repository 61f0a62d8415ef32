"""The two ends of signing in with the Hub, in the place of allauth's views."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from requests import RequestException

from hubgate.accounts.oidc.provider import HubOAuth2Adapter


class HubCallbackView(OAuth2CallbackView):
    adapter: HubOAuth2Adapter

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        if state is not None:
            self.adapter.nonce = state.get("nonce", "")
        return state, response


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Begins the sign-in: asks on GET, goes to the Hub on POST."""
    return _serve(OAuth2LoginView, request, provider_id)


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ends the sign-in when the Hub sends the person back."""
    return _serve(HubCallbackView, request, provider_id)


def _serve(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    adapter = HubOAuth2Adapter(request, provider_id)
    try:
        response: HttpResponse = view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (RequestException, ProviderException) as error:
        # allauth fetches the Hub's metadata outside of its own handling of errors.
        response = render_authentication_error(request, adapter.get_provider(), exception=error)
    return response
