"""Whose a request is to decide, among those who may."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from access import events, notices, rights
from access.models import AccessRequest
from access.subjects import of_request
from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from hubgate.notify import actions as notify
from repos.models import Role

NOT_A_REVIEWER = "Choose somebody who decides for this repository, or nobody."


@begins_again
def assign(*, actor: Actor, request_id: int, user_id: int | None) -> AccessRequest:
    """Assign a request to an account that decides for its repository, or to nobody (None). The new one is told, unless
    it is the actor; who is no longer it is not troubled further. Nothing is written where it is theirs already.
    NotFoundOrHiddenError, NotAllowedError, or InvalidInputError for somebody who does not decide there."""
    with transaction.atomic(durable=True):
        request = (
            AccessRequest.objects.select_for_update(of=("self",))
            .select_related("repository__namespace", "person")
            .filter(pk=request_id)
            .first()
        )
        if request is None or not rights.may(actor, "view", request.repository):
            raise NotFoundOrHiddenError("There is no such request, or it is not yours to decide.")
        rights.require(actor, "assign", request.repository)
        assignee = _reviewer(request, user_id)
        if request.assigned_to_id == user_id:
            return request
        request.assigned_to = assignee
        request.save(update_fields=["assigned_to"])
        event = events.ASSIGNED if assignee else events.UNASSIGNED
        data = {"assignee": str(assignee), "assignee_id": assignee.pk} if assignee else {}
        log.record(actor, event, of_request(request), data=data)
        notices.withdraw_assigned([request.pk])
        if assignee is not None and assignee.pk != actor.user_id:
            notify.send([notices.assigned(request, assignee, by=actor.label, at=timezone.now())])
    return request


def free_assigned(actor: Actor, role: Role) -> None:
    """Requests of somebody whose role has just ended are nobody's again where they no longer decide. Call inside the
    transaction that ends it."""
    held = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("repository__namespace", "person")
        .filter(assigned_to=role.user_id, repository__namespace=role.namespace_id)
        .order_by("pk")
    )
    still = set(rights.repositories_for(actor_of(role.user), "personal").values_list("pk", flat=True))
    freed = [request for request in held if request.repository_id not in still]
    AccessRequest.objects.filter(pk__in=[request.pk for request in freed]).update(assigned_to=None)
    log.record_many(actor, [Entry(events.UNASSIGNED, of_request(request)) for request in freed])
    notices.withdraw_assigned([request.pk for request in freed])


def _reviewer(request: AccessRequest, user_id: int | None) -> User | None:
    if user_id is None:
        return None
    found = rights.reviewers_of(request.repository).filter(pk=user_id).first()
    if found is None:
        raise InvalidInputError(NOT_A_REVIEWER, fields={"assignee": NOT_A_REVIEWER})
    return found
