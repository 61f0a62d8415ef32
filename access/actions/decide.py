"""Decisions of people: accept, reject, reset, put back, grant."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from access import events, notices, rights, rules, states
from access.models import AccessRequest
from access.subjects import label, of_request
from hubgate.accounts.actions import person_named
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.http.relative_time import relative
from hubgate.hub.reasons import storable
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos import rules as repo_rules
from repos.models import Repository

REASON_LIMIT = 10_000
NO_REASON = "Give a reason: the person reads it, and it is kept in the history."
_NEEDS_REASON = (states.REJECT, states.RESET_VERB)
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


def decide(*, actor: Actor, request_id: int, verb: str, seen_status: str, reason: str = "") -> AccessRequest:
    """Take a decision on a request that its maker saw as `seen_status`. The change, its event, the push and the notices
    commit together. Raises NotFoundOrHiddenError, NotAllowedError, InvalidInputError (no reason where one is due), or
    WrongStateError where somebody decided meanwhile, saying who and when; then nothing is written but the refused
    try."""
    reason = clean_reason(verb, reason)
    with transaction.atomic(durable=True):
        request = _locked(actor, request_id)
        rights.require(actor, verb, request.repository)
        _require_changes(request.repository)
        target = states.next_status(verb, request.status)
        refusal = _refusal(actor, request, verb, seen_status, target)
        if refusal is None and target is not None and request.status == seen_status:
            _write(actor, request, target, reason)
        elif refusal is not None:
            data = {"verb": verb.replace("_", " "), "status": request.status}
            log.record(actor, events.REFUSED_RACE, of_request(request), data=data)
    if refusal is not None:
        raise refusal
    return request


def grant(*, actor: Actor, repository_id: int, username: str) -> AccessRequest:
    """Let somebody in who has not asked, by their user name on the Hub. WrongStateError where they asked already or
    are in, or where the repository has no gate; InvalidInputError for what cannot be a user name."""
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
        _require_changes(repository)
        if repo_rules.is_open(repository.gate):
            raise WrongStateError(
                f"{repository.name} has no gate: everybody is in. Set its gate on the Hub first.", code="not_gated"
            )
        person = person_named(username)
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
        _write(actor, request, states.ACCEPTED, "", event=events.GRANTED)
    return request


def retry_push(*, actor: Actor, request_id: int) -> None:
    """Try once more to tell the Hub what it refused or did not hear. WrongStateError where nothing waits."""
    with transaction.atomic(durable=True):
        request = _locked(actor, request_id)
        rights.require(actor, "retry", request.repository)
        _require_changes(request.repository)
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


def _locked(actor: Actor, request_id: int) -> AccessRequest:
    request = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("repository__namespace", "person", "decided_by")
        .filter(pk=request_id)
        .first()
    )
    if request is None or not rights.may(actor, "view", request.repository):
        raise NotFoundOrHiddenError("There is no such request, or it is not yours to decide.")
    return request


def _require_changes(repository: Repository) -> None:
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
    who = request.decided_by_label or ("The requester" if request.cause == "requester" else "Somebody")
    when = f" {relative(request.decided_at, timezone.now())[1]}" if request.decided_at else ""
    if request.status != seen_status:
        sentence = f"This request is {request.status} now: {who} decided{when}. Read it again before you decide."
    else:
        sentence = f"This request is {request.status}: that decision does not apply to it."
    data = {"status": request.status, "decided_by": who, "decided_at": str(request.decided_at or "")}
    return WrongStateError(sentence, code="decided_meanwhile", data=data)


def _write(actor: Actor, request: AccessRequest, status: str, reason: str, *, event: str | None = None) -> None:
    now = timezone.now()
    before = request.status
    request.status, request.reason, request.cause = status, reason, "reviewer"
    request.decided_at, request.decided_by_id, request.decided_by_label = now, actor.user_id, actor.label
    request.save()
    data = {"before": before, "reason": reason, "person": label(request)}
    log.record(actor, event or events.OF_STATUS[status], of_request(request), cause="reviewer", data=data)
    due_at = rules.push_due_at(status, now)
    queue.enqueue(states.PUSH, [request.pk], due_at=due_at, scope=request.repository_id)
    notices.withdraw_stale([request.pk])
    notify.send([notices.decided(request, mail_after=now + rules.MAIL_WAIT)])
