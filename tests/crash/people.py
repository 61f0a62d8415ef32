"""People who click: signed in at the web door, each click with its answer and how long it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import httpx2

from tests.crash.writer import PASSWORD


@dataclass(frozen=True)
class Click:
    """What came of one click: `status` is None where no answer came. Times are of the monotonic clock."""

    request: int | None
    status: int | None
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def good(self) -> bool:
        return self.status is not None and self.status < 400


class Person:
    """The author in front of a browser without scripts."""

    def __init__(self, url: str, cookies: dict[str, str] | None = None) -> None:
        self._client = httpx2.Client(base_url=url, timeout=60, trust_env=False)
        for name, value in (cookies or {}).items():
            self._client.cookies.set(name, value, domain="127.0.0.1")
        if cookies is None:
            self._client.get("/accounts/login/").raise_for_status()
            answer = self._post("/accounts/login/", {"login": "author", "password": PASSWORD})
            assert answer.status_code == 302, answer.text
        self.cookies = dict(self._client.cookies)

    def again(self) -> Person:
        """The same person in another window."""
        return Person(str(self._client.base_url), self.cookies)

    def close(self) -> None:
        """Close the window; the sign-in stays."""
        self._client.close()

    def accept(self, request: int) -> Click:
        """Click on "Accept" of a request seen pending."""
        return self._timed(request, lambda: self._post(f"/requests/{request}/accept/", {"seen_status": "pending"}))

    def look(self) -> Click:
        """Open the inbox."""
        return self._timed(None, lambda: self._client.get("/inbox/"))

    def _post(self, path: str, data: dict[str, str]) -> httpx2.Response:
        return self._client.post(path, data={**data, "csrfmiddlewaretoken": self._client.cookies["hubgate_csrf"]})

    def _timed(self, request: int | None, call: Callable[[], httpx2.Response]) -> Click:
        began = time.monotonic()
        try:
            status: int | None = call().status_code
        except httpx2.TransportError:
            status = None
        return Click(request, status, began, time.monotonic())


@dataclass
class Crowd:
    """Windows that accept `requests`, each once, and look at the inbox in between when `looking`. Use as a context
    manager: they begin with it and have ended with it."""

    person: Person
    requests: Iterable[int]
    windows: int = 4
    looking: bool = False
    pause: float = 0.0
    clicks: list[Click] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _failure: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> Crowd:
        self._queue: SimpleQueue[int] = SimpleQueue()
        for request in self.requests:
            self._queue.put(request)
        for _ in range(self.windows):
            self._threads.append(threading.Thread(target=self._click, args=[self.person.again()]))
            self._threads[-1].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert self._failure == []

    @property
    def idle(self) -> bool:
        """Whether every request has been clicked on."""
        return self._queue.empty() and not any(thread.is_alive() for thread in self._threads)

    def _click(self, person: Person) -> None:
        try:
            while not self._over.wait(self.pause):
                if self.looking:
                    self.clicks.append(person.look())
                try:
                    self.clicks.append(person.accept(self._queue.get_nowait()))
                except Empty:
                    if not self.looking:
                        return
        except BaseException as error:
            self._failure.append(error)
        finally:
            person.close()
