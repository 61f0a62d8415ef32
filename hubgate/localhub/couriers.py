"""Calls webhooks from a thread of the local Hub's process, so that no answer waits for them."""

from __future__ import annotations

import logging
import threading

import httpx2
from django.db import close_old_connections, connection

from hubgate.localhub import clock
from hubgate.localhub.models import Delivery

LOG = logging.getLogger(__name__)
PATIENCE = 10.0
LOOK_EVERY = 30.0


class Courier:
    """Delivers what is queued, oldest first, each once: it is marked as tried before it goes out."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins the thread; once per process."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def _work(self) -> None:
        with httpx2.Client(timeout=PATIENCE, trust_env=False, follow_redirects=False) as client:
            while True:
                self._woken.wait(LOOK_EVERY)
                self._woken.clear()
                try:
                    while self._deliver_one(client):
                        pass
                except Exception:
                    LOG.exception("Delivering webhooks failed; it goes on with the next event")
                    connection.close()
                close_old_connections()

    def _deliver_one(self, client: httpx2.Client) -> bool:
        row = Delivery.objects.filter(tried_at=None).select_related("webhook").order_by("id").first()
        if row is None:
            return False
        if not Delivery.objects.filter(pk=row.pk, tried_at=None).update(tried_at=clock.now()):
            return True
        status = None
        if not row.webhook.disabled:
            headers = {"X-Webhook-Secret": row.webhook.secret} if row.webhook.secret else {}
            try:
                status = client.post(row.webhook.url, json=row.payload, headers=headers).status_code
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                LOG.info("Webhook %s could not be called: %s", row.webhook.hub_id, type(error).__name__)
        Delivery.objects.filter(pk=row.pk).update(status=status)
        return True


COURIER = Courier()
