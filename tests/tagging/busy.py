"""A Hub on which somebody else commits each time just before we do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

from tests.tagging.conftest import PLAIN, TagLab

_KEPT = ("content-type", "x-repo-commit", "x-error-code", "x-error-message", "ratelimit", "etag")


@contextmanager
def busy_hub(lab: TagLab, *, times: int) -> Iterator[str]:
    """The address of a door to the local Hub that lets a call through, and changes the card before each of the first
    `times` commits."""
    left = iter(range(1, times + 1))

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.pass_on(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if "/commit/" in self.path and (number := next(left, None)) is not None:
                lab.lab.hub.commit(lab.full_name, {"README.md": f"{PLAIN}# Somebody else, {number}\n"})
            self.pass_on(body)

        def pass_on(self, body: bytes | None) -> None:
            headers = {
                name: value for name, value in self.headers.items() if name.lower() not in ("host", "accept-encoding")
            }
            answer = httpx2.request(self.command, lab.lab.hub.base_url + self.path, headers=headers, content=body)
            self.send_response(answer.status_code)
            for name in _KEPT:
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its failures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
