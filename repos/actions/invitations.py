"""Roles offered by mail: made, taken back, accepted once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Subject
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify import actions as notify
from repos import events, invitation_token, people, people_notices
from repos.actions.people import check_role, locked, repository_of, write_role
from repos.models import Invitation, Role
from repos.subjects import of_namespace, of_repository

LASTS = timedelta(days=7)
MOST_OPEN = 50
NO_ADDRESS = "That is no e-mail address. Write it as in name@university.example."


def invite(*, actor: Actor, namespace: str, address: str, role: str, repository_id: int | None = None) -> Invitation:
    """Offer a role to whoever reads an address, for seven days. NotFoundOrHiddenError, NotAllowedError;
    InvalidInputError for an address, role or repository that cannot be; WrongStateError where this address has an open
    invitation to the same, and beyond `MOST_OPEN` open ones."""
    check_role(role, repository_id)
    address = _clean_address(address)
    now = timezone.now()
    with transaction.atomic(durable=True):
        found = locked(actor, namespace)
        repository = repository_of(found, repository_id)
        waiting = Invitation.objects.filter(namespace=found, accepted_at=None, revoked_at=None, expires_at__gt=now)
        if waiting.filter(role=role, repository=repository, address__iexact=address).exists():
            raise WrongStateError("This address is invited to just that already.", code="invited_already")
        if waiting.count() >= MOST_OPEN:
            raise WrongStateError(
                f"{found.name} has {MOST_OPEN} open invitations. Take some back first.", code="too_many_invitations"
            )
        key = uuid4()
        invitation = Invitation.objects.create(
            namespace=found,
            repository=repository,
            role=role,
            address=address,
            key=key,
            digest=invitation_token.digest_of(invitation_token.token_of(key)),
            made_by_id=actor.user_id,
            made_by_label=actor.label[:200],
            made_at=now,
            expires_at=now + LASTS,
        )
        log.record(actor, events.INVITED, _subject(invitation), data={"role": role})
        notify.send([people_notices.invited(invitation)])
    return invitation


def take_back(*, actor: Actor, namespace: str, invitation_id: int) -> None:
    """End an invitation before anybody accepted it; its address is dropped, and a mail that waits does not leave.
    NotFoundOrHiddenError, NotAllowedError, WrongStateError where it was accepted or taken back."""
    with transaction.atomic(durable=True):
        found = locked(actor, namespace)
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("namespace", "repository")
            .filter(pk=invitation_id, namespace=found)
            .first()
        )
        if invitation is None:
            raise NotFoundOrHiddenError("There is no such invitation in this namespace.")
        if invitation.accepted_at is not None:
            raise WrongStateError("Somebody accepted it meanwhile: take the role away instead.", code="invitation_over")
        if invitation.revoked_at is not None:
            raise WrongStateError("This invitation was taken back already.", code="invitation_over")
        invitation.revoked_at, invitation.address = timezone.now(), ""
        invitation.save(update_fields=["revoked_at", "address"])
        notify.forget_address(people.INVITATION, invitation.pk)
        log.record(actor, events.INVITATION_TAKEN_BACK, _subject(invitation), data={"role": invitation.role})


@begins_again
def accept(*, actor: Actor, token: str) -> Role:
    """Take the role of an invitation: it is bound to whoever comes first, and its address is dropped.
    NotFoundOrHiddenError for a token that is none of ours; NotAllowedError without an account of the Hub;
    WrongStateError where it was accepted, taken back or is over, where its maker may name nobody any more, and where
    the actor has the role already."""
    if actor.user_id is None or actor.hub_id is None:
        raise NotAllowedError(
            "Sign in with your account on the Hub to accept: a role is given to somebody whom the Hub knows.",
            code="hub_account_due",
        )
    known = people.invitation_by(token)
    with transaction.atomic(durable=True):
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("namespace", "repository__namespace", "made_by")
            .get(pk=known.pk)
        )
        blocked = people.why_not(invitation)
        if blocked:
            raise WrongStateError(blocked, code="invitation_over")
        inviter = invitation.made_by
        assert inviter is not None
        user = User.objects.get(pk=actor.user_id)
        role = write_role(invitation.namespace, invitation.repository, user, invitation.role, by=actor_of(inviter))
        invitation.accepted_at, invitation.accepted_by, invitation.address = timezone.now(), user, ""
        invitation.save(update_fields=["accepted_at", "accepted_by", "address"])
        notify.forget_address(people.INVITATION, invitation.pk)
        data = {"role": invitation.role, "inviter": invitation.made_by_label, "who": str(user)}
        log.record(actor, events.INVITATION_ACCEPTED, _subject(invitation), data=data)
        notify.send([people_notices.accepted(invitation, user, inviter, people.username_of(user))])
    return role


def _subject(invitation: Invitation) -> Subject:
    if invitation.repository is not None:
        return of_repository(invitation.repository)
    return of_namespace(invitation.namespace)


def _clean_address(address: str) -> str:
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInputError(NO_ADDRESS, fields={"address": NO_ADDRESS}) from None
    return address
