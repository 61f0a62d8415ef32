"""Gunicorn's configuration for the embedded set-up: `gunicorn -c python:hubgate.gunicorn_embedded hubgate.wsgi`.

One process with eight threads serves the pages and hosts Celery. More processes would each have a queue and a beat of
their own, so they are refused; whoever needs more runs the production set-up.
"""

from __future__ import annotations

from typing import Any

from hubgate import logs
from hubgate.embedded import EmbeddedWorker

workers = 1
threads = 8
worker_class = "gthread"
bind = "127.0.0.1:8000"
control_socket_disable = True
# The longest a stop may take; gunicorn then kills the process, and the outbox remembers.
graceful_timeout = 4
proc_name = "hubgate"
logconfig_dict = logs.of_gunicorn("text")

_STOP_WITHIN = 3.0
_hosts: dict[int, EmbeddedWorker] = {}


def on_starting(server: Any) -> None:
    """Refuse options under which tasks would run twice or not at all."""
    cfg = server.cfg
    wrong = [
        f"--{name.replace('_', '-')}"
        for name, refused in (
            ("workers", cfg.workers != 1),
            ("preload_app", cfg.preload_app),
            ("max_requests", cfg.max_requests),
        )
        if refused
    ]
    if wrong:
        raise SystemExit(
            "The embedded set-up runs exactly one web process, because Celery runs inside it. "
            f"Leave out: {', '.join(wrong)}."
        )


def nworkers_changed(server: Any, new_value: int, old_value: int | None) -> None:
    """Keep to one process when a TTIN signal asks for another."""
    if old_value is not None and new_value > 1:
        server.log.error("The embedded set-up runs exactly one web process; not starting another.")
        server.num_workers = 1


def post_worker_init(worker: Any) -> None:
    """Start Celery in the web process, after Django is set up."""
    from hubgate.celery import app
    from hubgate.operations import processes

    processes.begin("embedded")
    host = EmbeddedWorker(app)
    _hosts[worker.pid] = host
    host.start()


def worker_exit(_server: Any, worker: Any) -> None:
    """Stop Celery when the web process ends; a web process that never started has none."""
    from hubgate.operations import processes

    processes.end()
    host = _hosts.pop(worker.pid, None)
    if host is not None and not host.stop(_STOP_WITHIN):
        worker.log.warning("A task was still running; its work is taken up from the outbox at the next start.")
