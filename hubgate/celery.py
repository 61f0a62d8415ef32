"""The Celery app. Tasks carry nudges and ticks, never facts: what must not be lost is a row in the outbox."""

import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubgate.settings.embedded")

LONGEST_WAIT_S = 5


class PatientConnection(Connection):
    """A broker that is away is asked again every few seconds; Celery's own waits grow to half a minute, which is then
    how long pushes stand still after it is back."""

    def _ensure_connection(
        self,
        errback: Any = None,
        max_retries: int | None = None,
        interval_start: int = 2,
        interval_step: int = 2,
        interval_max: int = 30,
        callback: Any = None,
        reraise_as_library_errors: bool = True,
        timeout: Any = None,
    ) -> Any:
        longest = min(interval_max, LONGEST_WAIT_S)
        start = min(interval_start, longest)
        return super()._ensure_connection(
            errback, max_retries, start, interval_step, longest, callback, reraise_as_library_errors, timeout
        )


class Messaging(AMQP):
    Connection = PatientConnection


app = Celery("hubgate", amqp=Messaging)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
