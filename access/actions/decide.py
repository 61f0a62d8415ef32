"""Decisions of people: accept, reject, reset, put back, grant, and undoing the last of them."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from access import ends, events, notices, rights, rules, states
from access.actions.places import require_place
from access.ends import USUAL, Wish
from access.models import AccessRequest
from access.queries.lengths import length_of
from access.subjects import label, of_request
from hubgate.accounts.actions import person_named
from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.http.relative_time import relative
from hubgate.hub.reasons import storable
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos import rules as repo_rules
from repos.models import Repository

REASON_LIMIT = 10_000
NO_REASON = "Give a reason: the person reads it, and it is kept in the history."
NO_END = "Only access that is given has an end: leave it out for any other decision."
_NEEDS_REASON = (states.REJECT, states.RESET_VERB)
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


@begins_again
def decide(
    *, actor: Actor, request_id: int, verb: str, seen_status: str, reason: str = "", ends_at: Wish = USUAL
) -> AccessRequest:
    """Take a decision on a request that its maker saw as `seen_status`; access that it gives ends as `ends_at` wishes.
    The change, its event, the push and the notices commit together. Raises NotFoundOrHiddenError, NotAllowedError,
    InvalidInputError (no reason where one is due, an end that cannot be), or WrongStateError where somebody decided
    meanwhile, saying who and when (then nothing is written but the refused try), or where the stage in force has no
    place left."""
    reason = clean_reason(verb, reason)
    if verb != states.ACCEPT and ends_at != USUAL:
        raise InvalidInputError(NO_END, fields={"ends_at": NO_END})
    with transaction.atomic(durable=True):
        request = locked(actor, request_id)
        rights.require(actor, verb, request.repository)
        rights.require_not_own(actor, request)
        require_changes(request.repository)
        target = states.next_status(verb, request.status)
        refusal = _refusal(actor, request, verb, seen_status, target)
        if refusal is None and target is not None and request.status == seen_status:
            if target == states.ACCEPTED:
                require_place(request.repository_id)
            _write(actor, request, target, reason, ends_at=ends_at)
        elif refusal is not None:
            data = {"verb": verb.replace("_", " "), "status": request.status}
            log.record(actor, events.REFUSED_RACE, of_request(request), data=data)
    if refusal is not None:
        raise refusal
    return request


@begins_again
def grant(
    *, actor: Actor, repository_id: int, username: str, over_capacity: bool = False, ends_at: Wish = USUAL
) -> AccessRequest:
    """Let somebody in who has not asked, by their user name on the Hub, `over_capacity` also where the stage in force
    is full; their access ends as `ends_at` wishes. WrongStateError where it is full, where they asked already or are
    in, or where the repository has no gate; InvalidInputError for what cannot be a user name or an end."""
    username = username.strip().removeprefix("@")
    if not _USERNAME.fullmatch(username):
        message = "A user name on the Hub has letters, digits, dots, dashes and underscores, such as jordan."
        raise InvalidInputError(message, fields={"username": message})
    now = timezone.now()
    with transaction.atomic(durable=True):
        repository = (
            Repository.objects.select_for_update(no_key=True, of=("self",))
            .select_related("namespace")
            .filter(pk=repository_id)
            .first()
        )
        if repository is None or not rights.may(actor, "view", repository):
            raise NotFoundOrHiddenError("There is no such repository, or it is not yours.")
        rights.require(actor, states.GRANT, repository)
        require_changes(repository)
        if repo_rules.is_open(repository.gate):
            raise WrongStateError(
                f"{repository.name} has no gate: everybody is in. Set its gate on the Hub first.", code="not_gated"
            )
        person = person_named(username)
        if person.user_id is not None and person.user_id == actor.user_id:
            raise NotAllowedError(rights.OWN_REQUEST, code="own_request")
        request = (
            AccessRequest.objects.select_for_update(of=("self",)).filter(repository=repository, person=person).first()
        )
        if request is None:
            request = AccessRequest(
                repository=repository,
                person=person,
                status=states.WITHDRAWN,
                via=AccessRequest.Via.GRANT,
                asked_at=now,
                search_text=rules.search_text(person.username, person.fullname),
            )
        elif states.next_status(states.GRANT, request.status) is None:
            raise WrongStateError(
                f"{person.username} has asked already: that request is {request.status}. Decide on it instead.",
                code="asked_already",
                data={"request": request.pk, "status": request.status},
            )
        if not over_capacity:
            require_place(repository_id)
        _write(actor, request, states.ACCEPTED, "", event=events.GRANTED, ends_at=ends_at)
    return request


@begins_again
def undo(*, actor: Actor, request_id: int) -> AccessRequest:
    """Take the actor's own last decision on a request back, as if it had not been taken: what it replaced stands again,
    what was not told yet is told to nobody. Raises NotFoundOrHiddenError, NotAllowedError, or WrongStateError where
    somebody else decided meanwhile (with who and when), where the time for it is over, or where nothing can be undone;
    then nothing is written."""
    with transaction.atomic(durable=True):
        request = locked(actor, request_id)
        rights.require(actor, "undo", request.repository)
        require_changes(request.repository)
        _require_undoable(actor, request)
        if (request.before or {})["status"] == states.ACCEPTED and request.hub_status != states.ACCEPTED:
            require_place(request.repository_id)
        undone, reason = request.status, request.reason
        _restore(request)
        data = {"before": undone, "after": request.status, "undone_reason": reason, "person": label(request)}
        log.record(actor, events.UNDONE, of_request(request), cause="reviewer", data=data)
        queue.enqueue(states.PUSH, [request.pk], scope=request.repository_id)
        notices.withdraw_stale([request.pk])
        if request.status == states.PENDING:
            notices.resume_asking([request.pk])
        if request.cause in ("reviewer", "stage") and request.decided_at:
            # Told already in most cases, and then not again; but the decision undone may have kept it from going out.
            notify.send([notices.decided(request, mail_after=timezone.now() + rules.MAIL_WAIT)])
    return request


@begins_again
def retry_push(*, actor: Actor, request_id: int) -> None:
    """Try once more to tell the Hub what it refused or did not hear. WrongStateError where nothing waits."""
    with transaction.atomic(durable=True):
        request = locked(actor, request_id)
        rights.require(actor, "retry", request.repository)
        require_changes(request.repository)
        if not queue.retry(states.PUSH, request.pk):
            raise WrongStateError("Nothing waits to be told to the Hub for this request.", code="nothing_to_push")
        log.record(actor, events.PUSH_RETRIED, of_request(request))


def clean_reason(verb: str, reason: str) -> str:
    """The reason as it is kept. InvalidInputError where one is due and missing, or far too long."""
    reason = storable(reason.replace("\r\n", "\n").replace("\x00", "")).strip()
    if verb in _NEEDS_REASON and not reason:
        raise InvalidInputError(NO_REASON, fields={"reason": NO_REASON})
    if len(reason) > REASON_LIMIT:
        message = f"Shorten the reason: it has {len(reason):,} characters, and {REASON_LIMIT:,} are kept."
        raise InvalidInputError(message, fields={"reason": message})
    return reason


def locked(actor: Actor, request_id: int) -> AccessRequest:
    """A request that the actor decides, locked, with what a decision needs. NotFoundOrHiddenError for any other."""
    request = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("repository__namespace", "person", "decided_by")
        .filter(pk=request_id)
        .first()
    )
    if request is None or not rights.may(actor, "view", request.repository):
        raise NotFoundOrHiddenError("There is no such request, or it is not yours to decide.")
    return request


def require_changes(repository: Repository) -> None:
    """WrongStateError where hubgate only reads the namespace."""
    if not repository.namespace.changes_enabled:
        raise WrongStateError(rules.reading_only(repository.namespace.name), code="reading_only")


def _refusal(
    actor: Actor, request: AccessRequest, verb: str, seen_status: str, target: str | None
) -> WrongStateError | None:
    """Why the decision cannot be taken, or None: also for the second click of the same person on the same button."""
    repeated = request.decided_by_id == actor.user_id and request.status == states.MOVES.get((verb, seen_status))
    if repeated and request.status != seen_status:
        return None
    if request.status == seen_status and target is not None:
        return None
    who, when = _who_and_when(request)
    if request.status != seen_status:
        sentence = f"This request is {request.status} now: {who} decided{when}. Read it again before you decide."
    else:
        sentence = f"This request is {request.status}: that decision does not apply to it."
    return WrongStateError(sentence, code="decided_meanwhile", data=_stand(request))


def _require_undoable(actor: Actor, request: AccessRequest) -> None:
    """WrongStateError unless the last thing that happened to the request is a decision of the actor that can be
    undone, and not long ago."""
    if rules.may_undo(
        before=request.before,
        decided_by=request.decided_by_id,
        decided_at=request.decided_at,
        user=actor.user_id,
        now=timezone.now(),
    ):
        return
    who, when = _who_and_when(request)
    if request.decided_by_id != actor.user_id and request.decided_at:
        sentence = f"This request is {request.status} now: {who} decided{when}. There is nothing of yours to undo."
        raise WrongStateError(sentence, code="decided_meanwhile", data=_stand(request))
    if request.before is None or request.decided_by_id != actor.user_id:
        sentence = f"This request is {request.status}, and there is no decision of yours to undo."
        raise WrongStateError(sentence, code="nothing_to_undo", data=_stand(request))
    seconds = int(rules.UNDO.total_seconds())
    sentence = f"A decision can be undone for {seconds} seconds, and you took this one{when}."
    if states.next_status(states.PUT_BACK, request.status) is not None:
        sentence += " Put the request back to pending instead: the person is told, where they were told already."
    raise WrongStateError(sentence, code="undo_too_late", data=_stand(request))


def _who_and_when(request: AccessRequest) -> tuple[str, str]:
    who = request.decided_by_label or ("The requester" if request.cause == "requester" else "Somebody")
    return who, f" {relative(request.decided_at, timezone.now())[1]}" if request.decided_at else ""


def _stand(request: AccessRequest) -> dict[str, str]:
    who, _ = _who_and_when(request)
    return {"status": request.status, "decided_by": who, "decided_at": str(request.decided_at or "")}


def _replaced(request: AccessRequest) -> dict[str, str | int | None]:
    """What a decision is about to replace, as `AccessRequest.before` keeps it."""
    return {
        "status": request.status,
        "cause": request.cause,
        "reason": request.reason,
        "decided_at": request.decided_at.isoformat() if request.decided_at else None,
        "decided_by": request.decided_by_id,
        "decided_by_label": request.decided_by_label,
        "ends_at": request.ends_at.isoformat() if request.ends_at else None,
    }


def _restore(request: AccessRequest) -> None:
    before = request.before or {}
    request.status, request.cause, request.reason = before["status"], before["cause"], before["reason"]
    request.decided_at = datetime.fromisoformat(before["decided_at"]) if before["decided_at"] else None
    # An account may be gone by now: its name stays.
    request.decided_by = User.objects.filter(pk=before["decided_by"]).first() if before["decided_by"] else None
    request.decided_by_label, request.before = before["decided_by_label"], None
    ended = before.get("ends_at")
    request.ends_at = datetime.fromisoformat(ended) if ended else None
    request.remind_at = ends.next_reminder(request.ends_at, timezone.now())
    request.save()


def _write(
    actor: Actor,
    request: AccessRequest,
    status: str,
    reason: str,
    *,
    event: str | None = None,
    ends_at: Wish = USUAL,
) -> None:
    now = timezone.now()
    before = request.status
    end = ends.end_of(ends_at, length_of(request.repository), now) if status == states.ACCEPTED else None
    request.before = None if event == events.GRANTED else _replaced(request)
    request.status, request.reason, request.cause = status, reason, "reviewer"
    request.decided_at, request.decided_by_id, request.decided_by_label = now, actor.user_id, actor.label
    request.ends_at, request.remind_at = end, ends.next_reminder(end, now)
    request.save()
    data = {"before": before, "reason": reason, "person": label(request)}
    if end is not None:
        data["ends_at"] = end.isoformat()
    log.record(actor, event or events.OF_STATUS[status], of_request(request), cause="reviewer", data=data)
    due_at = rules.push_due_at(status, now)
    queue.enqueue(states.PUSH, [request.pk], due_at=due_at, scope=request.repository_id)
    notices.withdraw_stale([request.pk])
    notify.send([notices.decided(request, mail_after=now + rules.MAIL_WAIT)])
