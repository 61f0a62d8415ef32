"""Celery's worker and beat inside one web process, for the set-up that needs no broker and no second server.

The broker is a queue in this process's memory, so it dies with it. That loses nothing: the outbox in the database
remembers what is to be done, and beat's next tick takes it up.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService

log = logging.getLogger(__name__)

CONCURRENCY = 4
RESTART_AFTER = 1.0  # seconds between the end of a worker that failed and the next


class EmbeddedWorker:
    """A Celery worker (threads) and, once it consumes, beat. One per process; it is started and stopped once."""

    def __init__(self, app: Celery, *, concurrency: int = CONCURRENCY) -> None:
        self._app = app
        self._concurrency = concurrency
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._worker: Any = None
        self._beat: Any = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="celery-worker", daemon=True)

    def start(self) -> None:
        """Return at once; worker and beat start in the background."""
        self._thread.start()

    def wait_ready(self, timeout: float) -> bool:
        """True as soon as tasks are consumed; False when `timeout` seconds pass first."""
        return self._ready.wait(timeout)

    def stop(self, timeout: float) -> bool:
        """Take no more tasks and wait up to `timeout` seconds for running ones.

        False if a task still runs then: the caller ends the process, and the task's work is taken up from the outbox
        at the next start.
        """
        self._stopping.set()
        with self._lock:
            worker, beat = self._worker, self._beat
        if beat is not None:
            beat.service.stop(wait=False)
        if worker is not None:
            # In a thread of its own: a warm shutdown waits for running tasks without a limit.
            threading.Thread(target=worker.stop, name="celery-stop", daemon=True).start()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worker = self._app.WorkController(
                    pool_cls="threads",
                    concurrency=self._concurrency,
                    hostname="embedded@%h",
                    without_heartbeat=True,
                    without_mingle=True,
                    without_gossip=True,
                    ready_callback=self._on_ready,
                )
                with self._lock:
                    self._worker = worker
                if not self._stopping.is_set():
                    worker.start()
            except Exception:
                log.exception("The embedded Celery worker failed")
            if self._stopping.wait(RESTART_AFTER):
                return
            log.error("The embedded Celery worker ended; starting it again")

    def _on_ready(self, _consumer: Any) -> None:
        """Celery calls this whenever its consumer (re)connects; `worker_ready` is never sent by a bare controller."""
        with self._lock:
            if self._beat is None and not self._stopping.is_set():
                self._beat = EmbeddedService(self._app, thread=True, scheduler_cls="celery.beat:Scheduler")
                self._beat.start()
        self._ready.set()
