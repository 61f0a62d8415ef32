"""The last words where no view answered: a page for people, a problem for those who call the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from hubgate.http.rest import problems


def not_found(request: HttpRequest, exception: Exception, **kwargs: Any) -> HttpResponseBase:
    """Nothing is at this address."""
    if problems.concerns(request):
        return problems.plain_answer(
            "not_found", "There is nothing at this address. /api/v1/schema lists what there is."
        )
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """A fault of ours."""
    if problems.concerns(request):
        return problems.plain_answer(
            "server_error", "hubgate failed. Nothing of this call was done; try it again later."
        )
    return defaults.server_error(request)
