"""The list of notices, and the mails that were kept instead of sent."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.notify import actions, queries

_ADDRESS_LENGTH = 320


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first."""
    actor = actor_of(request.user)
    page = queries.notice_page(actor, before=_before(request))
    context = {
        "rows": page.rows,
        "older": f"?{urlencode({'before': page.older})}" if page.older else None,
        "first": _before(request) is None,
        "unread": queries.count_new(actor),
    }
    return render(request, "notify/notices.html", context)


@login_required
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark all one's notices as read."""
    actions.mark_all_read(actor=actor_of(request.user))
    return HttpResponseRedirect(reverse("notify:notices"))


@login_required
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The kept mails, newest first, by address."""
    address = request.GET.get("q", "").replace("\0", "").strip()[:_ADDRESS_LENGTH]
    page = queries.kept_mails(actor_of(request.user), address=address, before=_before(request))
    older = {"before": page.older, **({"q": address} if address else {})}
    context = {
        "rows": page.rows,
        "address": address,
        "first": _before(request) is None,
        "older": f"?{urlencode(older)}" if page.older else None,
    }
    return render(request, "notify/mail.html", context)


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
