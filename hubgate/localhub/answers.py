"""Answers in the Hub's form: JSON with a weak ETag, plain text, errors with `X-Error-Code` and `X-Error-Message`."""

from __future__ import annotations

import base64
import hashlib
import html
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

from hubgate.localhub import messages
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Repo
from hubgate.localhub.reads import Moved

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
LOG = logging.getLogger(__name__)
_TRACE = re.compile(r"[A-Za-z0-9=;:_-]{1,128}")


def weak_etag(body: bytes) -> str:
    """The weak ETag that the Hub's server puts on JSON: length and sha1 of the body."""
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()[:27]
    return f'W/"{len(body):x}-{digest}"'


def json(request: HttpRequest, data: Any, status: int = 200) -> HttpResponse:
    """JSON with a weak ETag; 304 to a GET that already has it."""
    return json_bytes(request, orjson.dumps(data), status)


def json_bytes(request: HttpRequest, body: bytes, status: int = 200) -> HttpResponse:
    etag = weak_etag(body)
    if status == 200 and request.method in ("GET", "HEAD") and matches(request, etag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, status=status, content_type=JSON)
        response["Content-Length"] = str(len(body))
    response["ETag"] = etag
    return response


def matches(request: HttpRequest, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag."""
    sent = request.META.get("HTTP_IF_NONE_MATCH", "")
    return bool(sent) and etag.removeprefix("W/") in [part.strip().removeprefix("W/") for part in sent.split(",")]


def text(body: str, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type=TEXT)


def origin(request: HttpRequest) -> str:
    """The address under which the caller reached us, without a slash at the end."""
    return f"{request.scheme}://{request.get_host()}"


def raw_uri(request: HttpRequest) -> str:
    """Path and query as they were sent: a revision's `%2F` is told from the slash before a file's path."""
    return str(request.META.get("RAW_URI") or request.get_full_path())


def surface(path: str) -> str:
    """How errors on this path are written: `json` under /api, `text` on file routes, `html` on pages."""
    if path.startswith("/api/"):
        return "json"
    parts = path.split("/")
    return "html" if "blob" in parts[3:5] or parts[-1] == "user-access-report" else "text"


def refusal(request: HttpRequest, error: Refusal) -> HttpResponse:
    """A refusal in the form of the surface that was called (HC §1.6)."""
    form = surface(request.path)
    if form == "json":
        response = json(request, error.body or {"error": error.message}, error.status)
    elif form == "text":
        response = text(error.message, error.status)
    else:
        page = f"<!doctype html><title>{error.status}</title><h1>{error.status}</h1><p>{html.escape(error.message)}</p>"
        response = HttpResponse(page, status=error.status, content_type=HTML)
    response["X-Error-Message"] = messages.in_header(error.message)
    if error.code:
        response["X-Error-Code"] = error.code
    # A file's page is the one place where the Hub was seen to leave the challenge out.
    if error.status == 401 and "/blob/" not in request.path:
        response["WWW-Authenticate"] = messages.CHALLENGE
    for key, value in error.headers.items():
        response[key] = value
    return response


def moved(request: HttpRequest, repo: Repo) -> HttpResponse:
    """307 to the same path under the repository's present name, relative to the server as the Hub writes it."""
    path, _, query = raw_uri(request).partition("?")
    parts = path.split("/")
    # The old name is the first owner/name pair after the prefix of the route.
    start = 3 if path.startswith("/api/") else 2 if parts[1] in ("datasets", "spaces") else 1
    if parts[2] == "resolve-cache":
        start = 4
    parts[start : start + 2] = repo.full_name.split("/")
    target = "/".join(parts) + (f"?{query}" if query else "")
    response = text(f"Temporary Redirect. Redirecting to {target}", 307)
    response["Location"] = target
    return response


def body_json(request: HttpRequest) -> Any:
    """The decoded JSON body; 400 if it is none."""
    if not request.body:
        return None
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"Invalid JSON: {error}") from None


def json_array(items: Iterable[Any]) -> Iterator[bytes]:
    """A JSON array in pieces of a thousand items, for answers that are too long to hold."""
    opened = False
    chunk: list[Any] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == 1000:
            yield (b"," if opened else b"[") + orjson.dumps(chunk)[1:-1]
            opened, chunk = True, []
    if chunk:
        yield (b"," if opened else b"[") + orjson.dumps(chunk)[1:-1]
        opened = True
    yield b"]" if opened else b"[]"


class AnswerMiddleware:
    """Turns refusals into answers and puts the headers on that every answer of the Hub has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and not request.path.startswith("/_"):
            # To the Hub, a path called with another method is a page that is not there.
            response = refusal(request, Refusal(404, messages.NO_PAGE))
        sent = request.META.get("HTTP_X_REQUEST_ID") or request.META.get("HTTP_X_AMZN_TRACE_ID") or ""
        response["X-Request-Id"] = sent if _TRACE.fullmatch(sent) else str(uuid.uuid4())
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refusal):
            return refusal(request, error)
        if isinstance(error, Moved):
            return moved(request, error.repo)
        if isinstance(error, Http404):
            return refusal(request, Refusal(404, messages.NO_PAGE))
        if isinstance(error, (BadRequest, MultiPartParserError, SuspiciousOperation)):
            return refusal(request, Refusal(400, f"Bad request: {error}"))
        LOG.exception("%s %s failed", request.method, request.path)
        return refusal(request, Refusal(500, "Internal Error - We're working hard to fix this as soon as possible!"))
