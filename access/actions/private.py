"""People who were let in to a repository that turned private."""

from __future__ import annotations

from django.db import transaction

from access import notices, states
from access.models import AccessRequest
from hubgate.notify import actions as notify
from repos.models import Repository

_AT_ONCE = 500


def tell_now_private(*, repository: Repository, occasion: str) -> int:
    """Tell each accepted person whom the Hub names that the repository is private now, once for each `occasion`; mailed
    only where the namespace mails requesters. Some hundreds commit together, and a repeat tells nobody twice. Returns
    how many were told of."""
    mine = AccessRequest.objects.filter(repository=repository, status=states.ACCEPTED, person__isnull=False)
    last, told = 0, 0
    while True:
        with transaction.atomic(durable=True):
            found = list(mine.filter(pk__gt=last).select_related("person").order_by("pk")[:_AT_ONCE])
            for request in found:
                request.repository = repository
            notify.send([notices.now_private(request, occasion) for request in found])
        told += len(found)
        if len(found) < _AT_ONCE:
            return told
        last = found[-1].pk
