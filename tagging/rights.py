"""Who may do what with content tags.

Authors of the namespace set, clear and rule. Everybody signed in who can see a repository sees its tag and may propose
another."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos import rights as repo_rights
from repos.models import Repository
from tagging.models import Proposal

AUTHOR = "author"
READER = "reader"

# Role → verbs. An author has no use for a proposal: they set the tag.
VERBS: dict[str, frozenset[str]] = {
    AUTHOR: frozenset({"view", "set", "clear", "rule", "retry", "attach"}),
    READER: frozenset({"view", "propose"}),
}


def visible_to(actor: Actor) -> QuerySet[Repository]:
    """The repositories whose tag the actor sees: public ones that the Hub lists, and all of their own."""
    if actor.user_id is None:
        return Repository.objects.none()
    public = Q(private=False, disabled=False, missing_since=None)
    return Repository.objects.filter(public | Q(namespace__in=repo_rights.namespaces_of(actor)))


def is_author(actor: Actor, repository: Repository) -> bool:
    """Whether the actor is an author of the repository's namespace."""
    return repo_rights.may(actor, "decide", repository.namespace)


def may(actor: Actor, verb: str, repository: Repository) -> bool:
    """Whether the actor may do `verb` with the repository's tag."""
    if is_author(actor, repository):
        return verb in VERBS[AUTHOR]
    return verb in VERBS[READER] and visible_to(actor).filter(pk=repository.pk).exists()


def require(actor: Actor, verb: str, repository: Repository) -> None:
    """NotAllowedError unless `may`."""
    if may(actor, verb, repository):
        return
    if verb == "propose":
        raise NotAllowedError(f"You are an author of {repository.name}: set or clear the tag yourself.")
    raise NotAllowedError(f"Only an author of {repository.namespace.name} may do that. You can propose it instead.")


def rulers_of(repository: Repository) -> QuerySet[User]:
    """The accounts that rule on proposals for a repository."""
    return repo_rights.authors_of(repository.namespace)


def to_rule_by(actor: Actor) -> QuerySet[Proposal]:
    """The open proposals that the actor rules on."""
    open_ones = Proposal.objects.filter(status=Proposal.Status.OPEN)
    return open_ones.filter(repository__namespace__in=repo_rights.namespaces_of(actor))


def proposals_visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Proposals with evidence and proposer: those the actor rules or ruled on, and their own."""
    if actor.user_id is None:
        return Proposal.objects.none()
    mine = Q(proposer_id=actor.user_id)
    return Proposal.objects.filter(mine | Q(repository__namespace__in=repo_rights.namespaces_of(actor)))
