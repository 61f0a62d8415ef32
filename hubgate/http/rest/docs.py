"""The description of the API and the page to try it."""

from __future__ import annotations

from typing import Any, ClassVar

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from hubgate.http.rest import problems


class Generator(SchemaGenerator):
    """Reads the description from the code once a process: it takes half a second."""

    _known: ClassVar[dict[str, Any]] = {}

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        if not Generator._known:
            Generator._known = super().get_schema(None, True)
        return Generator._known


class Schema(SpectacularAPIView):
    """OpenAPI 3.1: YAML, or JSON where `Accept` or `?format=json` asks for it."""

    authentication_classes = []
    permission_classes = []
    generator_class = Generator

    def get_exception_handler(self) -> Any:
        return problems.answer


# Swagger UI writes styles into elements, and its icons are data: addresses. Scripts are files of ours alone.
@csp_replace({"default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF, "data:"]})
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """A page to read and try the API: with one's session, or with a token."""
    return render(request, "api/docs.html", {"csrf_token": get_token(request)})
