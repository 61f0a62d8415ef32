"""What went wrong, as a problem document (RFC 9457) with a stable `code`.

Apps put their codes in from `AppConfig.ready()`, so that the description of the API can name them:

    problems.register({"not_gated": (409, "The repository has no gate")})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from hubgate.errors import DomainError, InvalidInputError
from hubgate.http.middleware import status_of
from hubgate.http.rest import json

CONTENT_TYPE = "application/problem+json"
MOST_BYTES = 256 * 1024  # of a request's body


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its HTTP status and a title that does not change from case to case."""

    status: int
    title: str


_kinds: dict[str, Kind] = {}


def register(kinds: Mapping[str, tuple[int, str]]) -> None:
    """Teach the API an app's codes: code → (HTTP status, title)."""
    for code, (status, title) in kinds.items():
        kind = Kind(status, title)
        if _kinds.setdefault(code, kind) != kind:
            raise ValueError(f"The problem {code} is registered twice.")


def kinds() -> Mapping[str, Kind]:
    """Every code that is registered."""
    return _kinds


class TooLarge(exceptions.APIException):
    """A body beyond what is read."""

    status_code = 413
    default_detail = f"The body is too large: at most {MOST_BYTES // 1024} kB are read."
    default_code = "too_large"


register(
    {
        "invalid_input": (400, "A value does not fit"),
        "bad_json": (400, "The body is no JSON object"),
        "bad_list": (400, "The filter cannot be read"),
        "bad_cursor": (400, "The cursor is none that a page gave"),
        "bad_idempotency_key": (400, "The Idempotency-Key cannot be used"),
        "not_signed_in": (401, "Sign in first"),
        "token_unknown": (401, "The access token is unknown"),
        "token_expired": (401, "The access token is over"),
        "token_revoked": (401, "The access token was revoked"),
        "account_closed": (401, "The account is closed"),
        "not_allowed": (403, "Not allowed"),
        "insufficient_scope": (403, "The access token lacks a scope"),
        "csrf_failed": (403, "The call does not come from a page of hubgate"),
        "not_found": (404, "Not found"),
        "method_not_allowed": (405, "This method does not exist here"),
        "not_acceptable": (406, "Only JSON is spoken here"),
        "wrong_state": (409, "That cannot be done as things are now"),
        "call_under_way": (409, "The same call is under way"),
        "too_large": (413, "The body is too large"),
        "unsupported_media_type": (415, "The body has to be JSON"),
        "idempotency_key_reused": (422, "The Idempotency-Key came with another call"),
        "throttled": (429, "Too many calls"),
        "server_error": (500, "hubgate failed"),
        "unavailable": (503, "hubgate cannot be used for a moment"),
    }
)
_CODES = {
    exceptions.ParseError: "bad_json",
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
    TooLarge: "too_large",
}


def document(code: str, detail: str, *, status: int | None = None, **more: Any) -> dict[str, Any]:
    """A problem as plain data; `more` members that are empty are left out. An unregistered code needs its status."""
    kind = _kinds.get(code) or Kind(status or 400, "Refused")
    return {
        "type": f"urn:hubgate:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        **{name: value for name, value in more.items() if value},
    }


def answer(error: Exception, context: Mapping[str, Any] | None = None) -> Response | None:
    """DRF's exception handler: the response for a refusal; None for what is a fault of ours."""
    problem, headers = _problem(error)
    return None if problem is None else Response(problem, problem["status"], headers=headers, content_type=CONTENT_TYPE)


def plain_answer(code: str, detail: str) -> HttpResponse:
    """A problem outside of DRF: where no route was found, or hubgate failed."""
    problem = document(code, detail)
    return HttpResponse(json.dumps(problem), status=problem["status"], content_type=CONTENT_TYPE)


def concerns(request: HttpRequest) -> bool:
    """Whether somebody talks to the API, and so is answered with a problem and not with a page."""
    return request.path.startswith("/api/")


def _problem(error: Exception) -> tuple[dict[str, Any] | None, dict[str, str]]:
    if isinstance(error, DomainError):
        fields = error.fields if isinstance(error, InvalidInputError) else {}
        more = {"errors": fields, "data": error.data}
        return document(error.code, error.message, status=status_of(error), **more), {}
    if isinstance(error, Http404):
        return document("not_found", "There is nothing at this address."), {}
    if isinstance(error, RequestDataTooBig):
        return document("too_large", TooLarge.default_detail), {}
    if isinstance(error, PermissionDenied):
        return document("not_allowed", "That is not allowed."), {}
    if not isinstance(error, exceptions.APIException):
        return None, {}
    if isinstance(error, exceptions.ValidationError):
        fields = dict(_flat(error.detail))
        first = next(iter(fields.values()), "A value does not fit.")
        return document("invalid_input", first, errors={name: text for name, text in fields.items() if name}), {}
    if isinstance(error, exceptions.PermissionDenied) and str(error.detail).startswith("CSRF Failed"):
        detail = "A call with a session needs the X-CSRFToken of a page of hubgate. Scripts use an access token."
        return document("csrf_failed", detail), {}
    code = _CODES.get(type(error)) or str(error.get_codes())
    return document(code, str(error.detail), status=error.status_code), _headers(error)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    return headers


def _flat(detail: Any, place: str = "") -> list[tuple[str, str]]:
    """Errors of nested fields as (dotted name, sentence), one for each field."""
    if isinstance(detail, Mapping):
        inner = ((name, value) for name, value in detail.items())
    elif isinstance(detail, list) and any(isinstance(one, (Mapping, list)) for one in detail):
        inner = ((number, value) for number, value in enumerate(detail) if value)
    else:
        return [(place, str(detail[0] if isinstance(detail, list) else detail))]
    found = []
    for name, value in inner:
        at = "" if name == "non_field_errors" else str(name)
        found += _flat(value, f"{place}.{at}".strip("."))
    return found
