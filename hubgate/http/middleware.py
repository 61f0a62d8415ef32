"""What the web door does with every answer: refusals of the domain become pages, and htmx gets what it can use."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url

from hubgate.errors import DomainError, InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError

DIALOG = "hg-dialog-body"
STATUSES: dict[type[DomainError], int] = {
    InvalidInputError: 400,
    NotAllowedError: 403,
    NotFoundOrHiddenError: 404,
    WrongStateError: 409,
}


def status_of(error: DomainError) -> int:
    """The HTTP status that a refusal has at the web door."""
    return next((status for family, status in STATUSES.items() if isinstance(error, family)), 400)


class DomainErrorMiddleware:
    """Refusals that a view did not turn into a page of its own: 400, 403, 404 or 409 with the sentence and what to do;
    for htmx a message in the page that is open, or in its dialog."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A response for a refusal of the domain; None for any other exception."""
        if not isinstance(error, DomainError):
            return None
        status = status_of(error)
        htmx = getattr(request, "htmx", None)
        if not htmx or htmx.boosted:
            return render(request, f"{status}.html", {"message": error.message, "error": error}, status=status)
        inside = htmx.target == DIALOG
        response = render(request, "ui/refusal.html", {"message": error.message, "inside": inside}, status=status)
        response["HX-Retarget"] = f"#{DIALOG}" if inside else "#hg-messages"
        response["HX-Reswap"] = "innerHTML"
        response["HX-Trigger"] = json.dumps({"announce": error.message})
        return response


class HtmxSignInMiddleware:
    """htmx follows redirects by itself and would put the sign-in page into a part of the page: a signed-out person is
    sent there with the whole page instead, and comes back to the page that was open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        htmx = getattr(request, "htmx", None)
        if not htmx or response.status_code != 302:
            return response
        sign_in = resolve_url(settings.LOGIN_URL)
        if urlsplit(response["Location"]).path != sign_in:
            return response
        whole = HttpResponse(status=204)
        whole["HX-Redirect"] = redirect_to_login(htmx.current_url_abs_path or "/", sign_in)["Location"]
        return whole
