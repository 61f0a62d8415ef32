"""Undoing one's own last decisions, the newest first.

Which they are is remembered in a cookie as long as they can be undone; whether they can is asked anew each time."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from access import actions, messages, queries, rules
from access.models import AccessRequest
from access.subjects import full_name
from access.views.listing import Listing
from access.views.screens import show_in_place, show_request
from hubgate.accounts.queries import actor_of
from hubgate.errors import WrongStateError
from hubgate.http import flash, web

COOKIE = "hubgate_undo"
KEY = "u"
SHOWN_S = 10
_MOST = 20


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own last decision on this request back, and go back to it."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    try:
        undone = actions.undo(actor=actor, request_id=pk)
    except WrongStateError as error:
        return show_request(request, actor, listing, pk, refusal=error.message, status=409)
    earlier = [other for other in decided_lately(request) if other != pk]
    before = queries.undoable(actor, earlier)
    sentence = messages.undone(undone.status, full_name(undone))
    offer = None
    if before is not None and before.decided_at is not None:
        left = rules.UNDO - (timezone.now() - before.decided_at)
        seconds = max(1, min(SHOWN_S, int(left.total_seconds()) - 1))
        label = f"Undo {full_name(before)} too"
        offer = flash.Offer(label, listing.request_url(before.pk, "undo"), KEY, seconds)
    flash.success(request, sentence, offer)
    response: HttpResponse
    if web.wants_partial(request):
        response = show_in_place(request, actor, listing, pk, sentence)
    else:
        response = HttpResponseRedirect(listing.request_url(pk))
    return _remember(response, earlier)


def offer_undo(request: HttpRequest, listing: Listing, decided: AccessRequest, sentence: str) -> None:
    """Say what was decided, with a button that undoes it."""
    flash.success(request, sentence, flash.Offer("Undo", listing.request_url(decided.pk, "undo"), KEY, SHOWN_S))


def remember(request: HttpRequest, response: HttpResponse, pk: int) -> HttpResponse:
    """Put a decision just taken on top of those that can be undone."""
    return _remember(response, [pk, *(other for other in decided_lately(request) if other != pk)])


def decided_lately(request: HttpRequest) -> list[int]:
    """The ids of the requests that this browser decided last, the newest first. What is no such list is none."""
    try:
        ids = json.loads(request.COOKIES.get(COOKIE, "[]"))
    except (ValueError, RecursionError):
        return []
    if not isinstance(ids, list):
        return []
    return [pk for pk in ids if type(pk) is int and 0 < pk < 2**63][:_MOST]


def _remember(response: HttpResponse, ids: list[int]) -> HttpResponse:
    seconds = int(rules.UNDO.total_seconds())
    response.set_cookie(
        COOKIE, json.dumps(ids[:_MOST], separators=(",", ":")), max_age=seconds, httponly=True, samesite="Lax"
    )
    return response
