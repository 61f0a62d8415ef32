"""My access: a person's own requests, whatever namespace they are of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from access import actions, ends, own, queries
from access.forms import RenewalForm
from access.queries import Own
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.http import flash, web
from hubgate.http.middleware import DIALOG
from hubgate.http.web import TimelineEntry
from repos import rules as repo_rules

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@login_required
def my_access(request: HttpRequest) -> HttpResponse:
    """Every request of one's own, those asked last first."""
    actor = actor_of(request.user)
    page = queries.own_page(actor, cursor=request.GET.get("cursor", ""))
    context = {
        "rows": [_row(row) for row in page.rows],
        "known": actor.hub_id is not None,
        "hub_url": settings.HUB_URL,
        "previous": f"?cursor={page.newer}" if page.newer else None,
        "next": f"?cursor={page.older}" if page.older else None,
    }
    return render(request, "access/my_access.html", context)


@require_safe
@login_required
def my_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request of one's own."""
    return _show(request, pk)


@_form_page
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what withdrawing means, then withdraw."""
    actor = actor_of(request.user)
    found = queries.get_own(actor, pk)
    if request.method != "POST":
        if not found.may_withdraw:
            return HttpResponseRedirect(reverse("access:my_request", args=[pk]))
        return render(request, "access/my_withdraw.html", _row(found) | _dialog(request))
    try:
        actions.withdraw(actor=actor, request_id=pk)
    except WrongStateError as error:
        return _show(request, pk, refusal=error.message, status=409)
    flash.success(request, f"Withdrawn. Your request for {found.repository} does not wait any more.")
    return _go(request, reverse("access:my_request", args=[pk]))


@_form_page
@login_required
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for more time, with a word on why if one likes."""
    actor = actor_of(request.user)
    found = queries.get_own(actor, pk)
    form, status = RenewalForm(request.POST or None), 200
    if request.method != "POST" and not found.may_renew:
        return HttpResponseRedirect(reverse("access:my_request", args=[pk]))
    if request.method == "POST":
        form, status = RenewalForm(request.POST), 422
        if form.is_valid():
            try:
                actions.ask_renewal(actor=actor, request_id=pk, words=form.cleaned_data["words"])
            except InvalidInputError as error:
                form.add_error("words", error.message)
            except WrongStateError as error:
                return _show(request, pk, refusal=error.message, status=409)
            else:
                flash.success(request, "Asked. You are told as soon as somebody has decided.")
                return _go(request, reverse("access:my_request", args=[pk]))
    return render(request, "access/my_renew.html", _row(found) | _dialog(request) | {"form": form}, status=status)


def _show(request: HttpRequest, pk: int, *, refusal: str = "", status: int = 200) -> HttpResponse:
    detail = queries.own_detail(actor_of(request.user), pk)
    context = _row(detail.request) | {
        "detail": detail,
        "refusal": refusal,
        "snippet": own.snippet(detail.request.kind, detail.request.repository),
        "python": own.python(detail.request.kind, detail.request.repository),
        "tokens_link": f"{settings.HUB_URL}/settings/tokens",
        "own_requests_link": f"{settings.HUB_URL}/settings/gated-repos",
        "history": [TimelineEntry(line.sentence, line.at, line.icon, line.detail) for line in detail.history],
    }
    return render(request, "access/my_request.html", context, status=status)


def _row(found: Own) -> dict[str, Any]:
    return {
        "row": found,
        "on_hub": settings.HUB_URL + repo_rules.web_path(found.kind, found.repository),
        "place": own.place(found.place) if found.place else "",
        "wait": own.wait(found.waits) if found.place else "",
        "ends_on": ends.day_of(found.ends_at) if found.ends_at else "",
        "can_ask": found.status in ("reset", "withdrawn"),
    }


def _dialog(request: HttpRequest) -> dict[str, Any]:
    return {"in_dialog": web.target_of(request) == DIALOG}


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """To a page; htmx would put it into the dialog, so it is told to load it."""
    if not web.wants_partial(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response
