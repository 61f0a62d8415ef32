"""The waiting list of a stage: hubgate lets people in, first come first served."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from access import ends, events, notices, release, rules, states
from access.actions.bulk_values import before
from access.actions.release.held import lock
from access.ends import USUAL, Length
from access.models import AccessRequest, ReleasePlan, Stage
from access.queries.stages import in_audience, lets_in, taken, waiting
from access.subjects import label, of_request
from hubgate.actors import SYSTEM
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.contention import begins_again
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos.models import Repository

CAUSE = "stage"
MOST_AT_ONCE = 2_000  # the next tick goes on


def letting_in() -> list[int]:
    """The repositories whose stage in force lets people in by itself and for which somebody waits."""
    asks = AccessRequest.objects.filter(repository=OuterRef("repository"), status=states.PENDING)
    found = ReleasePlan.objects.filter(
        Exists(asks),
        stage__gate=release.AUTO,
        paused_at=None,
        recalled_gate="",
        repository__namespace__changes_enabled=True,
    )
    return list(found.order_by("pk").values_list("repository_id", flat=True))


@begins_again
def let_in(*, repository_id: int) -> int:
    """Accept who waits for a stage that lets people in by itself and whom it is for, in the order of their asking, as
    far as there are places. Returns how many."""
    plan = ReleasePlan.objects.select_related("stage", "repository__namespace").filter(repository=repository_id).first()
    if plan is None or plan.stage is None or not _may(plan):
        return 0
    plan.stage.plan = plan
    places = release.free(plan.stage.capacity, taken(plan.stage))
    if places == 0:
        return 0
    first = list(waiting(plan.stage).filter(in_audience(plan.stage)).values_list("pk", flat=True)[: _at_once(places)])
    if not first:
        return 0
    with transaction.atomic(durable=True):
        found = list(
            AccessRequest.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(pk__in=first, status=states.PENDING)
            .order_by("pk")
        )
        held = lock(repository_id)
        if held is None or held.version != plan.version or held.stage is None or not _may(held):
            return 0  # somebody changed the plan meanwhile: the next tick looks again
        held.stage.plan = held
        places = release.free(held.stage.capacity, taken(held.stage))
        found.sort(key=lambda one: (one.asked_at, one.pk))
        accepted = found if places is None else found[:places]
        _accept(held.repository, held.stage, accepted)
    return len(accepted)


def _may(plan: ReleasePlan) -> bool:
    return lets_in(plan) and plan.repository.namespace.changes_enabled


def _at_once(places: int | None) -> int:
    return MOST_AT_ONCE if places is None else min(places, MOST_AT_ONCE)


def _accept(repository: Repository, stage: Stage, accepted: list[AccessRequest]) -> None:
    if not accepted:
        return
    now = timezone.now()
    length = Length(stage.grant_days or repository.grant_days, repository.most_grant_days)
    end = ends.capped_end(USUAL, length, now)
    ids = [request.pk for request in accepted]
    AccessRequest.objects.filter(pk__in=ids).update(
        before=before(),
        status=states.ACCEPTED,
        reason="",
        cause=CAUSE,
        decided_at=now,
        decided_by=None,
        decided_by_label=SYSTEM.label,
        ends_at=end,
        remind_at=ends.next_reminder(end, now),
    )
    entries = []
    for request in accepted:
        was, request.repository, request.ends_at = request.status, repository, end
        request.status, request.reason, request.cause = states.ACCEPTED, "", CAUSE
        request.decided_at, request.decided_by, request.decided_by_label = now, None, SYSTEM.label
        data = {"before": was, "reason": "", "person": label(request), "stage": stage.name}
        if end is not None:
            data["ends_at"] = end.isoformat()
        entries.append(Entry(events.ACCEPTED, of_request(request), CAUSE, data))
    log.record_many(SYSTEM, entries)
    lane = queue.BULK if len(ids) > 1 else queue.NOW
    queue.enqueue(states.PUSH, ids, scope=repository.pk, lane=lane)
    notices.withdraw_stale(ids)
    notify.send((notices.decided(request, mail_after=now + rules.MAIL_WAIT) for request in accepted), lane=lane)
