"""Mails to requesters that did not arrive: what the mail server said, and what to do."""

from __future__ import annotations

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access import actions, queries
from hubgate.accounts.queries import actor_of
from hubgate.http import web


@login_required
@require_safe
def undelivered(request: HttpRequest) -> HttpResponse:
    """The mails that did not arrive, newest first."""
    given = request.GET.get("before", "")
    before = int(given) if given.isdecimal() and len(given) < 19 else None
    page = queries.undelivered(actor_of(request.user), before=before)
    older = f"?before={page.older}" if page.older else None
    return render(request, "access/undelivered.html", {"rows": page.rows, "older": older, "first": before is None})


@require_POST
@login_required
def send_again(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Try one of them once more."""
    actions.send_mail_again(actor=actor_of(request.user), delivery_id=delivery_id)
    flash.success(request, "The mail is sent once more now. If it fails again, it is listed here again.")
    return HttpResponseRedirect(reverse("access:undelivered"))


@require_POST
@login_required
def set_aside(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """List one of them no longer."""
    actions.set_mail_aside(actor=actor_of(request.user), delivery_id=delivery_id)
    flash.success(request, "Set aside. It stays in the history of the request.")
    return HttpResponseRedirect(reverse("access:undelivered"))


def nav(request: HttpRequest) -> web.NavItem | None:
    """How many mails did not arrive; nothing where all did."""
    if not request.user.is_authenticated:
        return None
    url, count = reverse("access:undelivered"), queries.count_undelivered(actor_of(request.user))
    current = request.path == url
    if not count and not current:
        return None
    return web.NavItem(
        "Mail not arrived", url, "alert", count=count, more=count > queries.MOST_UNDELIVERED, current=current
    )
