"""Differences with the Hub: noted down when the mirror finds them, and settled by somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from access import ends, events, notices, rights, rules, states
from access.actions.decide import decide, grant
from access.ends import USUAL, Wish
from access.models import AccessRequest, Drift
from access.queries.drift import has_passed, is_held_there, ours_of, why_not_ours, why_not_theirs
from access.queries.lengths import length_of
from access.subjects import of_request
from hubgate.actors import HUB, Actor
from hubgate.audit import log
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.http.relative_time import relative
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos.models import Repository

PASSED = "changed_since"


class Way(StrEnum):
    """How a drift is settled: by taking the Hub's word, or by putting ours back."""

    THEIRS = "theirs"
    OURS = "ours"


def decision_of(request: AccessRequest) -> dict[str, Any]:
    """A request's decision as plain facts, by the names of its fields: what `Drift.ours` keeps."""
    return {
        "status": request.status,
        "decided_at": request.decided_at.isoformat() if request.decided_at else None,
        "decided_by": request.decided_by_id,
        "decided_by_label": request.decided_by_label,
        "cause": request.cause,
        "reason": request.reason,
        "ends_at": request.ends_at.isoformat() if request.ends_at else None,
    }


def record_drifts(drifts: Sequence[Drift]) -> None:
    """Note down what the Hub changed on its own, in the transaction of the reading that showed it. An earlier open
    drift of the same request is closed. Those who decide are told once a repository and ten
    minutes, so that the lists of one reading are one notice; of what the Hub dates
    before the namespace was connected nobody is told."""
    if not drifts:
        return
    now = timezone.now()
    Drift.objects.filter(request__in=[drift.request_id for drift in drifts], settled_at=None).update(
        settled_at=now, settled_by_label=HUB.label
    )
    Drift.objects.bulk_create(drifts)
    news: dict[int, datetime] = {}
    for drift in drifts:
        if (drift.theirs_at or drift.found_at) >= drift.repository.namespace.connected_at:
            news.setdefault(drift.repository_id, drift.found_at)
    if not news:
        return
    repositories = Repository.objects.select_related("namespace").in_bulk(list(news))
    notify.send(
        notices.drift(repository, rights.reviewers_of(repository), f"{news[pk]:%Y%m%dT%H}{news[pk].minute // 10}")
        for pk, repository in repositories.items()
    )


def settle(*, actor: Actor, drift_id: int, way: Way) -> Drift:
    """Settle a drift: take what the Hub says, or put our decision back as a decision of the actor, with its
    reason then. What the same person settled that way already stays so. NotFoundOrHiddenError, NotAllowedError;
    WrongStateError where the request changed since (the drift is then put aside), where somebody else settled it, where
    that way is not open, and where hubgate may not change the Hub."""
    found = _found(actor, drift_id)
    request = found.request
    rights.require(actor, "settle", request.repository)
    if found.settled_at is None and not has_passed(found):
        blocked = why_not_theirs(found) if way is Way.THEIRS else why_not_ours(found)
        if blocked:
            raise WrongStateError(blocked, code="not_this_way")
        target = states.as_ours(found.theirs) if way is Way.THEIRS else ours_of(found)
        if request.status != target and not (way is Way.THEIRS and is_held_there(found)):
            return _decide_again(actor, found, target, way)
    return _settle(actor, drift_id, way)


def pass_over(*, actor: Actor, drift_id: int) -> Drift:
    """Put a drift aside whose request has changed since. WrongStateError where it has not."""
    with transaction.atomic(durable=True):
        drift = _locked(actor, drift_id)
        rights.require(actor, "settle", drift.request.repository)
        if drift.settled_at is None:
            if not has_passed(drift):
                raise WrongStateError(
                    "This request is still as the Hub left it: take theirs, or put ours back.", code="still_open"
                )
            _mark(actor, drift, "", events.DRIFT_PASSED)
    return drift


def _decide_again(actor: Actor, drift: Drift, target: str, way: Way) -> Drift:
    """The decision commits by itself, as every decision does. Should hubgate end before the drift is marked, its line
    says that the request changed since."""
    request = drift.request
    verb = states.verb_between(request.status, target)
    if verb is None:
        raise WrongStateError(f"Nothing leads from {request.status} to {target}.", code="not_this_way")
    end = _end_again(drift) if way is Way.OURS and verb in (states.GRANT, states.ACCEPT) else USUAL
    if verb == states.GRANT and request.person is not None:
        grant(actor=actor, repository_id=request.repository_id, username=request.person.username, ends_at=end)
    else:
        reason = str(drift.ours.get("reason") or "") if way is Way.OURS else ""
        decide(actor=actor, request_id=request.pk, verb=verb, seen_status=request.status, reason=reason, ends_at=end)
    with transaction.atomic(durable=True):
        held = _locked(actor, drift.pk)
        if held.settled_at is None:
            _mark(actor, held, way.value, _EVENTS[way])
    return held


