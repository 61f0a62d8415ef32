"""The mirror's tick over namespaces."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from repos import actions, handlers


@shared_task(name="repos.tasks.mirror_due")
def mirror_due() -> None:
    """Read every namespace that is due."""
    while (namespace := actions.claim_namespace(now=timezone.now())) is not None:
        with actions.hold_namespace(namespace):
            handlers.mirror_namespace(namespace)
