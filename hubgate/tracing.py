"""What a task's log lines say of it: its id, its name, and the request that sent it."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

from celery import signals
from django.conf import settings

from hubgate import logs

_HEADER = "hubgate_request_id"
logger = logging.getLogger("hubgate.task")


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery would put its own handlers beside ours; their lines are not cut."""
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def carry_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """A task knows which request sent it."""
    request_id = logs.bound("request_id")
    if headers is not None and request_id:
        headers[_HEADER] = request_id


@signals.task_prerun.connect
def name_task(task_id: str = "", task: Any = None, **_: Any) -> None:
    """From here on the lines of this thread are those of the task."""
    facts = {"task_id": task_id, "task": getattr(task, "name", "")}
    request = getattr(task, "request", None)
    given = getattr(request, "headers", None) or {}
    request_id = getattr(request, _HEADER, None) or given.get(_HEADER)
    if isinstance(request_id, str):
        facts["request_id"] = request_id
    logs.bind(**facts)


@signals.task_postrun.connect
def end_task(state: str | None = None, **_: Any) -> None:
    """One line for what a request had sent; ticks come every few seconds and are not worth one."""
    if logs.bound("request_id"):
        logger.info("task ended", extra={"facts": {"state": (state or "").lower()}})
    logs.unbind("task_id", "task", "request_id")
