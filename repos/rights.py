"""Who may do what with a namespace and its repositories.

An author is who the Hub calls admin of the namespace (their own namespace included), or who proved it with a token."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from hubgate.accounts.models import HubMembership, User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos.models import Namespace, Repository, Role

AUTHOR = "author"

# Role → verbs on a namespace. Everybody signed in may try to connect a namespace: the token has to prove the right.
VERBS: dict[str, frozenset[str]] = {
    AUTHOR: frozenset({"view", "decide", "replace_token", "switch_changes", "switch_mail", "check_token", "webhook"}),
}


def namespaces_of(actor: Actor) -> QuerySet[Namespace]:
    """The namespaces whose author this actor is."""
    if actor.user_id is None:
        return Namespace.objects.none()
    # Not `iexact`: with a column on the right SQLite takes an underscore in it for any character.
    by_hub = HubMembership.objects.annotate(lowered=Lower("namespace")).filter(
        identity__user_id=actor.user_id, role="admin", lowered=Lower(OuterRef("name"))
    )
    by_token = Role.objects.filter(namespace=OuterRef("pk"), user_id=actor.user_id, name=AUTHOR)
    return Namespace.objects.filter(Exists(by_token) | Exists(by_hub))


def visible_to(actor: Actor) -> QuerySet[Repository]:
    """The repositories of the actor's namespaces."""
    return Repository.objects.filter(namespace__in=namespaces_of(actor))


def may(actor: Actor, verb: str, namespace: Namespace) -> bool:
    """Whether the actor may do `verb` with the namespace or anything in it."""
    return verb in VERBS[AUTHOR] and namespaces_of(actor).filter(pk=namespace.pk).exists()


def require(actor: Actor, verb: str, namespace: Namespace) -> None:
    """NotAllowedError unless `may`."""
    if not may(actor, verb, namespace):
        raise NotAllowedError(f"Only an author of {namespace.name} may do that. Ask one of its admins on the Hub.")


def authors_of(namespace: Namespace) -> QuerySet[User]:
    """The accounts that are authors of a namespace: who gets word of what happens there."""
    by_hub = HubMembership.objects.filter(identity__user_id=OuterRef("pk"), role="admin").annotate(
        lowered=Lower("namespace")
    )
    return User.objects.filter(
        Q(Exists(by_hub.filter(lowered=namespace.name.lower())))
        | Q(Exists(Role.objects.filter(user_id=OuterRef("pk"), namespace=namespace, name=AUTHOR)))
    )
