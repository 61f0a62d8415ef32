"""How far the first reading of a namespace's requests is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from access.models import ListWalk, RequestMirror
from repos.models import Namespace, Repository

# Which readings belong together: repositories that come to a namespace later are a reading of their own.
_TOGETHER = timedelta(hours=6)


@dataclass(frozen=True)
class ReadingProgress:
    """`read` of `total` repositories have all their lists read once, `rows` requests in all so far, at `per_second`.
    `left` is how long the rest takes if it is like what was read; None while there is nothing to judge from."""

    read: int
    total: int
    rows: int
    per_second: int
    left: timedelta | None

    @property
    def percent(self) -> int:
        return 100 * self.read // self.total


def reading_progress(namespace: Namespace) -> ReadingProgress | None:
    """How far the first reading of a namespace's requests is; None when every repository was read once. Repositories
    whose reading failed are not waited for: their pages say why. Three queries."""
    now = timezone.now()
    mine = Repository.objects.filter(namespace=namespace, missing_since=None)
    unread = mine.filter(Q(request_mirror=None) | Q(request_mirror__compared_at=None, request_mirror__error=""))
    waiting = unread.count()
    if not waiting:
        return None
    together = RequestMirror.objects.filter(repository__in=mine, began_at__gte=now - _TOGETHER)
    done = together.filter(compared_at__isnull=False).count()
    walks = ListWalk.objects.filter(repository__in=together.values("repository"))
    rows = walks.aggregate(sum=Sum(Coalesce("so_far", "rows")))["sum"] or 0
    began = together.aggregate(first=Min("began_at"))["first"]
    seconds = max((now - began).total_seconds(), 1.0) if began else 0.0
    return ReadingProgress(
        read=done,
        total=done + waiting,
        rows=rows,
        per_second=round(rows / seconds) if seconds else 0,
        left=timedelta(seconds=seconds / done * waiting) if done and seconds else None,
    )
