"""How long people waited for a decision lately, by repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from access import own, states
from access.measures import quantile
from access.models import AccessRequest
from access.queries.statistics import wait_step

LATELY = timedelta(days=90)


def waits_of(repository_ids: Collection[int], now: datetime) -> dict[int, own.Waits]:
    """How long those waited who were decided in the last 90 days, by repository: only waits that are known, as the
    statistics count them. One query, none for none."""
    if not repository_ids:
        return {}
    known = ~Q(via=AccessRequest.Via.GRANT) & Q(decided_at__gte=F("asked_at"))
    dated = (~Q(cause="hub") | Q(hub_reviewed_at__isnull=False)) & ~Q(cause__in=["expiry", "requester"])
    rows = (
        AccessRequest.objects.filter(repository__in=repository_ids, status__in=sorted(states.DECIDED))
        .filter(known & dated, decided_at__gte=now - LATELY)
        .filter(decided_at__gte=F("repository__namespace__connected_at"))
        .values_list("repository_id", wait_step())
        .annotate(number=Count("pk"))
        .order_by()
    )
    steps: dict[int, dict[int, int]] = defaultdict(dict)
    for repository_id, step, number in rows:
        steps[repository_id][step] = number
    return {
        repository_id: own.Waits(sum(counts.values()), quantile(counts, 0.5), quantile(counts, 0.9))
        for repository_id, counts in steps.items()
    }
