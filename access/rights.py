"""Who may do what with an access request."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from access import states
from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos import rights as repo_rights
from repos.models import Repository

OWN_REQUEST = "This is your own request: somebody else who decides for the repository has to decide on it."

_READS = frozenset({"view", "export"})
# What only who decides reads: e-mail addresses, answers, notes.
_READS_PERSONAL = frozenset({"personal"})
_DECIDES = frozenset({"retry", "undo", "assign", "note", "settle", "extend", states.GRANT, *states.REVIEWER_VERBS})

# Role → verbs on a request. A steward sees none; whoever asked decides on their own request nowhere.
VERBS: Mapping[str, frozenset[str]] = {
    repo_rights.AUTHOR: _READS | _READS_PERSONAL | _DECIDES | {"release"},
    repo_rights.REVIEWER: _READS | _READS_PERSONAL | _DECIDES,
    repo_rights.AUDITOR: _READS,
    repo_rights.STEWARD: frozenset(),
}


def repositories_for(actor: Actor, verb: str) -> QuerySet[Repository]:
    """The repositories with whose requests the actor may do `verb`. To decide takes a second factor where the namespace
    asks for one."""
    found = repo_rights.repositories_of(actor, repo_rights.with_verb(VERBS, verb))
    return repo_rights.with_factor(actor, found) if verb in _DECIDES else found


def deciding_role(actor: Actor) -> QuerySet[Repository]:
    """The repositories for which the actor has a role that decides, with or without the second factor that it takes:
    those whose requests they read with all that is in them."""
    return repositories_for(actor, "personal")


def visible_to(actor: Actor, verb: str = "view") -> QuerySet[AccessRequest]:
    """The requests that the actor may read, or may do `verb` with."""
    return AccessRequest.objects.filter(repository__in=repositories_for(actor, verb))


def reviewers_of(repository: Repository) -> QuerySet[User]:
    """The accounts that decide for a repository."""
    return repo_rights.people_of(repository.namespace, repo_rights.with_verb(VERBS, states.ACCEPT), repository)


def may(actor: Actor, verb: str, repository: Repository) -> bool:
    """Whether the actor may do `verb` with requests of the repository."""
    return repositories_for(actor, verb).filter(pk=repository.pk).exists()


def require(actor: Actor, verb: str, repository: Repository) -> None:
    """NotAllowedError unless `may`; its code is `second_factor_due` where only that is missing."""
    if may(actor, verb, repository):
        return
    if verb in _DECIDES and may(actor, "personal", repository):
        raise repo_rights.factor_due(repository.namespace)
    raise NotAllowedError(f"Only those who decide for {repository.name} may do that. Ask one of its authors.")


def is_own(actor: Actor, request: AccessRequest) -> bool:
    """Whether the actor is who asked. Needs the request's person at hand."""
    return request.person is not None and actor.user_id is not None and request.person.user_id == actor.user_id


def require_not_own(actor: Actor, request: AccessRequest) -> None:
    """NotAllowedError where the actor is who asked."""
    if is_own(actor, request):
        raise NotAllowedError(OWN_REQUEST, code="own_request")


def allowed_verbs(actor: Actor, request: AccessRequest) -> list[str]:
    """The decisions that the actor may take on a request as it is now, in the order of their buttons."""
    if is_own(actor, request) or not may(actor, states.ACCEPT, request.repository):
        return []
    return [verb for verb in states.REVIEWER_VERBS if states.next_status(verb, request.status) is not None]
