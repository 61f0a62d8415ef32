"""The OpenID Connect endpoints: metadata, keys, authorization with a consent page, token, userinfo."""

from __future__ import annotations

import base64
import binascii
import functools
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hubgate.localhub import answers, callers, oidc
from hubgate.localhub.models import Account
from hubgate.localhub.oidc import Client, Grant, OAuthError
from hubgate.localhub.pages.layout import page, render

View = Callable[..., HttpResponse]
WHAT = {
    "openid": "know who you are on the Hub",
    "profile": "read your name, user name, picture, and your organisations with your role in each",
    "email": "read your e-mail address",
    "read-memberships": "read the organisations that you belong to",
}


def _json(data: Any, status: int = 200) -> JsonResponse:
    response = JsonResponse(data, status=status)
    response["Cache-Control"] = "no-store"
    return response


def oauth_errors(view: View) -> View:
    """Answers an `OAuthError` as RFC 6749 and RFC 6750 write it."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except OAuthError as error:
            response = _json({"error": error.code, "error_description": error.description}, error.status)
            if error.status == 401:
                scheme = "Bearer" if error.code == "invalid_token" else "Basic"
                response["WWW-Authenticate"] = f'{scheme} realm="Local Hub", error="{error.code}"'
            return response

    return answer


@require_GET
def configuration(request: HttpRequest) -> HttpResponse:
    """`/.well-known/openid-configuration`."""
    issuer = answers.origin(request)
    return JsonResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "userinfo_endpoint": f"{issuer}/oauth/userinfo",
            "jwks_uri": f"{issuer}/oauth/jwks",
            "scopes_supported": list(oidc.SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [oidc.ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "preferred_username", "profile",
                "picture", "email", "email_verified",
            ],
        }
    )  # fmt: skip


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"keys": [oidc.public_key()]})


def _asking_client(query: dict[str, str]) -> Client:
    """The client of an authorization request. Nothing goes there until it and its redirect URI are checked."""
    found = oidc.client()
    if query.get("client_id") != found.client_id:
        raise OAuthError(
            "invalid_client", f"There is no application with the client id {query.get('client_id', '')!r}."
        )
    if not found.redirects_to(query.get("redirect_uri", "")):
        raise OAuthError("invalid_request", f"{query.get('redirect_uri', '')!r} is no redirect URI of {found.name}.")
    return found


def _back(query: dict[str, str], **more: str) -> HttpResponse:
    """The redirect to the client, with `state` as it came."""
    uri = query["redirect_uri"]
    if "state" in query:
        more["state"] = query["state"]
    response = HttpResponse(status=303)
    response["Location"] = f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(more)}"
    response["Cache-Control"] = "no-store"
    return response


def _checked(found: Client, query: dict[str, str]) -> tuple[tuple[str, ...], str]:
    """The scopes and the PKCE challenge of an authorization request."""
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "Only response_type=code is supported.")
    asked = dict.fromkeys(query.get("scope", "").split())
    scopes = tuple(scope for scope in asked if scope in oidc.SCOPES)
    if "openid" not in scopes:
        raise OAuthError("invalid_scope", "The scope must name openid.")
    return scopes, oidc.check_challenge(query, public=not found.secret)


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def authorize(request: HttpRequest) -> HttpResponse:
    """Signs the person in, asks for consent, and sends them back with a code."""
    query = dict(parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True))
    try:
        found = _asking_client(query)
    except OAuthError as error:
        return render(request, "error", {"status": 400, "message": error.description}, status=400)
    try:
        scopes, challenge = _checked(found, query)
    except OAuthError as error:
        return _back(query, error=error.code, error_description=error.description)
    person = callers.session(request).person
    silent = query.get("prompt") == "none"
    if person is None:
        if silent:
            return _back(query, error="login_required")
        return HttpResponseRedirect(f"/login?{urlencode({'next': request.get_full_path()})}")
    if request.method == "GET":
        if silent:
            return _back(query, error="consent_required")
        target = urlsplit(query["redirect_uri"])
        context = {
            "application": found.name,
            "host": target.netloc,
            "wants": [WHAT[scope] for scope in scopes],
            "next": request.get_full_path(),
        }
        return render(request, "consent", context, form_action=f"{target.scheme}://{target.netloc}")
    if request.POST.get("answer") != "yes":
        return _back(query, error="access_denied", error_description="The person did not agree.")
    grant = Grant(
        client_id=found.client_id,
        redirect_uri=query["redirect_uri"],
        hub_id=person.hub_id,
        scopes=scopes,
        nonce=query.get("nonce", ""),
        challenge=challenge,
        auth_time=int(time.time()),
    )
    return _back(query, code=oidc.CODES.make(grant))


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """Client id and secret from the Basic header or the form; both at once are refused."""
    scheme, _, sent = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    if "client_secret" in request.POST:
        raise OAuthError("invalid_request", "Send the secret in the header or in the form, not in both.")
    try:
        client_id, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "The Authorization header is no Basic header.", 401) from None
    return unquote_plus(client_id), unquote_plus(secret)


@csrf_exempt
@require_POST
@oauth_errors
def token(request: HttpRequest) -> HttpResponse:
    """A code for tokens, once."""
    oidc.authenticate(oidc.client(), *_credentials(request))
    if request.POST.get("grant_type") != "authorization_code":
        raise OAuthError("unsupported_grant_type", "Only grant_type=authorization_code is supported.")
    grant = oidc.CODES.take(request.POST.get("code", ""))
    if grant.redirect_uri != request.POST.get("redirect_uri", ""):
        raise OAuthError("invalid_grant", "The redirect_uri is another than the one the code was made for.")
    oidc.check_verifier(grant.challenge, request.POST.get("code_verifier", ""))
    person = Account.objects.filter(hub_id=grant.hub_id).first()
    if person is None:
        raise OAuthError("invalid_grant", "The person of this code is gone.")
    return _json(
        {
            "access_token": oidc.access_token(grant),
            "token_type": "bearer",
            "expires_in": oidc.TOKEN_SECONDS,
            "scope": " ".join(grant.scopes),
            "id_token": oidc.id_token(grant, person, answers.origin(request)),
        }
    )


@csrf_exempt
@require_http_methods(["GET", "POST"])
@oauth_errors
def userinfo(request: HttpRequest) -> HttpResponse:
    """Who the bearer of an access token is (HC §7)."""
    scheme, _, sent = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    bearer = sent if scheme.lower() == "bearer" else request.POST.get("access_token", "")
    person, scopes = oidc.read_access_token(bearer.strip())
    return _json(oidc.userinfo(person, scopes, answers.origin(request)))


urlpatterns = [
    path(".well-known/openid-configuration", configuration),
    path("oauth/authorize", authorize),
    path("oauth/token", token),
    path("oauth/userinfo", userinfo),
    path("oauth/jwks", jwks),
]
