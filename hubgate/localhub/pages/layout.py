"""The frame of every page: who is signed in, a notice, security headers, and refusals as pages."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.utils.http import url_has_allowed_host_and_scheme

from hubgate.localhub import callers, messages
from hubgate.localhub.messages import Refusal

View = Callable[..., HttpResponse]
NOTICE = "notice"


def render(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200, form_action: str = ""
) -> HttpResponse:
    """A page from `localhub/<name>.html`. `form_action` is one more origin to which a form's answer may redirect."""
    notice = request.session.pop(NOTICE, "") if request.COOKIES else ""
    shared = {"me": callers.session(request).person, "notice": notice}
    response = render_template(request, f"localhub/{name}.html", {**shared, **context}, status=status)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_action}".strip()
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response


def page(view: View) -> View:
    """Shows a refusal as a page of the same status, with the Hub's headers."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as error:
            context = {"status": error.status, "message": error.message, "next": request.get_full_path()}
            response = render(request, "error", context, status=error.status)
            response["X-Error-Message"] = messages.in_header(error.message)
            if error.code:
                response["X-Error-Code"] = error.code
            return response

    return answer


def go(request: HttpRequest, target: str, notice: str = "") -> HttpResponse:
    """303 to a path of ours; the notice is shown once on the page that follows."""
    if notice:
        request.session[NOTICE] = notice
    response = HttpResponse(status=303)
    response["Location"] = target
    return response


def local_path(request: HttpRequest, given: str) -> str:
    """A path of this server to go on to; the home page instead of anything that leads elsewhere."""
    safe = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if safe else "/"
