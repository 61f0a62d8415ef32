"""Who has which role in a namespace, from where and since when; and who was invited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from hubgate.accounts import queries as accounts
from hubgate.accounts.models import HubIdentity, HubMembership, User
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError
from hubgate.notify import queries as notify_queries
from hubgate.notify.models import Delivery
from repos import invitation_token, rights, rules
from repos.models import Invitation, Namespace, Repository, Role

INVITATION = "invitation"  # the subject of its notice
_SHOWN = 100
_ORDER = {rights.AUTHOR: 0, rights.REVIEWER: 1, rights.AUDITOR: 2, rights.STEWARD: 3}
ON_ITS_WAY, SENT, NOT_ARRIVED = "on its way", "sent", "did not arrive"
ACCEPTED, TAKEN_BACK, OVER = "accepted", "taken back", "over"


@dataclass(frozen=True)
class Held:
    """A role that somebody has: `source` is `hub` (admin there; no `role_id`), `token` (proven by one) or `named`, by
    `given_by`. `has_factor`: whether the account has a second factor."""

    role_id: int | None
    user: User
    role: str
    repository: Repository | None
    source: str
    given_by: str
    since: datetime | None
    has_factor: bool


@dataclass(frozen=True)
class Invited:
    """An invitation and how it stands: one of the words of this module. `address` is empty for who may not see it and
    once it is accepted."""

    invitation: Invitation
    state: str
    address: str

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        return self.state in (ON_ITS_WAY, SENT, NOT_ARRIVED)


@dataclass(frozen=True)
class NamespacePeople:
    """Everybody with a role in a namespace, authors first; roles that ended, the latest first; invitations, the newest
    first. `may_name`: whether the actor names people and takes roles away."""

    namespace: Namespace
    held: list[Held]
    ended: list[Role]
    invited: list[Invited]
    may_name: bool


def get_namespace(actor: Actor, name: str) -> Namespace:
    """A namespace whose people the actor sees. NotFoundOrHiddenError for others and unknown ones alike."""
    found = Namespace.objects.filter(name__iexact=name).first() if rules.is_namespace_name(name) else None
    if found is None or not rights.may(actor, "see_people", found):
        raise NotFoundOrHiddenError(f"There is no namespace {name[:100]} whose people are yours to see.")
    return found


def people(actor: Actor, name: str) -> NamespacePeople:
    """The people of a namespace. NotFoundOrHiddenError as `get_namespace`."""
    namespace = get_namespace(actor, name)
    may_name = rights.may(actor, "name_people", namespace)
    return NamespacePeople(
        namespace=namespace,
        held=held(namespace),
        ended=list(_roles(namespace).filter(ended_at__isnull=False).order_by("-ended_at", "-pk")[:_SHOWN]),
        invited=invited(namespace, with_address=may_name),
        may_name=may_name,
    )


def held(namespace: Namespace) -> list[Held]:
    """Every role in a namespace now, authors first, then by name. Three queries."""
    named = [
        Held(
            role.pk,
            role.user,
            role.name,
            role.repository,
            "named" if role.given_by_label else "token",
            role.given_by_label,
            role.given_at,
            False,
        )
        for role in _roles(namespace).filter(ended_at=None)
    ]
    admins = HubMembership.objects.annotate(lowered=Lower("namespace")).filter(
        lowered=namespace.name.lower(), role="admin", identity__user__isnull=False
    )
    from_hub = [
        Held(None, membership.identity.user, rights.AUTHOR, None, "hub", "", None, False)
        for membership in admins.select_related("identity__user__hub_identity")
        if membership.identity.user is not None
    ]
    found = [*from_hub, *named]
    factors = accounts.with_second_factor(one.user.pk for one in found)
    told = [replace(one, has_factor=one.user.pk in factors) for one in found]
    return sorted(told, key=lambda one: (_ORDER[one.role], str(one.user).lower(), one.role_id or 0))


def repositories_of(namespace: Namespace) -> list[tuple[int, str]]:
    """The repositories of a namespace, by id and name: those that somebody can be named for."""
    found = Repository.objects.filter(namespace=namespace, missing_since=None)
    return list(found.order_by("name").values_list("pk", "name"))


def get_role(actor: Actor, name: str, role_id: int) -> Role:
    """A role in a namespace whose people the actor sees, also one that ended. NotFoundOrHiddenError for any other."""
    found = _roles(get_namespace(actor, name)).filter(pk=role_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such role in this namespace.")
    return found


def invited(namespace: Namespace, *, with_address: bool) -> list[Invited]:
    """The newest invitations of a namespace. Three queries."""
    found = list(
        Invitation.objects.filter(namespace=namespace)
        .select_related("namespace", "repository", "accepted_by")
        .order_by("-made_at", "-pk")[:_SHOWN]
    )
    mails = notify_queries.delivery_states(INVITATION, [one.pk for one in found])
    return [Invited(one, _state(one, mails.get(one.pk, "")), one.address if with_address else "") for one in found]


def invitation_by(token: str) -> Invitation:
    """The invitation of a token. NotFoundOrHiddenError for a text that we never signed."""
    digest = invitation_token.read(token)
    found = (
        Invitation.objects.select_related("namespace", "repository__namespace", "made_by").filter(digest=digest).first()
        if digest
        else None
    )
    if found is None:
        raise NotFoundOrHiddenError("This is no invitation of ours. Open the link of the mail again, as a whole.")
    return found


def why_not(invitation: Invitation) -> str:
    """Why an invitation cannot be accepted any more, as a sentence; empty where it can."""
    if invitation.accepted_at is not None:
        return "This invitation was accepted already. It works once: ask whoever invited you for another."
    if invitation.revoked_at is not None:
        return "This invitation was taken back."
    if invitation.expires_at <= timezone.now():
        return "This invitation is over: it was good for seven days. Ask whoever invited you for another."
    inviter = invitation.made_by
    if inviter is None or not rights.may(actor_of(inviter), "name_people", invitation.namespace):
        return f"Whoever invited you is no author of {invitation.namespace.name} any more. Ask another of its authors."
    return ""


def username_of(user: User) -> str:
    """What somebody is called on the Hub; their account's name where it knows no Hub."""
    identity = getattr(user, "hub_identity", None)
    return identity.username if identity else user.username


