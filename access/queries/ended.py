"""Access that has ended by its date where hubgate may not tell the Hub."""

from __future__ import annotations

from django.utils import timezone

from access import states
from access.models import AccessRequest
from repos.models import Namespace


def count_ended(namespace: Namespace) -> int:
    """How many people of a namespace still have access on the Hub although it has ended. One query."""
    ended = AccessRequest.objects.filter(status=states.ACCEPTED, ends_at__lte=timezone.now())
    return ended.filter(repository__namespace=namespace).count()
