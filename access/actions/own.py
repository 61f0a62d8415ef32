"""What people do with their own requests: withdraw one that waits, ask to renew access that ends soon."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access import ends, events, notices, rights, rules, states
from access.models import AccessRequest, Renewal
from access.subjects import label, of_request
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.hub.reasons import storable
from hubgate.notify import actions as notify
from hubgate.outbox import queue

WORDS_LIMIT = 2_000


@begins_again
def withdraw(*, actor: Actor, request_id: int) -> AccessRequest:
    """Withdraw one's own request that waits. The Hub lets only the person's own token delete it, so that it is reset
    there, "withdrawn by the requester" (`product.md` §3). A second time changes nothing. NotFoundOrHiddenError for
    somebody else's; WrongStateError where it was decided meanwhile, or where hubgate may not change the Hub."""
    with transaction.atomic(durable=True):
        request = _own(actor, request_id)
        if request.status == states.WITHDRAWN and request.cause == "requester":
            return request
        status = states.next_status(states.WITHDRAW, request.status)
        if status is None:
            raise WrongStateError(_not_waiting(request), code="not_waiting", data={"status": request.status})
        if not request.repository.namespace.changes_enabled:
            raise WrongStateError(
                f"hubgate may not change the Hub for {request.repository.namespace.name}. Withdraw the request on the "
                f"Hub itself: {settings.HUB_URL}/settings/gated-repos",
                code="reading_only",
            )
        now = timezone.now()
        request.status, request.cause, request.reason, request.before = status, "requester", "", None
        request.decided_at, request.decided_by, request.decided_by_label = now, None, ""
        request.save(
            update_fields=["status", "cause", "reason", "before", "decided_at", "decided_by", "decided_by_label"]
        )
        data = {"before": states.PENDING, "person": label(request)}
        log.record(actor, events.WITHDRAWN_HERE, of_request(request), cause="requester", data=data)
        queue.enqueue(states.PUSH, [request.pk], due_at=rules.push_due_at(status, now), scope=request.repository_id)
        notices.withdraw_stale([request.pk])
    return request


@begins_again
def ask_renewal(*, actor: Actor, request_id: int, words: str = "") -> Renewal:
    """Ask for more time before one's access ends, once for each end; those who decide are told. The same end again
    gives the renewal that there is. NotFoundOrHiddenError for somebody else's request; InvalidInputError for too many
    words; WrongStateError where one has no access, where it has no end, or where the end is still far."""
    words = clean_words(words)
    with transaction.atomic(durable=True):
        request = _own(actor, request_id)
        now = timezone.now()
        if not ends.may_renew(request.status, request.ends_at, now) or request.ends_at is None:
            raise _not_renewable(request)
        renewal, fresh = Renewal.objects.get_or_create(
            request=request, ends_at=request.ends_at, defaults={"words": words, "asked_at": now}
        )
        if fresh:
            data = {"ends_at": request.ends_at.isoformat(), "person": label(request)}
            log.record(actor, events.RENEWAL_ASKED, of_request(request), cause="requester", data=data)
            notify.send([notices.renewal_asked(request, renewal, rights.reviewers_of(request.repository))])
    return renewal


def clean_words(words: str) -> str:
    """What somebody says when they ask to renew, as it is kept. InvalidInputError for far too much."""
    words = storable(words.replace("\r\n", "\n").replace("\x00", "")).strip()
    if len(words) > WORDS_LIMIT:
        message = f"Shorten it: it has {len(words):,} characters, and {WORDS_LIMIT:,} are kept."
        raise InvalidInputError(message, fields={"words": message})
    return words


def _own(actor: Actor, request_id: int) -> AccessRequest:
    request = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("repository__namespace", "person")
        .filter(pk=request_id, person__user=actor.user_id or 0)
        .first()
    )
    if request is None:
        raise NotFoundOrHiddenError("There is no such request of yours.")
    return request


def _not_waiting(request: AccessRequest) -> str:
    if request.status == states.ACCEPTED:
        return "This request is accepted now: you have access, and there is nothing to withdraw."
    return f"This request is {request.status} now: it does not wait any more, and there is nothing to withdraw."


def _not_renewable(request: AccessRequest) -> WrongStateError:
    data = {"status": request.status}
    if request.status != states.ACCEPTED:
        sentence = f"This request is {request.status}: there is no access to renew."
        return WrongStateError(sentence, code="no_access", data=data)
    if request.ends_at is None:
        return WrongStateError("Your access has no end: there is nothing to renew.", code="nothing_to_renew", data=data)
    opens = ends.day_of(request.ends_at - ends.RENEWAL_OPENS)
    sentence = f"Your access ends on {ends.day_of(request.ends_at)}. You can ask to renew it from {opens} on."
    return WrongStateError(sentence, code="too_early_to_renew", data=data)
