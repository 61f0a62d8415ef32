"""Claim, call, settle. A claim is a lease in a small transaction of its own; the handler runs outside any."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from hubgate.outbox import registry
from hubgate.outbox.models import OutboxItem

logger = logging.getLogger(__name__)
_LONGEST_WAIT = timedelta(minutes=10)


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
            outcomes = dict(kind.handle(keys))
        except Exception as error:  # the failure stays visible: in the log, in the rows, and in the next try
            logger.exception("The handler of %s failed", kind_name)
            settle(claims, lease, _for_all(claims, f"{type(error).__name__} in the handler"))
            return handled
        settle(claims, lease, _for_all(claims, "the handler gave no outcome") | outcomes)


def claim(kind: registry.Kind, lease: str) -> list[Claim]:
    """Take up to a batch of due keys that nobody holds, for `lease_s` seconds, under the name `lease`."""
    now = timezone.now()
    with transaction.atomic():
        due = (
            OutboxItem.objects.select_for_update(skip_locked=True)
            .filter(kind=kind.name, done__lt=F("wanted"), parked_at=None, due_at__lte=now)
            .filter(Q(leased_until=None) | Q(leased_until__lt=now))
            .order_by("due_at", "id")[: kind.batch]
        )
        claims = [Claim(item.pk, item.key, item.attempts) for item in due]
        OutboxItem.objects.filter(pk__in=[item.id for item in claims]).update(
            lease=lease, claimed=F("wanted"), leased_until=now + timedelta(seconds=kind.lease_s)
        )
    return claims


def settle(claims: list[Claim], lease: str, outcomes: Mapping[str, registry.Outcome]) -> None:
    """Write down how it went for the keys whose lease is still ours. For the others somebody else may have read an
    older state than we pushed: they are wanted once more. A change that came in meanwhile keeps its own due time."""
    ids = {item.id for item in claims}
    free = {"lease": "", "leased_until": None}
    with transaction.atomic():
        mine = set(
            OutboxItem.objects.select_for_update()
            .filter(pk__in=ids, lease=lease)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        OutboxItem.objects.filter(pk__in=ids - mine).update(wanted=F("wanted") + 1)
        for outcome, rows in _grouped(claims, mine, outcomes).items():
            held = OutboxItem.objects.filter(pk__in=rows)
            if isinstance(outcome, registry.Done):
                held.update(done=F("claimed"), attempts=0, last_error="", **free)
                continue
            unchanged = held.filter(wanted=F("claimed"))
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
