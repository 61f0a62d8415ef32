"""/metrics, for whoever collects numbers: by token, or from networks that the operator named."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hubgate.operations import metrics, networks

# A request that a proxy passed on comes from the proxy's address, whoever sent it.
_PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers, or 401."""
    headers = {"Cache-Control": "no-store"}
    if not (_shows_token(request) or _comes_from_known_network(request)):
        text = "Send the token of HUBGATE_METRICS_TOKEN as “Authorization: Bearer …”.\n"
        headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return HttpResponse(text, status=401, content_type="text/plain; charset=utf-8", headers=headers)
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE, headers=headers)


def _shows_token(request: HttpRequest) -> bool:
    word, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    if not wanted or word.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), wanted.encode())


def _comes_from_known_network(request: HttpRequest) -> bool:
    if not settings.METRICS_NETWORKS or any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
        return any(address in network for network in networks.named())
    except (ValueError, ImproperlyConfigured):
        return False  # the doctor says which network is none
