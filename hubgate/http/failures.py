"""The last words where no view answered: a page for people, a problem for those who call the API."""

from __future__ import annotations

import sys
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import get_template
from django.views import defaults

from hubgate.http.rest import problems

RETRY_AFTER_S = 2
_AWAY = (OperationalError, InterfaceError)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler for whatever nobody caught: 503 where the database is away or busy, which passes by itself, else
    500. Nothing of it touches the database."""
    if not is_away(sys.exception()):
        if problems.concerns(request):
            return problems.plain_answer(
                "server_error", "hubgate failed. Nothing of this call was done; try again later."
            )
        return HttpResponse(get_template("500.html").render(), status=500)
    if problems.concerns(request):
        response = problems.plain_answer("unavailable", "The database is away for a moment. Repeat the call.")
    else:
        response = HttpResponse(get_template("503.html").render(), status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "no-store"
    return response


def not_found(request: HttpRequest, exception: Exception, **kwargs: Any) -> HttpResponseBase:
    """Django's handler where nothing is at an address."""
    if problems.concerns(request):
        return problems.plain_answer(
            "not_found", "There is nothing at this address. /api/v1/schema lists what there is."
        )
    return defaults.page_not_found(request, exception)


def is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be used now, rather than that it was used wrongly. A connection
    that breaks in the middle of an answer gives the bare DatabaseError."""
    return isinstance(error, _AWAY) or type(error) is DatabaseError
