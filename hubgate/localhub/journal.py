"""The journal of every call, newest last, in memory and bounded. The control door reads and clears it."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from hubgate.localhub import clock

LENGTH = 50_000
_DECISION = re.compile(r"/(user-access-request/(handle|batch|grant)|settings)$")


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=LENGTH)
        self._sequence = 0

    def write(self, entry: dict[str, Any]) -> None:
        with self._lock:
            self._sequence += 1
            entry["sequence"] = self._sequence
            self._entries.append(entry)

    def read(self, after: int = 0) -> list[dict[str, Any]]:
        """Entries with a sequence number above `after`."""
        with self._lock:
            return [entry for entry in self._entries if entry["sequence"] > after]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


JOURNAL = Journal()


def _body(request: HttpRequest, entry: dict[str, Any]) -> None:
    entry["body_digest"] = hashlib.sha256(request.body).hexdigest()
    if _DECISION.search(request.path):
        try:
            entry["body"] = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            entry["body"] = None


class JournalMiddleware:
    """Writes down method, path, query, whose token it was, the body's sha256 and the status answered.

    The body itself is kept for decisions and settings only; answers to gate forms are not. The control door's calls are
    not written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/_control/"):
            return self.get_response(request)
        entry: dict[str, Any] = {
            "sequence": 0,
            "time": clock.now(),
            "method": request.method,
            "path": request.path,
            "query": request.META.get("QUERY_STRING", ""),
        }
        # Large files are taken as a stream, which can be read once only.
        if request.META.get("CONTENT_LENGTH") not in (None, "", "0") and not request.path.startswith("/lfs-objects/"):
            _body(request, entry)
        response = self.get_response(request)
        entry["owner"] = request.META.get("localhub.caller", "")
        entry["status"] = response.status_code
        if "localhub.fault" in request.META:
            entry["fault"] = request.META["localhub.fault"]
        JOURNAL.write(entry)
        return response
