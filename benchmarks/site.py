"""A person at hubgate's pages: signs in, reads, presses buttons. One connection, kept alive."""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.request
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took from the request's first byte to the answer's last."""

    status: int
    text: str
    location: str
    seconds: float


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        page = self.get("/accounts/login/")
        self.token = form_token(page.text)
        answer = self.post("/accounts/login/", login=username, password=password)
        if answer.status != 302:
            raise RuntimeError(f"{username} could not sign in: {answer.status}\n{answer.text[-2000:]}")
        self.token = self._cookies["hubgate_csrf"]

    @property
    def cookies(self) -> str:
        """The value of the Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def get(self, path: str) -> Answer:
        """Load a page."""
        return self._send("GET", path, None)

    def post(self, path: str, **fields: str | list[str]) -> Answer:
        """Send a form."""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields}, doseq=True)
        return self._send("POST", path, body)

    def accept(self, request_id: int) -> Answer:
        """Press "Accept" on a request that waits."""
        return self.post(f"/requests/{request_id}/accept/", seen_status="pending")

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": self.cookies, "Referer": f"http://127.0.0.1:{self._port}{path}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # gunicorn's sync workers close after each answer
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        seconds = time.perf_counter() - began
        for header in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
        return Answer(response.status, text, response.headers.get("Location", ""), seconds)


def form_token(page: str) -> str:
    """The CSRF token of a page's form."""
    found = _TOKEN.search(page)
    if found is None:
        raise RuntimeError("The page has no form.")
    return found[1]


def journal(hub_url: str) -> dict[str, Any]:
    """What the fake Hub was asked since the journal began: `calls` by kind, `journal` of calls, `decided` people."""
    with urllib.request.urlopen(f"{hub_url}/_/journal", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def begin_journal(hub_url: str) -> None:
    """Forget what the fake Hub was asked."""
    urllib.request.urlopen(urllib.request.Request(f"{hub_url}/_/journal", method="DELETE"), timeout=60).close()