def _end_again(drift: Drift) -> Wish:
    """The end that access had: as usual where it had none, where that has passed, or is later than allowed by now."""
    held = drift.ours.get("ends_at")
    now = timezone.now()
    if not held or datetime.fromisoformat(held) <= now:
        return USUAL
    return Wish(ends.capped_end(Wish(datetime.fromisoformat(held)), length_of(drift.request.repository), now))


def _settle(actor: Actor, drift_id: int, way: Way) -> Drift:
    """Settle where the request need not be decided again: it stands as wanted, or the Hub holds what is wanted."""
    passed = ""
    with transaction.atomic(durable=True):
        drift = _locked(actor, drift_id)
        request = drift.request
        if drift.settled_at is not None:
            if drift.settled_by_id == actor.user_id and drift.settled_as == way:
                return drift
            raise WrongStateError(_settled_sentence(drift), code="settled_meanwhile")
        if has_passed(drift):
            passed = _passed_sentence(drift)
            _mark(actor, drift, "", events.DRIFT_PASSED)
        elif way is Way.THEIRS and drift.stands == Drift.Stands.OURS:
            _follow(request, drift)
            _mark(actor, drift, way.value, _EVENTS[way])
        else:
            if way is Way.OURS:
                _push_if_due(request)
            _mark(actor, drift, way.value, _EVENTS[way])
    if passed:
        raise WrongStateError(passed, code=PASSED)
    return drift


def _follow(request: AccessRequest, drift: Drift) -> None:
    """Take the Hub's word although ours stood: the Hub holds it already, so nothing is pushed any more."""
    request.status, request.cause, request.reason = states.as_ours(drift.theirs), HUB.kind, ""
    request.decided_by, request.before, request.ends_at, request.remind_at = None, None, None, None
    is_open = request.status in states.OPEN
    request.decided_at = None if is_open else drift.theirs_at or drift.found_at
    request.decided_by_label = "" if is_open else (f"{drift.theirs_by} on the Hub" if drift.theirs_by else HUB.label)
    request.save()
    notices.withdraw_stale([request.pk])
    if request.status != states.WITHDRAWN:
        now = timezone.now()
        notify.send([notices.decided(request, mail_after=now + rules.MAIL_WAIT, at=now)])


def _push_if_due(request: AccessRequest) -> None:
    asked_on_hub = request.via == AccessRequest.Via.HUB
    if states.wanted_push(request.status, request.hub_status, asked_on_hub=asked_on_hub) is None:
        return
    if not request.repository.namespace.changes_enabled:
        raise WrongStateError(rules.reading_only(request.repository.namespace.name), code="reading_only")
    queue.enqueue(states.PUSH, [request.pk], due_at=timezone.now(), scope=request.repository_id)


def _mark(actor: Actor, drift: Drift, settled_as: str, event: str) -> None:
    drift.settled_at, drift.settled_as = timezone.now(), settled_as
    drift.settled_by_id, drift.settled_by_label = actor.user_id, actor.label[:200]
    drift.save(update_fields=["settled_at", "settled_as", "settled_by", "settled_by_label"])
    if not Drift.objects.filter(repository=drift.repository_id, settled_at=None).exists():
        notices.settle_drift(drift.repository_id)
    data = {"ours": ours_of(drift), "theirs": drift.theirs, "drift": drift.pk}
    log.record(actor, event, of_request(drift.request), data=data)


def _found(actor: Actor, drift_id: int) -> Drift:
    drift = (
        Drift.objects.select_related("request__repository__namespace", "request__person").filter(pk=drift_id).first()
    )
    if drift is None or not rights.may(actor, "view", drift.request.repository):
        raise NotFoundOrHiddenError("There is no such difference with the Hub, or it is not yours to settle.")
    return drift


def _locked(actor: Actor, drift_id: int) -> Drift:
    """The drift with its request, both locked, the request first as the mirror does."""
    drift = _found(actor, drift_id)
    AccessRequest.objects.select_for_update(of=("self",)).get(pk=drift.request_id)
    Drift.objects.select_for_update(of=("self",)).get(pk=drift_id)
    return _found(actor, drift_id)


def _settled_sentence(drift: Drift) -> str:
    when = relative(drift.settled_at, timezone.now())[1] if drift.settled_at else ""
    how = {"theirs": "took theirs", "ours": "put ours back", "": "put it aside"}[drift.settled_as]
    return f"{drift.settled_by_label or 'Somebody'} settled this {when}: {how}."


def _passed_sentence(drift: Drift) -> str:
    request = drift.request
    who = request.decided_by_label or ("the requester" if request.cause == "requester" else "somebody")
    return f"The request changed since: it is {request.status} now, by {who}. The difference was put aside."


_EVENTS = {Way.THEIRS: events.DRIFT_TAKEN, Way.OURS: events.DRIFT_PUT_BACK}
