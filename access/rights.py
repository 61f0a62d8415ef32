"""Who may do what with an access request."""

from __future__ import annotations

from django.db.models import QuerySet

from access import states
from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos import rights as repo_rights
from repos.models import Repository

AUTHOR = "author"

# Role → verbs on a request. Who decides sees e-mail and answers; nobody else does.
VERBS: dict[str, frozenset[str]] = {
    AUTHOR: frozenset(
        {"view", "retry", "undo", "assign", "note", "settle", "extend", "release", states.GRANT, *states.REVIEWER_VERBS}
    ),
}


def visible_to(actor: Actor) -> QuerySet[AccessRequest]:
    """The requests that the actor decides."""
    return AccessRequest.objects.filter(repository__in=repo_rights.visible_to(actor))


def reviewers_of(repository: Repository) -> QuerySet[User]:
    """The accounts that decide for a repository."""
    return repo_rights.authors_of(repository.namespace)


def may(actor: Actor, verb: str, repository: Repository) -> bool:
    """Whether the actor may do `verb` with requests of the repository."""
    return verb in VERBS[AUTHOR] and repo_rights.may(actor, "decide", repository.namespace)


def require(actor: Actor, verb: str, repository: Repository) -> None:
    """NotAllowedError unless `may`."""
    if not may(actor, verb, repository):
        raise NotAllowedError(f"Only those who decide for {repository.name} may do that. Ask one of its authors.")


def allowed_verbs(actor: Actor, request: AccessRequest) -> list[str]:
    """The decisions that the actor may take on a request as it is now, in the order of their buttons."""
    if not may(actor, "view", request.repository):
        return []
    return [verb for verb in states.REVIEWER_VERBS if states.next_status(verb, request.status) is not None]
