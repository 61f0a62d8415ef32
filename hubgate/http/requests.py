"""Every request by name: an id in and out, a log line without personal data, and how long it took."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

from hubgate import counters, logs

logger = logging.getLogger("hubgate.request")
HEADER = "X-Request-ID"
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")
_SECRET_PARTS = {"key", "token", "secret", "uidb36", "code"}
_QUIET = ("/healthz", "/readyz", "/metrics", "/static/")
_DOORS = (("/api/", "api"), ("/hub/", "hub"), ("/static/", "static"), ("/healthz", "health"), ("/readyz", "health"))


class RequestMiddleware:
    """The outermost. An `X-Request-ID` that fits (8 to 64 letters, digits, `.`, `_`, `-`) is kept, any other replaced;
    it stands in the answer, in all log lines of the request, and in those of the tasks that it sends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request_id = given if _GIVEN.fullmatch(given) and logs.scrub(given) == given else uuid4().hex
        logs.bind(request_id=request_id)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = request_id
            self._note(request, response.status_code, time.perf_counter() - began)
        finally:
            logs.unbind("request_id")
        return response

    def _note(self, request: HttpRequest, status: int, seconds: float) -> None:
        door = next((name for start, name in _DOORS if request.path_info.startswith(start)), "web")
        counters.observe("http_request_seconds", seconds, BOUNDS, door=door, status=f"{status // 100}xx")
        if status < 400 and request.path_info.startswith(_QUIET):
            return
        facts = {
            "method": request.method if request.method in _METHODS else "other",
            "path": _path(request),
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            **_who(request),
        }
        level = logging.ERROR if status >= 500 else logging.INFO
        logger.log(level, "request", extra={"facts": facts})


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


def _path(request: HttpRequest) -> str:
    """The path, without what in it opens something to whoever knows it."""
    path, match = request.path_info, request.resolver_match
    for name, value in (match.kwargs if match else {}).items():
        if name in _SECRET_PARTS and str(value):
            path = path.replace(str(value), logs.HIDDEN)
    return path


def _who(request: HttpRequest) -> dict[str, Any]:
    """The account, where the request asked for it anyway."""
    user = getattr(request, "_cached_user", None) or request.__dict__.get("user")
    pk = getattr(user, "pk", None) if user is not None and not _is_unread(user) else None
    return {"user_id": pk} if pk is not None else {}


def _is_unread(user: Any) -> bool:
    """Whether the account is a promise that nobody has asked for yet; asking would be a query."""
    from django.utils.functional import LazyObject, empty

    return isinstance(user, LazyObject) and user.__dict__.get("_wrapped", empty) is empty
