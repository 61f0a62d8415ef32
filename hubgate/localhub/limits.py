"""Rate limits (HC §9): a fixed window of 300 s per bucket and token or address, told on every answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from hubgate.localhub import answers
from hubgate.localhub.controls import CONTROLS
from hubgate.localhub.messages import Refusal

WINDOW = 300


def bucket(path: str) -> str:
    """The bucket a path counts against: `resolvers` for files, `api`, or `pages`."""
    if "/resolve/" in path or path.startswith("/api/resolve-cache/"):
        return "resolvers"
    return "api" if path.startswith("/api/") else "pages"


class Windows:
    """Calls counted per (bucket, who) in the window that began with the first of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, name: str, who: str, quota: int) -> tuple[bool, int, int]:
        """Counts a call: (allowed, calls left, seconds until the window ends)."""
        moment = self._clock()
        with self._lock:
            began, used = self._counts.get((name, who), (moment, 0))
            if moment >= began + WINDOW:
                began, used = moment, 0
            allowed = used < quota
            if allowed:
                used += 1
            self._counts[name, who] = (began, used)
        return allowed, max(quota - used, 0), max(1, int(began + WINDOW - moment))

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()


WINDOWS = Windows()


class RateLimitMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/_control/"):
            return self.get_response(request)
        name = bucket(request.path)
        quota = CONTROLS.quotas[name]
        who = request.META.get("HTTP_AUTHORIZATION") or request.META.get("REMOTE_ADDR", "")
        allowed, left, seconds = WINDOWS.count(name, who, quota)
        if allowed:
            response = self.get_response(request)
        else:
            text = f"We had to rate limit you, you hit the quota of {quota} {name} requests per 5 minutes period."
            response = answers.refusal(request, Refusal(429, text))
        # A fault may have told other limits already.
        if not response.has_header("RateLimit"):
            response["RateLimit"] = f'"{name}";r={left};t={seconds}'
            response["RateLimit-Policy"] = f'"fixed window";"{name}";q={quota};w={WINDOW}'
        return response
