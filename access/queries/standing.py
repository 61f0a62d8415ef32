"""How things stand with the requests of a repository, in a sentence for digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from access import messages, states
from access.models import AccessRequest
from hubgate.notify.places import Standing


def standing(repository_ids: Sequence[int]) -> Mapping[int, Standing]:
    """How many requests of each repository wait, the oldest for how long, and its inbox. One query."""
    waiting = (
        AccessRequest.objects.filter(repository_id__in=repository_ids, status=states.PENDING)
        .order_by()
        .values("repository_id")
        .annotate(number=Count("pk"), oldest=Min("asked_at"))
    )
    found = {row["repository_id"]: (row["number"], row["oldest"]) for row in waiting}
    now = timezone.now()
    return {
        repository_id: Standing(
            messages.waiting_in_all(*found.get(repository_id, (0, None)), now=now),
            f"{settings.PUBLIC_URL}{reverse('access:inbox')}?repository={repository_id}",
        )
        for repository_id in repository_ids
    }