def account_named(username: str) -> User | None:
    """The open account of somebody by their user name on the Hub, else of somebody whose account knows no Hub by its
    own name; None where nobody of that name has signed in."""
    of_hub = HubIdentity.objects.filter(username__iexact=username, user__is_active=True).select_related("user").first()
    if of_hub is not None:
        return of_hub.user
    return User.objects.filter(username__iexact=username, is_active=True, hub_identity=None).first()


def is_author(user: User, namespace: Namespace) -> bool:
    """Whether an account is an author of a namespace already, and so has every right there."""
    return rights.authors_of(namespace).filter(pk=user.pk).exists()


def roles_of(user: User, namespace: Namespace, roles: Collection[str]) -> QuerySet[Role]:
    """The roles of these names that an account was given in a namespace and still has."""
    return Role.objects.filter(namespace=namespace, user=user, name__in=list(roles), ended_at=None)


def _roles(namespace: Namespace) -> QuerySet[Role]:
    mine = Role.objects.filter(namespace=namespace).filter(Q(repository=None) | Q(repository__namespace=namespace))
    return mine.select_related("namespace", "repository__namespace", "user__hub_identity")


def _state(invitation: Invitation, mail: str) -> str:
    if invitation.accepted_at is not None:
        return ACCEPTED
    if invitation.revoked_at is not None:
        return TAKEN_BACK
    if invitation.expires_at <= timezone.now():
        return OVER
    if mail in (Delivery.State.FAILED, Delivery.State.UNSURE):
        return NOT_ARRIVED
    return SENT if mail == Delivery.State.SENT else ON_ITS_WAY
