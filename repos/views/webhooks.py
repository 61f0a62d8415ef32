"""The door for the Hub's webhooks, and where an author makes its address."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hubgate.accounts.queries import actor_of
from repos import actions, hints, queries

# Calls in a minute. The Hub sends at most 1,000 a day for one webhook (HC §6).
_WINDOW_S = 60
_CALLS = 120
_WRONG = 20


@login_required
@require_POST
@never_cache
def make(request: HttpRequest, name: str) -> HttpResponse:
    """Make an address and a secret, and show them this once."""
    actor = actor_of(request.user)
    namespace = queries.get_namespace(actor, name)
    made = actions.make_webhook(actor=actor, namespace=namespace)
    context = {
        "namespace": namespace,
        "address": f"{settings.PUBLIC_URL}{reverse('repos:webhook', args=[made.key])}",
        "secret": made.secret,
        "hub_url": f"{settings.HUB_URL}/settings/webhooks",
    }
    return render(request, "repos/webhook_made.html", context)


@login_required
@require_POST
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Take no more calls."""
    actor = actor_of(request.user)
    namespace = queries.get_namespace(actor, name)
    actions.remove_webhook(actor=actor, namespace=namespace)
    messages.success(request, "The address is gone. Delete the webhook on the Hub too.")
    return HttpResponseRedirect(reverse("repos:namespace", args=[namespace.name]))


@csrf_exempt
@require_POST
def hint(request: HttpRequest, key: str) -> HttpResponse:
    """Take a call of the Hub. A wrong secret and a wrong key are answered alike, and so are repositories that we know
    and do not know; the body is read only once the secret is right."""
    webhook = actions.find_webhook(key=key, secret=request.headers.get("X-Webhook-Secret", ""))
    if webhook is None:
        # Behind a proxy all callers may share an address: the right secret is taken however many wrong ones came.
        if _count(f"wrong:{request.META.get('REMOTE_ADDR', '')}") > _WRONG:
            return _refused(429, "Too many calls with a wrong secret. Try again in a minute.")
        return _refused(401, "There is no webhook with this address and secret.")
    if _count(f"calls:{webhook.pk}") > _CALLS:
        return _refused(429, "Too many calls. The next reading comes by itself.")
    if _length(request) > hints.MAX_BYTES:
        return _refused(413, f"The body is longer than {hints.MAX_BYTES} bytes.")
    found = hints.read(request.body)
    if found is None:
        return _refused(400, "The body is no payload of a Hub webhook: it names no repository.")
    actions.take_hint(webhook=webhook, hint=found)
    return HttpResponse(status=202)


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isdecimal() else hints.MAX_BYTES + 1


def _count(what: str) -> int:
    """How often this happened in the minute since it first did."""
    name = f"hub-webhook:{what}"
    cache.add(name, 0, _WINDOW_S)
    try:
        return cache.incr(name)
    except ValueError:  # it ran out between the two calls
        return 1


def _refused(status: int, sentence: str) -> JsonResponse:
    response = JsonResponse({"error": sentence}, status=status)
    if status == 429:
        response["Retry-After"] = str(_WINDOW_S)
    return response
