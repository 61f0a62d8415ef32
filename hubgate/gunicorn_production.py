"""Gunicorn's configuration for production: `gunicorn -c python:hubgate.gunicorn_production hubgate.wsgi:application`.

As many processes and threads as HUBGATE_WEB_PROCESSES and HUBGATE_WEB_THREADS say, at HUBGATE_BIND. Celery's workers
and beat are processes of their own.
"""

from __future__ import annotations

from typing import Any

from hubgate import logs
from hubgate.settings import env

_env = env.read()
workers = _env.web_processes
threads = _env.web_threads
worker_class = "gthread"
bind = _env.bind
control_socket_disable = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a file system in memory, so that a slow disk does not look like a hung process
timeout = 60
# A stop lets requests that run come to their end; what is longer is cut, and the database rolls it back.
graceful_timeout = 25
proc_name = "hubgate"
logconfig_dict = logs.of_gunicorn(_env.log_format or "json")


def post_worker_init(_worker: Any) -> None:
    """Let the process say that it lives, after Django is set up."""
    from hubgate.operations import processes

    processes.begin("web")


def worker_exit(_server: Any, _worker: Any) -> None:
    """Take its row away when it ends in order. One that never started has none."""
    from django.apps import apps

    if apps.ready:
        from hubgate.operations import processes

        processes.end()
