"""Routes of the sign-in, at allauth's addresses and under its names; allauth mounts the `urls` beside a provider."""

from django.urls import path

from hubgate.accounts.oidc import provider

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", provider.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", provider.callback, name="openid_connect_callback"),
]
