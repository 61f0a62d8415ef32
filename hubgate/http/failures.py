"""The last page: what a person sees when a request could not be carried out."""

from __future__ import annotations

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

RETRY_AFTER_S = 2
_AWAY = (OperationalError, InterfaceError)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler for whatever nobody caught: 503 where the database is away or busy, which passes by itself, else
    500. No page of it touches the database."""
    if not is_away(sys.exception()):
        return HttpResponse(get_template("500.html").render(), status=500)
    response = HttpResponse(get_template("503.html").render(), status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "no-store"
    return response


def is_away(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be used now, rather than that it was used wrongly. A connection
    that breaks in the middle of an answer gives the bare DatabaseError."""
    return isinstance(error, _AWAY) or type(error) is DatabaseError
