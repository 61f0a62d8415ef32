"""Requests that the Hub's lists no longer show."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from access import events, notices, rules, states
from access.actions.drift import decision_of, record_drifts
from access.actions.mirror import facts
from access.actions.mirror.pages import one_at_a_time
from access.idset import IdSet
from access.models import AccessRequest, Drift
from access.subjects import of_request
from hubgate import rowsets
from hubgate.actors import HUB
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.contention import begins_again
from hubgate.rowsets import Many
from repos.models import Repository

_AT_ONCE = 2000


def record_absent(*, repository: Repository, seen: IdSet | Collection[int], read_at: datetime) -> None:
    """Take note of which requests no list showed in a walk that is proven complete over all four lists. A request is
    believed gone after two such walks; one that waited is then withdrawn (`product.md` §3). Those that are there are
    only counted through, outside any transaction; the others are looked at again under a lock."""
    for ids in _absent(repository, seen, read_at):
        _record_missed(repository, ids, read_at)


@begins_again
def _record_missed(repository: Repository, ids: list[int], read_at: datetime) -> None:
    with transaction.atomic(durable=True):
        one_at_a_time(repository)
        gone = list(
            _might_be_gone(repository, read_at)
            .filter(pk__one_of=Many(ids))
            .select_for_update(of=("self",))
            .select_related("person")
        )
        drifts: list[Drift] = []
        entries = [entry for request in gone if (entry := _miss(repository, request, read_at, drifts)) is not None]
        rowsets.update(AccessRequest, facts.WRITTEN, [facts.written(request) for request in gone])
        log.record_many(HUB, entries)
        notices.withdraw_stale([entry.subject.id for entry in entries])
        record_drifts(drifts)


def _might_be_gone(repository: Repository, read_at: datetime) -> QuerySet[AccessRequest]:
    return (
        AccessRequest.objects.filter(repository=repository)
        .exclude(hub_status=states.NONE)
        .filter(Q(hub_seen_at__lte=read_at) | Q(hub_seen_at=None))
        .filter(Q(pushed_at__lte=read_at - rules.ECHO) | Q(pushed_at=None))
        .order_by("pk")
    )


def _absent(repository: Repository, seen: IdSet | Collection[int], read_at: datetime) -> Iterator[list[int]]:
    """The ids of those not seen, some thousands at a time."""
    last = 0
    while True:
        held = list(_might_be_gone(repository, read_at).filter(pk__gt=last).values_list("pk", flat=True)[:20_000])
        gone = [pk for pk in held if pk not in seen]
        for start in range(0, len(gone), _AT_ONCE):
            yield gone[start : start + _AT_ONCE]
        if len(held) < 20_000:
            return
        last = held[-1]


def _miss(repository: Repository, request: AccessRequest, read_at: datetime, drifts: list[Drift]) -> Entry | None:
    """Count a walk that did not show the request; the event where it is believed gone and that changes something, and
    what differs with the Hub then, where it was decided, into `drifts`."""
    request.repository = repository
    request.missing_walks += 1
    if request.missing_walks < rules.WALKS_TO_BELIEVE_GONE:
        return None
    before, request.hub_status, request.hub_digest = request.hub_status, states.NONE, ""
    request.hub_seen_at = read_at
    if states.wanted_push(request.status, before, asked_on_hub=request.via == request.Via.HUB) is not None:
        return None
    cause = "requester" if before == states.PENDING else "hub"
    if before != states.PENDING:
        drifts.append(
            Drift(
                request=request,
                repository=repository,
                ours=decision_of(request),
                theirs=states.NONE,
                stands=Drift.Stands.THEIRS,
                found_at=read_at,
            )
        )
    facts.decide(request, states.WITHDRAWN, read_at, cause=cause)
    return Entry(events.WITHDRAWN, of_request(request), cause=cause, data={"before": before})
