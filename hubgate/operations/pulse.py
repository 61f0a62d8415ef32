"""A thread in each process that says every ten seconds that the process lives, and adds up what it counted."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, connections

from hubgate import counters
from hubgate.operations import actions, rules

logger = logging.getLogger(__name__)
_STOP_WITHIN_S = 2.0
_SPREAD = 0.1  # so that processes that start together do not write together for ever


class Pulse:
    """Beats until it is stopped. Without a `kind` the process has no row of its own, as a worker's children have not:
    only its counts are written. A database that is away is no reason to end: the next beat tries again."""

    def __init__(self, kind: str = "", *, every_s: float = rules.BEAT_EVERY_S) -> None:
        self.kind = kind
        self.host = socket.gethostname()[:80]
        self.name = f"{kind}-{self.host}-{os.getpid()}-{uuid4().hex[:6]}"[:120]
        self._every_s = every_s
        self._stopping = threading.Event()
        self._well = True
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Return at once; the first beat follows in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Write down the last counts and take the process's row away, if the database lets us within two seconds."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_WITHIN_S)

    def _run(self) -> None:
        with _own_connections():
            self._beat()
        while not self._stopping.wait(self._every_s * random.uniform(1 - _SPREAD, 1 + _SPREAD)):  # noqa: S311
            with _own_connections():
                self._beat()
        with _own_connections():
            self._beat(last=True)

    def _beat(self, *, last: bool = False) -> None:
        counted = counters.take()
        try:
            actions.add_counts(counted)
            counted = {}
            if self.kind and last:
                actions.end_heartbeat(name=self.name)
            elif self.kind:
                actions.record_heartbeat(name=self.name, kind=self.kind, host=self.host, pid=os.getpid())
        except (DatabaseError, InterfaceError) as error:
            counters.put_back(counted)
            if self._well:
                logger.warning("The heartbeat could not be written: %s; it is tried again", type(error).__name__)
            self._well = False
        else:
            self._well = True


@contextmanager
def _own_connections() -> Iterator[None]:
    """One for the moment of the beat: kept, they would double those of all processes."""
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError, InterfaceError):
            connections.close_all()
