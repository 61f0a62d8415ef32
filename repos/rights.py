"""Who may do what with a namespace and its repositories.

An author is who the Hub calls admin of the namespace (their own namespace included), or who proved it with a token. Who
has another role was named by an author, for the whole namespace or for one repository of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from hubgate.accounts import queries as accounts
from hubgate.accounts.models import HubMembership, User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos.models import Namespace, Repository, Role

AUTHOR = Role.Name.AUTHOR.value
REVIEWER = Role.Name.REVIEWER.value
AUDITOR = Role.Name.AUDITOR.value
STEWARD = Role.Name.STEWARD.value

# Role → verbs on a namespace and its repositories; `decide` is about what holds for all of it, such as its reasons and
# questions. Everybody signed in may try to connect a namespace: the token has to prove the right. What is done with
# requests and with tags stands in `access.rights` and `tagging.rights`.
VERBS: Mapping[str, frozenset[str]] = {
    AUTHOR: frozenset(
        {
            *("view", "decide", "see_repository", "see_people", "see_statistics"),
            *("replace_token", "switch_changes", "switch_mail", "check_token", "webhook", "name_people"),
        }
    ),
    REVIEWER: frozenset({"see_repository", "see_people", "see_statistics"}),
    AUDITOR: frozenset({"see_repository", "see_statistics"}),
    STEWARD: frozenset(),
}


def with_verb(table: Mapping[str, frozenset[str]], verb: str) -> list[str]:
    """The roles that a table gives a verb."""
    return [role for role, verbs in table.items() if verb in verbs]


def namespaces_of(actor: Actor, roles: Collection[str] = (AUTHOR,)) -> QuerySet[Namespace]:
    """The namespaces that the actor has one of these roles in as a whole: those that they are an author of, unless
    others are named."""
    if actor.user_id is None or not roles:
        return Namespace.objects.none()
    held = Role.objects.filter(
        namespace=OuterRef("pk"), repository=None, user_id=actor.user_id, name__in=list(roles), ended_at=None
    )
    if AUTHOR not in roles:
        return Namespace.objects.filter(Exists(held))
    # Not `iexact`: with a column on the right SQLite takes an underscore in it for any character.
    by_hub = HubMembership.objects.annotate(lowered=Lower("namespace")).filter(
        identity__user_id=actor.user_id, role="admin", lowered=Lower(OuterRef("name"))
    )
    return Namespace.objects.filter(Exists(held) | Exists(by_hub))


def repositories_of(actor: Actor, roles: Collection[str]) -> QuerySet[Repository]:
    """The repositories that the actor has one of these roles for, by their namespace or by themselves. A role for one
    repository ends to count when it moves to another namespace."""
    if actor.user_id is None or not roles:
        return Repository.objects.none()
    held = Role.objects.filter(
        repository=OuterRef("pk"),
        namespace=OuterRef("namespace"),
        user_id=actor.user_id,
        name__in=list(roles),
        ended_at=None,
    )
    return Repository.objects.filter(Q(namespace__in=namespaces_of(actor, roles)) | Exists(held))


def visible_to(actor: Actor) -> QuerySet[Repository]:
    """The repositories whose pages the actor sees."""
    return repositories_of(actor, with_verb(VERBS, "see_repository"))


def may(actor: Actor, verb: str, namespace: Namespace) -> bool:
    """Whether the actor may do `verb` with the namespace as a whole."""
    return namespaces_of(actor, with_verb(VERBS, verb)).filter(pk=namespace.pk).exists()


def require(actor: Actor, verb: str, namespace: Namespace) -> None:
    """NotAllowedError unless `may`; also, with the code `second_factor_due`, for an author who may, where the namespace
    asks for a second factor and the account has none."""
    if not may(actor, verb, namespace):
        raise NotAllowedError(f"Only an author of {namespace.name} may do that. Ask one of its admins on the Hub.")
    if lacks_factor(actor, namespace):
        raise factor_due(namespace)


def lacks_factor(actor: Actor, namespace: Namespace) -> bool:
    """Whether the namespace asks for a second factor and the actor's account has none: then they read only."""
    return namespace.second_factor and not accounts.second_factors(actor.user_id or 0).exists()


def factor_due(namespace: Namespace) -> NotAllowedError:
    """The refusal for an account without a second factor."""
    return NotAllowedError(
        f"{namespace.name} asks everybody who decides there for a second factor, and your account has none. "
        "Set one up under Sign-in and sessions; until then you can read.",
        code="second_factor_due",
    )


def with_factor(actor: Actor, found: QuerySet[Repository]) -> QuerySet[Repository]:
    """Of these repositories those in which the actor's account lacks no second factor."""
    factors = accounts.second_factors(actor.user_id or 0)
    return found.filter(Q(namespace__second_factor=False) | Exists(factors))


def people_of(namespace: Namespace, roles: Collection[str], repository: Repository | None = None) -> QuerySet[User]:
    """The accounts with one of these roles in the namespace as a whole or, where one is named, for this repository of
    it."""
    scope = Q(repository=None) | Q(repository=repository) if repository is not None else Q(repository=None)
    held = Role.objects.filter(scope, user_id=OuterRef("pk"), namespace=namespace, name__in=list(roles), ended_at=None)
    if AUTHOR not in roles:
        return User.objects.filter(Exists(held))
    by_hub = HubMembership.objects.filter(identity__user_id=OuterRef("pk"), role="admin").annotate(
        lowered=Lower("namespace")
    )
    return User.objects.filter(Q(Exists(by_hub.filter(lowered=namespace.name.lower()))) | Q(Exists(held)))


def authors_of(namespace: Namespace) -> QuerySet[User]:
    """The accounts that are authors of a namespace: who gets word of what happens there."""
    return people_of(namespace, (AUTHOR,))
