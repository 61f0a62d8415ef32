"""What happens by the clock: access that has ended is reset, and people are reminded before. Both work on sets, and
both may be repeated: what was done is not found again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from access import ends, events, notices, rules, states
from access.models import AccessRequest
from access.subjects import label, of_request
from hubgate import rows
from hubgate.actors import SYSTEM
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.contention import begins_again
from hubgate.notify import actions as notify
from hubgate.outbox import queue

AT_ONCE = 500
CAUSE = "expiry"


@begins_again
def end_access(*, now: datetime) -> int:
    """Reset the requests whose access has ended by `now` (UTC), `AT_ONCE` at most: each with its event, its push and
    its notice, in one transaction and a fixed number of statements. Namespaces that hubgate only reads are left alone.
    Returns how many."""
    with transaction.atomic(durable=True):
        found = _locked(AccessRequest.objects.filter(ends_at__lte=now), "ends_at")
        if not found:
            return 0
        entries = []
        for request in found:
            assert request.ends_at is not None
            data = {
                "before": request.status,
                "reason": ends.ended_reason(request.ends_at),
                "ended_on": ends.day_of(request.ends_at),
                "ends_at": request.ends_at.isoformat(),
                "person": label(request),
            }
            entries.append(Entry(events.ENDED, of_request(request), CAUSE, data))
            request.reason = ends.ended_reason(request.ends_at)
            request.status, request.cause = states.next_status(states.RESET_VERB, request.status) or "", CAUSE
            request.decided_at, request.decided_by_id, request.decided_by_label = now, None, SYSTEM.label
            request.ends_at = request.remind_at = request.before = None
        rows.update(
            AccessRequest,
            (
                "status", "cause", "reason", "decided_at", "decided_by", "decided_by_label", "ends_at", "remind_at",
                "before",
            ),
            (
                (
                    item.pk, item.status, item.cause, item.reason, item.decided_at, None, item.decided_by_label, None,
                    None, None,
                )
                for item in found
            ),
        )  # fmt: skip
        log.record_many(SYSTEM, entries)
        scopes: dict[int | str, int | str] = {item.pk: item.repository_id for item in found}
        queue.enqueue_scoped(states.PUSH, scopes, due_at=now, lane=queue.BULK)
        notices.withdraw_stale(item.pk for item in found)
        notify.send((notices.decided(item, mail_after=now + rules.MAIL_WAIT) for item in found), lane=queue.BULK)
    return len(found)


@begins_again
def remind(*, now: datetime) -> int:
    """Remind those whose access ends soon and whose reminder is due by `now` (UTC), `AT_ONCE` at most: once for each of
    `ends.REMINDERS` and each end. Returns how many were looked at."""
    with transaction.atomic(durable=True):
        found = _locked(AccessRequest.objects.filter(remind_at__lte=now), "remind_at")
        if not found:
            return 0
        due = [(item, ends.reminder_due(item.ends_at, now)) for item in found if item.ends_at is not None]
        notify.send((notices.ending(item, days) for item, days in due if days is not None), lane=queue.BULK)
        rows.update(AccessRequest, ("remind_at",), ((item.pk, ends.next_reminder(item.ends_at, now)) for item in found))
    return len(found)


def _locked(due: QuerySet[AccessRequest], order: str) -> list[AccessRequest]:
    """Those due longest, locked in the order of their ids; what another worker holds is left to it."""
    ids = list(
        due.filter(status=states.ACCEPTED, repository__namespace__changes_enabled=True)
        .order_by(order, "pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    return list(
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("repository__namespace", "person__user")
        .defer("answers", "search_text")
        .filter(pk__in=ids, status=states.ACCEPTED, repository__namespace__changes_enabled=True)
        .order_by("pk")
    )
