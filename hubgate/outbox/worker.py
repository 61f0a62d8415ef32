"""Claim, call, settle. A claim is a lease in a small transaction of its own; the handler runs outside any, while a
thread renews the lease. So the lease can be short: a dead worker's work is taken up within seconds, and a long call is
not cut off."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, F, Q, QuerySet
from django.db.models.functions import Collate
from django.utils import timezone

from hubgate import leases
from hubgate.contention import begins_again, is_contention
from hubgate.outbox import queue, registry
from hubgate.outbox.models import OutboxItem

logger = logging.getLogger(__name__)
_LONGEST_WAIT = timedelta(minutes=10)
_LONGEST_HOLD = timedelta(minutes=30)
_SOON = timedelta(seconds=15)
_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Claim:
    """One key under our lease. Its row remembers as `claimed` which change we set out to carry."""

    id: int
    key: str
    attempts: int


def drain(kind_name: str) -> int:
    """Carry out all that is due of one kind, batch by batch. Returns how many keys were handled."""
    kind = registry.get(kind_name)
    handled = 0
    while True:
        lease = uuid4().hex
        claims = claim(kind, lease)
        if not claims:
            return handled
        handled += len(claims)
        keys = [claim.key for claim in claims]
        try:
            with _renewed(kind, lease, [claim.id for claim in claims]):
                outcomes = dict(kind.handle(keys))
        except Exception as error:  # the failure stays visible: in the log, in the rows, and in the next try
            if is_contention(error):
                logger.warning("The handler of %s met the locks of others and is run again", kind_name, exc_info=True)
                again = registry.Later("The database was busy.", timezone.now() + _MOMENT, counted=False)
                settle(claims, lease, {claim.key: again for claim in claims})
                return handled
            logger.exception("The handler of %s failed", kind_name)
            settle(claims, lease, _for_all(claims, f"{type(error).__name__} in the handler"))
            return handled
        settle(claims, lease, _for_all(claims, "the handler gave no outcome") | outcomes)


@begins_again
def claim(kind: registry.Kind, lease: str) -> list[Claim]:
    """Take up to a batch of due keys of one scope and lane that nobody holds, for `lease_s` seconds, under the name
    `lease`; of those due the lowest lane first.

    A scope that is being carried is passed over, and so is one in which something failed that is soon tried again: what
    came in since waits for that, unless it is of a more urgent lane. Of all that failed before only one claim is out at
    a time. So whatever hangs takes one worker, not all of them."""
    now = timezone.now()
    passed: set[str] = set()
    with transaction.atomic():
        while (first := _due(kind, now, passed).order_by("lane", "due_at", "id").first()) is not None:
            passed.add(first.scope)
            if first.scope and not _is_free(kind, first, now):
                continue
            due = (
                _due(kind, now)
                .select_for_update(skip_locked=True)
                .filter(scope=first.scope, lane=first.lane)
                .order_by("due_at", "id")[: kind.batch]
            )
            claims = [Claim(item.pk, item.key, item.attempts) for item in due]
            OutboxItem.objects.filter(pk__in=[item.id for item in claims]).update(
                lease=lease, claimed=F("wanted"), leased_until=now + timedelta(seconds=kind.lease_s)
            )
            if claims:
                return claims
    return []


def _due(kind: registry.Kind, now: datetime, passed: Iterable[str] = ()) -> QuerySet[OutboxItem]:
    """Rows that may be claimed, without those of scopes that are being carried or in `passed`."""
    held = OutboxItem.objects.filter(kind=kind.name, leased_until__gte=now)
    behind = OutboxItem.objects.filter(kind=kind.name, done__lt=F("wanted"), parked_at=None)
    tried_soon = behind.filter(attempts__gt=0, due_at__gt=now, due_at__lte=now + _SOON).exclude(scope="")
    due = behind.filter(due_at__lte=now).filter(Q(leased_until=None) | Q(leased_until__lt=now))
    due = due.exclude(scope__in=held.exclude(scope="").values("scope")).exclude(scope__in=passed)
    for lane in queue.LANES:
        due = due.exclude(lane=lane, scope__in=tried_soon.filter(lane__lte=lane).values("scope"))
    return due.filter(Q(attempts=0) | ~Exists(held.filter(attempts__gt=0)))


def _is_free(kind: registry.Kind, first: OutboxItem, now: datetime) -> bool:
    """Whether nobody carries the scope of `first`, the row that whoever claims from that scope has to lock. Asked only
    under that lock: a claim that ended a moment ago is seen, and one that is under way holds the row."""
    locked = _due(kind, now).select_for_update(skip_locked=True).filter(pk=first.pk)
    held = OutboxItem.objects.filter(kind=kind.name, scope=first.scope, leased_until__gte=now)
    return bool(locked) and not held.exists()


def _renewed(kind: registry.Kind, lease: str, ids: list[int]) -> AbstractContextManager[None]:
    """Inside the block the lease does not run out, unless the process stands still or half an hour passes."""

    def renew() -> bool:
        until = timezone.now() + timedelta(seconds=kind.lease_s)
        with transaction.atomic():
            mine = [pk for pk, name in _locked(ids) if name == lease]
            return OutboxItem.objects.filter(pk__in=mine).update(leased_until=until) > 0

    what = f"{kind.name} work"
    return leases.renewed(what, renew, every_s=kind.lease_s / 3, longest_s=_LONGEST_HOLD.total_seconds())


def _locked(ids: Iterable[int]) -> list[tuple[int, str]]:
    """Lock rows and give (id, lease) of each, in the order in which `enqueue` locks: by the letters of their keys. So
    no two ever wait for each other in a circle."""
    by_letters = Collate("key", "C" if connection.vendor == "postgresql" else "BINARY")
    rows = OutboxItem.objects.select_for_update().filter(pk__in=ids).order_by("kind", by_letters)
    return list(rows.values_list("pk", "lease"))


@begins_again
def settle(claims: list[Claim], lease: str, outcomes: Mapping[str, registry.Outcome]) -> None:
    """Write down how it went for the keys whose lease is still ours. For the others somebody else may have read an
    older state than we pushed: they are wanted once more. A change that came in meanwhile keeps its own due time."""
    ids = {item.id for item in claims}
    free = {"lease": "", "leased_until": None}
    with transaction.atomic():
        mine = {pk for pk, name in _locked(ids) if name == lease}
        OutboxItem.objects.filter(pk__in=ids - mine).update(wanted=F("wanted") + 1)
        for outcome, rows in _grouped(claims, mine, outcomes).items():
            held = OutboxItem.objects.filter(pk__in=rows)
            if isinstance(outcome, registry.Done):
                held.update(done=F("claimed"), attempts=0, last_error="", **free)
                continue
            if isinstance(outcome, registry.Unreached):
                held.update(**free)
                continue
            unchanged = held.filter(wanted=F("claimed"))
            if isinstance(outcome, registry.Later) and not outcome.counted:
                unchanged.update(due_at=outcome.at or timezone.now())
                held.update(**free)
                continue
            if isinstance(outcome, registry.Later):
                tries = min(item.attempts for item in claims if item.id in rows)
                unchanged.update(due_at=outcome.at or timezone.now() + backoff(tries))
            else:
                unchanged.update(parked_at=timezone.now())
            held.update(attempts=F("attempts") + 1, last_error=outcome.error, **free)


def backoff(attempts: int) -> timedelta:
    """How long to wait after this many tries: 2 s, doubled each time, at most ten minutes."""
    return min(timedelta(seconds=2 ** min(attempts + 1, 10)), _LONGEST_WAIT)


def _for_all(claims: list[Claim], error: str) -> dict[str, registry.Outcome]:
    return {item.key: registry.Later(error) for item in claims}


def _grouped(
    claims: list[Claim], mine: set[int], outcomes: Mapping[str, registry.Outcome]
) -> dict[registry.Outcome, list[int]]:
    groups: dict[registry.Outcome, list[int]] = {}
    for item in claims:
        if item.id in mine:
            groups.setdefault(outcomes[item.key], []).append(item.id)
    return groups
