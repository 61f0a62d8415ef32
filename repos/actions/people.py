"""Who is named for what in a namespace, and a second factor asked of those who decide."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from hubgate.accounts import queries as accounts
from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Subject
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify import actions as notify
from repos import endings, events, people, people_notices, rights
from repos.models import Namespace, Repository, Role
from repos.role_words import GIVEN, OF_ONE_REPOSITORY, WORDS
from repos.subjects import of_namespace, of_repository

REASON_LIMIT = 1_000
NO_REASON = "Say why: the person reads it, and it is kept in the history."


def give_role(*, actor: Actor, namespace: str, username: str, role: str, repository_id: int | None = None) -> Role:
    """Name somebody by their user name on the Hub, for the whole namespace or for one repository of it. They are told.
    NotFoundOrHiddenError, NotAllowedError; InvalidInputError for a role or repository that cannot be, and for somebody
    who never signed in here; WrongStateError where they have it already."""
    check_role(role, repository_id)
    with transaction.atomic(durable=True):
        found = locked(actor, namespace)
        repository = repository_of(found, repository_id)
        user = people.account_named(username.strip().removeprefix("@"))
        if user is None:
            message = "Nobody of that name has signed in here yet. Invite them by mail instead."
            raise InvalidInputError(message, fields={"username": message})
        given = write_role(found, repository, user, role, by=actor)
        log.record(actor, events.ROLE_GIVEN, subject_of(given), data={"who": str(user), "role": role})
        notify.send([people_notices.role_given(given)])
    return given


def take_role(*, actor: Actor, namespace: str, role_id: int, reason: str) -> Role:
    """Take a role away: from this moment its rights are gone, and what was assigned to the person is free. They are
    told why. NotFoundOrHiddenError, NotAllowedError; InvalidInputError without a reason; WrongStateError for a role
    that ended before, and for the last author."""
    reason = _clean(reason)
    with transaction.atomic(durable=True):
        found = locked(actor, namespace)
        role = (
            Role.objects.select_for_update(of=("self",))
            .select_related("namespace", "repository__namespace", "user")
            .filter(pk=role_id, namespace=found)
            .first()
        )
        if role is None:
            raise NotFoundOrHiddenError("There is no such role in this namespace.")
        if role.ended_at is not None:
            raise WrongStateError(f"{role.ended_by_label} took this role away already.", code="role_ended")
        role.ended_at, role.ended_by_label, role.end_reason = timezone.now(), actor.label, reason
        role.save(update_fields=["ended_at", "ended_by_label", "end_reason"])
        if role.name == rights.AUTHOR:
            _require_another_author(found)
            # Else the next check of their token would make them an author again.
            Namespace.objects.filter(pk=found.pk, connected_by=role.user).update(connected_by=None)
        data = {"who": str(role.user), "role": role.name, "reason": reason}
        log.record(actor, events.ROLE_ENDED, subject_of(role), data=data)
        notify.send([people_notices.role_ended(role, actor.label)])
        endings.tell(actor, role)
    return role


def ask_for_second_factor(*, actor: Actor, namespace: str, on: bool) -> None:
    """Ask everybody who decides in a namespace for a second factor, or no longer. WrongStateError where the actor has
    none: they would shut themselves out."""
    with transaction.atomic(durable=True):
        found = locked(actor, namespace)
        if on and not accounts.second_factors(actor.user_id or 0).exists():
            raise WrongStateError(
                "Set up a second factor for your own account first: without one you could decide nothing here.",
                code="second_factor_first",
            )
        if found.second_factor == on:
            return
        found.second_factor = on
        found.save(update_fields=["second_factor"])
        log.record(actor, events.SECOND_FACTOR_ASKED if on else events.SECOND_FACTOR_LEFT, of_namespace(found))


def locked(actor: Actor, name: str) -> Namespace:
    """The namespace, held until the transaction ends, for somebody who may name people there. NotFoundOrHiddenError
    for who may not even see its people, NotAllowedError for who may only see them."""
    known = people.get_namespace(actor, name)
    found = Namespace.objects.select_for_update(no_key=True).get(pk=known.pk)
    rights.require(actor, "name_people", found)
    return found


def check_role(role: str, repository_id: int | None) -> None:
    """InvalidInputError for a role that nobody can be given, and for one that is never of one repository alone."""
    if role not in GIVEN:
        message = f"Choose a role: {', '.join(GIVEN)}."
        raise InvalidInputError(message, fields={"role": message})
    if repository_id is not None and role not in OF_ONE_REPOSITORY:
        message = f"{WORDS[role].article.capitalize()} looks after the whole namespace: choose no repository."
        raise InvalidInputError(message, fields={"repository": message})


def repository_of(namespace: Namespace, repository_id: int | None) -> Repository | None:
    """The repository that a role is for, None for all. InvalidInputError for one that is not of the namespace."""
    if repository_id is None:
        return None
    found = Repository.objects.select_related("namespace").filter(pk=repository_id, namespace=namespace).first()
    if found is None:
        message = f"That is no repository of {namespace.name}."
        raise InvalidInputError(message, fields={"repository": message})
    return found


def write_role(namespace: Namespace, repository: Repository | None, user: User, role: str, *, by: Actor) -> Role:
    """A new role. WrongStateError where the account has it already, for this repository or for all."""
    if people.is_author(user, namespace):
        raise WrongStateError(f"{user} is an author of {namespace.name}, and so may do all of it.", code="has_role")
    has = people.roles_of(user, namespace, [role])
    if has.filter(repository=None).exists() or (repository and has.filter(repository=repository).exists()):
        raise WrongStateError(f"{user} is {WORDS[role].article} there already.", code="has_role")
    try:
        with transaction.atomic():
            return Role.objects.create(
                namespace=namespace,
                repository=repository,
                user=user,
                name=role,
                given_by_id=by.user_id,
                given_by_label=by.label[:200],
            )
    except IntegrityError:
        raise WrongStateError(f"{user} is {WORDS[role].article} there already.", code="has_role") from None


def subject_of(role: Role) -> Subject:
    """What an event about a role is about."""
    return of_repository(role.repository) if role.repository is not None else of_namespace(role.namespace)


def _require_another_author(namespace: Namespace) -> None:
    if not rights.authors_of(namespace).exists():
        raise WrongStateError(
            f"This is the last author of {namespace.name}. Let another one sign in first.", code="last_author"
        )


def _clean(reason: str) -> str:
    reason = " ".join(reason.replace("\x00", "").split())
    if not reason:
        raise InvalidInputError(NO_REASON, fields={"reason": NO_REASON})
    if len(reason) > REASON_LIMIT:
        message = f"Shorten the reason: it has {len(reason):,} characters, and {REASON_LIMIT:,} are kept."
        raise InvalidInputError(message, fields={"reason": message})
    return reason
