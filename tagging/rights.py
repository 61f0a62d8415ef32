"""Who may do what with content tags.

Authors and stewards of the namespace set, clear and rule. Everybody signed in who can see a repository sees its tag and
may propose another."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos import rights as repo_rights
from repos.models import Namespace, Repository
from tagging.models import Proposal

READER = "reader"
_RULES = frozenset({"view", "set", "clear", "rule", "retry"})

# Role → verbs. Who rules has no use for a proposal: they set the tag. Evaluations are the authors' own. Everybody who
# has no such role is a reader.
VERBS: Mapping[str, frozenset[str]] = {
    repo_rights.AUTHOR: _RULES | {"attach"},
    repo_rights.STEWARD: _RULES,
    READER: frozenset({"view", "propose"}),
}
RULERS = repo_rights.with_verb(VERBS, "rule")


def visible_to(actor: Actor) -> QuerySet[Repository]:
    """The repositories whose tag the actor sees: public ones that the Hub lists, and all of their own."""
    if actor.user_id is None:
        return Repository.objects.none()
    public = Q(private=False, disabled=False, missing_since=None)
    mine = Q(namespace__in=repo_rights.namespaces_of(actor, RULERS)) | Q(pk__in=repo_rights.visible_to(actor))
    return Repository.objects.filter(public | mine)


def rulers_namespaces(actor: Actor) -> QuerySet[Namespace]:
    """The namespaces whose tags the actor rules on."""
    return repo_rights.namespaces_of(actor, RULERS)


def verbs_of(actor: Actor, repository: Repository) -> frozenset[str]:
    """What the actor may do with the repository's tag and evaluations, a second factor aside."""
    for role in (repo_rights.AUTHOR, repo_rights.STEWARD):
        if repo_rights.namespaces_of(actor, (role,)).filter(pk=repository.namespace_id).exists():
            return VERBS[role]
    return VERBS[READER] if visible_to(actor).filter(pk=repository.pk).exists() else frozenset()


def may(actor: Actor, verb: str, repository: Repository) -> bool:
    """Whether the actor may do `verb` with the repository's tag."""
    if verb not in verbs_of(actor, repository):
        return False
    return verb in VERBS[READER] or not repo_rights.lacks_factor(actor, repository.namespace)


def require(actor: Actor, verb: str, repository: Repository) -> None:
    """NotAllowedError unless `may`; its code is `second_factor_due` where only that is missing."""
    if may(actor, verb, repository):
        return
    mine = verbs_of(actor, repository)
    if verb in mine:
        raise repo_rights.factor_due(repository.namespace)
    if verb == "propose" and "set" in mine:
        raise NotAllowedError(f"You rule on the tag of {repository.name}: set or clear it yourself.")
    if verb == "attach":
        raise NotAllowedError(f"Only an author of {repository.namespace.name} may do that.")
    raise NotAllowedError(
        f"Only an author or a steward of {repository.namespace.name} may do that. You can propose it instead."
    )


def rulers_of(repository: Repository) -> QuerySet[User]:
    """The accounts that rule on proposals for a repository."""
    return repo_rights.people_of(repository.namespace, RULERS)


def to_rule_by(actor: Actor) -> QuerySet[Proposal]:
    """The open proposals that the actor rules on."""
    open_ones = Proposal.objects.filter(status=Proposal.Status.OPEN)
    return open_ones.filter(repository__namespace__in=repo_rights.namespaces_of(actor, RULERS))


def proposals_visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Proposals with evidence and proposer: those the actor rules or ruled on, and their own."""
    if actor.user_id is None:
        return Proposal.objects.none()
    mine = Q(proposer_id=actor.user_id)
    return Proposal.objects.filter(mine | Q(repository__namespace__in=repo_rights.namespaces_of(actor, RULERS)))
