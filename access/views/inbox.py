"""The inbox and the page of a request."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from access.views.listing import Listing
from access.views.screens import show_inbox, show_request
from hubgate.accounts.queries import actor_of


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The requests of all the person's repositories; the address says which."""
    return show_inbox(request, actor_of(request.user), Listing.read(request.GET))


@require_safe
@login_required
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one request, beside the list that it was opened from."""
    return show_request(request, actor_of(request.user), Listing.read(request.GET), pk)
