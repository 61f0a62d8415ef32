"""Faults: rules of the control door that spoil answers on purpose.

A rule: `{kind, method?, path?, count?, skip?, probability?, seed?, …}`. `path` is a regular expression searched in path
and query; `count` ends the rule after so many hits; `skip` lets the first matching calls pass; `probability` (with
`seed`) hits only that share. Of several rules the first that hits is used. Kinds, with their own keys:

- `rate_limited` {t: 37, bucket: "api"}: 429 with `RateLimit: "api";r=0;t=37` and no Retry-After
- `server_error` {status: 500}: nothing is applied
- `hang` {seconds: 30, status: 504}: nothing is applied; ends when the faults are cleared
- `cut_body` {keep: 0.5}: says the whole Content-Length, sends this share of the body and breaks the connection
- `truncated_json` {keep: 0.5}: a whole answer whose JSON stops in the middle
- `html` {status: 200}: a page instead of JSON
- `login_redirect`: 302 to an HTML page for signing in
- `list_cap` {rows: 1000}: only the first rows of a list, and no `next`
- `odd_rows` {what, at: 0, value?, size: 1048576}: changes one row of a list; `what` is `missing_key` (value: the key,
  default timestamp), `unknown_key`, `unknown_status`, `nul`, `surrogate`, `big_field`, `null_email`, `no_user`
- `apply_then_fail` {status: 500, seconds: 0}: the call is carried out, then hangs for so long and fails
- `expired_token`: the token counts as nobody's, 401
"""

from __future__ import annotations

import errno
import json
import random
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from hubgate.localhub import answers, messages
from hubgate.localhub.messages import Refusal

LONGEST_HANG = 600.0
LOOK_EVERY = 0.1
LOGIN = "<!doctype html><title>Sign in</title><h1>Sign in</h1><form method=post><input name=username></form>"
ODD = ("missing_key", "unknown_key", "unknown_status", "nul", "surrogate", "big_field", "null_email", "no_user")


@dataclass
class Rule:
    """A rule with what it has counted so far."""

    given: dict[str, Any]
    number: int
    path: re.Pattern[str]
    seen: int = 0
    hits: int = 0
    random: random.Random = field(default_factory=random.Random)

    def hit(self, method: str, path: str) -> bool:
        """Whether the rule strikes this call; counts it."""
        given = self.given
        if given.get("method", method).upper() != method or not self.path.search(path):
            return False
        if "count" in given and self.hits >= given["count"]:
            return False
        self.seen += 1
        if self.seen <= given.get("skip", 0) or self.random.random() >= given.get("probability", 1):
            return False
        self.hits += 1
        return True


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._made = 0
        self._woken = threading.Event()

    def add(self, given: dict[str, Any]) -> dict[str, Any]:
        """Adds a rule; 400 for an unknown kind or a path that is no regular expression."""
        if given.get("kind") not in KINDS:
            raise Refusal(400, f"Unknown kind {given.get('kind')!r}; known are {', '.join(sorted(KINDS))}")
        if given["kind"] == "odd_rows" and given.get("what") not in ODD:
            raise Refusal(400, f"Unknown what {given.get('what')!r}; known are {', '.join(ODD)}")
        try:
            path = re.compile(given.get("path", ""))
        except re.error as error:
            raise Refusal(400, f"path is no regular expression: {error}") from None
        with self._lock:
            self._made += 1
            rule = Rule(dict(given), self._made, path, random=random.Random(given.get("seed", 1)))  # noqa: S311
            self._rules.append(rule)
            return _shown(rule)

    def clear(self) -> None:
        """Ends all rules and lets calls that hang go on."""
        with self._lock:
            self._rules = []
            self._woken.set()
            self._woken = threading.Event()

    def shown(self) -> list[dict[str, Any]]:
        with self._lock:
            return [_shown(rule) for rule in self._rules]

    def strike(self, method: str, path: str) -> Rule | None:
        if not self._rules:
            return None
        with self._lock:
            return next((rule for rule in self._rules if rule.hit(method, path)), None)

    def hang(self, seconds: float, peer: socket.socket | None = None) -> None:
        """Waits so long, until the faults are cleared, or until the caller has gone away."""
        woken, until = self._woken, time.monotonic() + min(seconds, LONGEST_HANG)
        while (left := until - time.monotonic()) > 0 and not woken.wait(min(left, LOOK_EVERY)):
            if peer is not None and _has_gone(peer):
                return


def _has_gone(peer: socket.socket) -> bool:
    """Whether the other end has closed the connection."""
    try:
        readable = bool(select.select([peer], [], [], 0)[0])
        return readable and peer.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def _shown(rule: Rule) -> dict[str, Any]:
    return {**rule.given, "id": rule.number, "seen": rule.seen, "hits": rule.hits}


FAULTS = Faults()
Next = Callable[[HttpRequest], HttpResponseBase]


