"""A scripted Hub on loopback: plays given answers in order, with faults on the wire, and keeps what it was asked."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Play = Callable[["Wire"], None]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """The open connection of one request, for a play to write on. `over` is set when the test ends."""

    def __init__(self, handler: BaseHTTPRequestHandler, over: threading.Event) -> None:
        self._handler = handler
        self.over = over

    def write(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def head(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.write("\r\n".join(lines).encode())

    def hang_up(self) -> None:
        self._handler.close_connection = True
        self._handler.connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Script:
    origin: str
    asked: list[Asked] = field(default_factory=list)
    plays: list[Play] = field(default_factory=list)

    def then(self, *plays: Play) -> None:
        self.plays.extend(plays)


@contextmanager
def scripted_hub() -> Iterator[Script]:
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, OSError):
                self.close_connection = True

        def _play(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.asked.append(Asked(self.command, self.path, headers, self.rfile.read(length)))
            play = script.plays.pop(0) if script.plays else answer(500, {"error": "the script has ended"})
            play(Wire(self, over))

        do_GET = do_POST = do_PUT = _play

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    script = Script(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(status: int, content: Any = None, headers: dict[str, str] | None = None) -> Play:
    """JSON, or bytes as they are (with a content type of their own in `headers`)."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    every = {"content-type": "application/json; charset=utf-8", **(headers or {}), "content-length": str(len(body))}

    def play(wire: Wire) -> None:
        wire.head(status, every)
        wire.write(body)

    return play


def recorded(expect: dict[str, Any], content: Any = None) -> Play:
    """An answer as the recordings state it: status, headers that are given exactly, and the JSON body."""
    headers = {name: value for name, value in expect.get("headers", {}).items() if isinstance(value, str)}
    if headers.get("content-type") == "text/plain":
        return answer(expect["status"], expect["text"].encode(), headers)
    return answer(expect["status"], expect.get("json") if content is None else content, headers)


def web_page(status: int = 200) -> Play:
    return answer(status, b"<!doctype html><title>Log in</title>", {"content-type": "text/html; charset=utf-8"})


def hang(wire: Wire) -> None:
    wire.over.wait()


def hang_up(wire: Wire) -> None:
    wire.hang_up()


def cut(content: bytes, promised: int, headers: dict[str, str] | None = None) -> Play:
    """The connection ends after `content`, of which more was promised."""

    def play(wire: Wire) -> None:
        wire.head(200, {"content-type": "application/json", **(headers or {}), "content-length": str(promised)})
        wire.write(content)
        wire.hang_up()

    return play


def drip(head: bool) -> Play:
    """A byte every 20 ms for ever, in the head or in the body."""

    def play(wire: Wire) -> None:
        wire.write(b"HTTP/1.1 200 Said\r\ncontent-type: application/json\r\n")
        wire.write(b"x-slow: " if head else b"content-length: 1000000\r\n\r\n")
        while not wire.over.wait(0.02):
            wire.write(b"1")

    return play


def elapsed(start: float) -> float:
    return time.monotonic() - start
