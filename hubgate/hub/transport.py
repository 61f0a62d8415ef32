"""Connections to the Hub: one pool per origin and process, with a deadline that no slow peer can stretch.

`httpx2` limits each single wait, so a peer that sends a byte now and then can hold a call for ever. Here every read and
write of the socket, TLS included, is also held against the deadline of the call that it belongs to.
"""

from __future__ import annotations

import atexit
import os
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

_deadline: ContextVar[float] = ContextVar("hub_call_deadline")

LIMITS = httpx2.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. The first four limit single waits, `total` the whole call, body included (name look-up excepted: the
    system's resolver has its own limit)."""

    connect: float = 3.0
    read: float = 10.0
    write: float = 10.0
    pool: float = 3.0
    total: float = 15.0

    def for_httpx(self) -> httpx2.Timeout:
        return httpx2.Timeout(connect=self.connect, read=self.read, write=self.write, pool=self.pool)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """All connection work of this thread inside the block ends after `seconds` with a timeout of `httpx2`."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def client_for(origin: str) -> httpx2.Client:
    """The open client of this process for `origin` (`scheme://host[:port]`); no cookies, no redirects, no netrc."""
    with _lock:
        client = _clients.get(origin)
        if client is None:
            client = _clients[origin] = httpx2.Client(
                transport=DeadlineTransport(limits=LIMITS, proxy=_proxy_for(origin)),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                follow_redirects=False,
                trust_env=False,
            )
    return client


class DeadlineTransport(httpx2.HTTPTransport):
    """The usual transport, its sockets held to the deadline of the call."""

    def __init__(self, *, limits: httpx2.Limits, proxy: str | None) -> None:
        super().__init__(verify=_ssl_context(), limits=limits, proxy=proxy)
        # httpx2 has no parameter for its pool's backend; an upgrade that renames this fails here, not in silence.
        self._pool._network_backend = _DeadlineBackend(self._pool._network_backend)


class _DeadlineBackend(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _DeadlineStream(self._inner.connect_tcp(host, port, left, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _DeadlineStream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, over: type[Exception]) -> float | None:
    """The shorter of `timeout` and what the deadline leaves; raises `over` when it leaves nothing."""
    end = _deadline.get(None)
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise over("The call's deadline has passed.")
    return left if timeout is None else min(timeout, left)


@cache
def _ssl_context() -> ssl.SSLContext:
    """Certificates take a tenth of a second to load: once for all origins. `SSL_CERT_FILE` is heeded."""
    return httpx2.create_ssl_context()


def _proxy_for(origin: str) -> str | None:
    """The operator's proxy for `origin` from the environment, as other tools read it."""
    url = httpx2.URL(origin)
    if proxy_bypass(url.host):
        return None
    proxies = getproxies()
    return proxies.get(url.scheme) or proxies.get("all")


def close_clients() -> None:
    """Close all connections of this process; the next call opens new ones."""
    with _lock:
        clients = list(_clients.values())
        _clients.clear()
    for client in clients:
        client.close()


def _leave_to_parent() -> None:
    """A forked child must neither write on its parent's sockets nor close them."""
    global _clients, _lock
    _inherited.append(_clients)
    _clients = {}
    _lock = threading.Lock()


_clients: dict[str, httpx2.Client] = {}
_inherited: list[dict[str, httpx2.Client]] = []
_lock = threading.Lock()
atexit.register(close_clients)
os.register_at_fork(after_in_child=_leave_to_parent)