def _error(request: HttpRequest, status: int) -> HttpResponse:
    return answers.refusal(request, Refusal(status, f"Internal Error {status}"))


def rate_limited(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    bucket = rule.get("bucket", "api")
    response = answers.refusal(request, Refusal(429, "We had to rate limit you, please slow down."))
    response["RateLimit"] = f'"{bucket}";r=0;t={rule.get("t", 37)}'
    response["RateLimit-Policy"] = f'"fixed window";"{bucket}";q=1000;w=300'
    return response


def server_error(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    return _error(request, rule.get("status", 500))


def hang(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    FAULTS.hang(rule.get("seconds", 30), request.META.get("gunicorn.socket"))
    return _error(request, rule.get("status", 504))


def apply_then_fail(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    go_on(request)
    FAULTS.hang(rule.get("seconds", 0), request.META.get("gunicorn.socket"))
    return _error(request, rule.get("status", 500))


def _pieces(response: HttpResponseBase) -> Iterator[bytes]:
    if isinstance(response, StreamingHttpResponse):
        yield from response.streaming_content  # type: ignore[misc]
    elif isinstance(response, HttpResponse):
        yield response.content


def cut_body(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    response = go_on(request)
    body = b"".join(_pieces(response))

    def half() -> Iterator[bytes]:
        yield body[: int(len(body) * rule.get("keep", 0.5))]
        # The server takes this for a peer that went away and closes the connection.
        raise ConnectionResetError(errno.ECONNRESET, "cut on purpose")

    cut = StreamingHttpResponse(half(), status=response.status_code)
    for key, value in response.items():
        cut[key] = value
    cut["Content-Length"] = str(len(body))
    return cut


def truncated_json(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    response = go_on(request)
    body = b"".join(_pieces(response))
    return _with_body(response, body[: int(len(body) * rule.get("keep", 0.5))])


def _with_body(response: HttpResponseBase, body: bytes) -> HttpResponse:
    out = HttpResponse(body, status=response.status_code)
    for key, value in response.items():
        out[key] = value
    out["Content-Length"] = str(len(body))
    del out["ETag"]
    return out


def html(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    return HttpResponse(
        "<!doctype html><title>Hub</title><p>Be right back.", status=rule.get("status", 200), content_type=answers.HTML
    )


def login_redirect(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    response = HttpResponse(status=302)
    response["Location"] = "/_fault/login"
    return response


def list_cap(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    response = go_on(request)
    rows = orjson.loads(b"".join(_pieces(response)))
    del response["Link"]
    return _with_body(response, orjson.dumps(rows[: rule.get("rows", 1000)]))


def spoil(row: dict[str, Any], rule: dict[str, Any]) -> None:
    """Makes a list's row odd in the way that `what` says."""
    what, value = rule["what"], rule.get("value")
    user = row.get("user", {})
    if what == "missing_key":
        row.pop(value or "timestamp", None)
    elif what == "unknown_key":
        row[value or "somethingNew"] = {"nested": [1, 2, 3]}
    elif what == "unknown_status":
        row["status"] = value or "escalated"
    elif what == "nul":
        user["fullname"] = "nul\0inside"
    elif what == "surrogate":
        user["fullname"] = "lone \ud800 surrogate"
    elif what == "big_field":
        row["fields"] = {**(row.get("fields") or {}), "big": "x" * rule.get("size", 1 << 20)}
    elif what == "null_email":
        user["email"] = None
    elif what == "no_user":
        row.pop("user", None)


def odd_rows(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    response = go_on(request)
    rows = orjson.loads(b"".join(_pieces(response)))
    if isinstance(rows, list) and rule.get("at", 0) < len(rows):
        spoil(rows[rule.get("at", 0)], rule)
    # The standard encoder writes a lone surrogate as an escape, where orjson refuses it.
    return _with_body(response, json.dumps(rows, separators=(",", ":")).encode())


def expired_token(request: HttpRequest, rule: dict[str, Any], go_on: Next) -> HttpResponseBase:
    return answers.refusal(request, messages.unauthenticated())


KINDS: dict[str, Callable[[HttpRequest, dict[str, Any], Next], HttpResponseBase]] = {
    function.__name__: function
    for function in (
        rate_limited, server_error, hang, apply_then_fail, cut_body, truncated_json, html, login_redirect, list_cap,
        odd_rows, expired_token,
    )
}  # fmt: skip


class FaultMiddleware:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/_"):
            if request.path == "/_fault/login":
                return HttpResponse(LOGIN, content_type=answers.HTML)
            return self.get_response(request)
        rule = FAULTS.strike(request.method or "", answers.raw_uri(request))
        if rule is None:
            return self.get_response(request)
        request.META["localhub.fault"] = rule.given["kind"]
        return KINDS[rule.given["kind"]](request, rule.given, self.get_response)
