"""Routes of the sign-in, at allauth's addresses and under its names; allauth mounts the `urls` beside a provider."""

from django.urls import path

from hubgate.accounts.oidc import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
