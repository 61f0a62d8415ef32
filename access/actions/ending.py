"""Ends of access that people change: moving an end, and ruling on a request to renew."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from access import ends, events, notices, rights, states
from access.actions.decide import clean_reason, locked
from access.ends import Wish
from access.models import AccessRequest, Renewal
from access.queries.lengths import length_of
from access.subjects import label, of_request
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.errors import WrongStateError
from hubgate.notify import actions as notify


@begins_again
def extend(*, actor: Actor, request_id: int, ends_at: Wish) -> AccessRequest:
    """Move the end of somebody's access, or take it away; who asked to renew is answered by it. The same end again
    changes nothing. It may be done where hubgate only reads, too: nothing of it is told to the Hub. Raises
    NotFoundOrHiddenError, NotAllowedError, InvalidInputError for an end that cannot be, or WrongStateError where the
    person has no access (any more)."""
    with transaction.atomic(durable=True):
        request = locked(actor, request_id)
        rights.require(actor, "extend", request.repository)
        _require_access(request)
        now = timezone.now()
        before, after = request.ends_at, ends.end_of(ends_at, length_of(request.repository), now)
        if before == after:
            return request
        _open_renewals(request).update(ruling=Renewal.Ruling.EXTENDED, ruled_at=now, ruled_by_label=actor.label[:200])
        request.ends_at, request.remind_at = after, ends.next_reminder(after, now)
        request.before = None  # what was decided last was built upon: there is no undoing it any more
        request.save(update_fields=["ends_at", "remind_at", "before"])
        data = {
            "before": ends.told(before),
            "after": ends.told(after),
            "ends_at": after.isoformat() if after else None,
            "person": label(request),
        }
        log.record(actor, events.END_SET, of_request(request), cause="reviewer", data=data)
        notices.withdraw_about_end([request.pk])
        notify.send([notices.end_set(request, at=now)])
    return request


@begins_again
def refuse_renewal(*, actor: Actor, request_id: int, reason: str) -> AccessRequest:
    """Leave the end of somebody's access as it is although they asked to renew; they are told why. The same refusal
    again changes nothing. Raises NotFoundOrHiddenError, NotAllowedError, InvalidInputError without a reason, or
    WrongStateError where nobody asks (any more)."""
    reason = clean_reason(states.REJECT, reason)
    with transaction.atomic(durable=True):
        request = locked(actor, request_id)
        rights.require(actor, "extend", request.repository)
        renewal = _open_renewals(request).first()
        if renewal is None:
            raise _nothing_asked(request)
        renewal.ruling, renewal.reason = Renewal.Ruling.REFUSED, reason
        renewal.ruled_at, renewal.ruled_by_label = timezone.now(), actor.label[:200]
        renewal.save()
        data = {"reason": reason, "person": label(request)}
        log.record(actor, events.RENEWAL_REFUSED, of_request(request), cause="reviewer", data=data)
        notices.settle_renewal([request.pk])
        notify.send([notices.renewal_refused(request, renewal)])
    return request


def _open_renewals(request: AccessRequest) -> QuerySet[Renewal]:
    mine = Renewal.objects.filter(request=request, ruling="")
    return mine.filter(ends_at=request.ends_at) if request.ends_at else mine.none()


def _require_access(request: AccessRequest) -> None:
    if request.status == states.ACCEPTED:
        return
    who = f": {request.decided_by_label} decided" if request.decided_by_label else ""
    raise WrongStateError(
        f"This request is {request.status} now{who}. Only access that stands has an end; accept the request to give it "
        "again.",
        code="no_access",
        data={"status": request.status},
    )


def _nothing_asked(request: AccessRequest) -> WrongStateError:
    if request.status != states.ACCEPTED:
        sentence = f"This request is {request.status} now: there is no access to renew."
    else:
        sentence = "Nobody asks to renew this any more: the end was moved, or somebody ruled on it already."
    return WrongStateError(sentence, code="nothing_to_renew", data={"status": request.status})
