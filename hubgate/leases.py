"""Keeping a claim alive: a lease is short, so that a dead process's work is taken up soon, and is renewed by a thread
as long as its holder lives and works."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error, connection

logger = logging.getLogger(__name__)


@contextmanager
def renewed(what: str, renew: Callable[[], bool], *, every_s: float, longest_s: float) -> Iterator[None]:
    """Inside the block `renew` is called every `every_s` seconds in a thread with a connection of its own, until it
    gives False (the lease is somebody else's now) or `longest_s` seconds have passed. `what` names it in the log."""
    over = threading.Event()

    def work() -> None:
        ends = time.monotonic() + longest_s
        try:
            while not over.wait(every_s) and time.monotonic() < ends:
                try:
                    if not renew():
                        return
                except Error:
                    logger.warning("The lease on %s could not be renewed", what, exc_info=True)
                    connection.close()  # the next try gets a new one
        finally:
            connection.close()

    thread = threading.Thread(target=work, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
