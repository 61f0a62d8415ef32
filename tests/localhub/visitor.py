"""A person with a browser that knows no scripts, at the pages of a running local Hub."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import httpx2


class Visitor:
    """Follows redirects inside the local Hub; keeps cookies and the last page, whose CSRF token it sends."""

    def __init__(self, base_url: str) -> None:
        self.client = httpx2.Client(base_url=base_url, follow_redirects=True, timeout=30)
        self.page = ""

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *details: object) -> None:
        self.client.close()

    def _keep(self, response: httpx2.Response) -> httpx2.Response:
        self.page = response.text
        return response

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self._keep(self.client.get(path, **more))

    def post(self, path: str, data: Mapping[str, str] | None = None, **more: Any) -> httpx2.Response:
        """Sends a form of the last page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        assert token, f"the page has no form:\n{self.page}"
        return self._keep(self.client.post(path, data={"csrfmiddlewaretoken": token[1], **(data or {})}, **more))

    def sign_in(self, name: str, then: str = "/") -> httpx2.Response:
        self.get("/login")
        return self.post("/login", {"user": name, "next": then})

    @property
    def text(self) -> str:
        """The last page as a reader sees it: no tags, single spaces."""
        body = re.sub(r"<(head|style)\b.*?</\1>", " ", self.page, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", body)))
