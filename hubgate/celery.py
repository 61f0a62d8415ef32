"""The Celery app. Tasks carry nudges and ticks, never facts: what must not be lost is a row in the outbox."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubgate.settings.embedded")

app = Celery("hubgate")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
