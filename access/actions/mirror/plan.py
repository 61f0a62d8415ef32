"""Which repository's requests are read next and by whom, and how far the walks over its lists are."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from access import events
from access.models import ListWalk, RequestMirror
from hubgate import leases
from hubgate.actors import HUB
from hubgate.audit import log
from repos.models import Repository
from repos.subjects import of_repository

LEASE = timedelta(seconds=30)
_LONGEST_HOLD_S = 6 * 3600.0
SHORT_ROWS = 5000


def ensure_mirrors() -> None:
    """See that each repository has its row in the plan of the mirror."""
    missing = list(Repository.objects.filter(request_mirror=None).order_by("pk").values_list("pk", flat=True))
    if missing:
        RequestMirror.objects.bulk_create([RequestMirror(repository_id=pk) for pk in missing], ignore_conflicts=True)


def make_due(repository_ids: list[int], at: datetime) -> None:
    """Have the newest requests of these repositories read by `at` (UTC) at the latest."""
    RequestMirror.objects.filter(repository_id__in=repository_ids, poll_due_at__gt=at).update(poll_due_at=at)


def claim_mirror(*, now: datetime, short: bool = False) -> RequestMirror | None:
    """Take the repository whose requests are due longest to be read and that nobody reads, for the length of a lease.
    Of those whose last reading failed only one is read at a time: a Hub that hangs takes one worker, not all of
    them. With `short` only what takes a few calls: a poll, or lists of up to `SHORT_ROWS` rows as far as is known."""
    reading = RequestMirror.objects.filter(leased_until__gte=now)
    due = (
        RequestMirror.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("repository__namespace")
        .filter(poll_due_at__lte=now, repository__missing_since=None)
        .filter(repository__namespace__token_state__in=["working", "read_only"])
        .exclude(repository__card_sha="", repository__namespace__mirrored_at=None)
        .filter(Q(leased_until=None) | Q(leased_until__lt=now))
        .filter(Q(error="") | ~Exists(reading.exclude(error="")))
        .order_by("poll_due_at")
    )
    if short:
        walks = ListWalk.objects.filter(repository=OuterRef("repository")).order_by().values("repository")
        due = due.annotate(rows=Coalesce(walks.annotate(sum=Sum("rows")).values("sum"), 0))
        due = due.filter(Q(compare_due_at__gt=now) | Q(rows__lte=SHORT_ROWS))
    with transaction.atomic(durable=True):
        mirror = due.first()
        if mirror is not None:
            mirror.leased_until = now + LEASE
            mirror.began_at = mirror.began_at or now
            mirror.save(update_fields=["leased_until", "began_at"])
    return mirror


def hold_mirror(mirror: RequestMirror, *, every_s: float = LEASE.total_seconds() / 3) -> AbstractContextManager[None]:
    """Inside the block the lease is renewed every `every_s` seconds; `mirror` knows until when."""

    def renew() -> bool:
        until = timezone.now() + LEASE
        mine = RequestMirror.objects.filter(pk=mirror.pk, leased_until=mirror.leased_until)
        if not mine.update(leased_until=until):
            return False
        mirror.leased_until = until
        return True

    what = f"the requests of {mirror.repository}"
    return leases.renewed(what, renew, every_s=every_s, longest_s=_LONGEST_HOLD_S)


def record_mirror(
    *, mirror: RequestMirror, next_poll_at: datetime, next_compare_at: datetime | None, error: str = ""
) -> None:
    """End a reading: when the next is due, and what went wrong, if anything. Frees the lease if it is still ours."""
    facts: dict[str, Any] = {"poll_due_at": next_poll_at, "leased_until": None, "error": error}
    if next_compare_at is not None:
        facts |= {"compare_due_at": next_compare_at, "compared_at": timezone.now()}
    RequestMirror.objects.filter(pk=mirror.pk, leased_until=mirror.leased_until).update(**facts)


def record_walk(
    *,
    repository: Repository,
    status: str,
    read_at: datetime,
    complete: bool | None,
    rows: int,
    newest: datetime | None,
) -> None:
    """Take note of how a walk over one list went: `complete` is None for a poll of the newest rows only."""
    facts: dict[str, Any] = {"read_at": read_at}
    if newest is not None:
        facts["newest_asked_at"] = newest
    if complete is not None:
        facts |= {"complete": complete, "rows": rows, "error": "", "listed_at": read_at, "so_far": None}
    _end_walk(repository, status, facts)


def record_broken_walk(*, repository: Repository, status: str, error: str) -> None:
    """Take note that a walk over one list broke off: until the next one ends, the list may be incomplete."""
    _end_walk(repository, status, {"error": error, "so_far": None})


def record_progress(*, repository: Repository, status: str, rows: int) -> None:
    """Take note of how many rows a walk that goes on has read."""
    ListWalk.objects.update_or_create(repository=repository, status=status, defaults={"so_far": rows})


def _end_walk(repository: Repository, status: str, facts: dict[str, Any]) -> None:
    """Write down how a walk ended. What it found from before the namespace was connected is one event."""
    with transaction.atomic():
        walk, _ = ListWalk.objects.update_or_create(repository=repository, status=status, defaults=facts)
        if walk.untold:
            found = "1 earlier request" if walk.untold == 1 else f"{walk.untold:,} earlier requests"
            data = {"found": found, "count": walk.untold, "status": status}
            log.record(HUB, events.HISTORY_FOUND, of_repository(repository), data=data)
            walk.untold = 0
            walk.save(update_fields=["untold"])
