"""Repositories and namespaces as places for which a person may choose how they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hubgate.actors import Actor
from hubgate.notify import rules as notify_rules
from hubgate.notify.places import Place
from repos import rights
from repos.models import Namespace, Repository

_SHOWN = 8


def find(actor: Actor, text: str) -> list[Place]:
    """The actor's namespaces and repositories of this name, in whatever case; where there is none, up to eight that
    have each of its words in their name."""
    words = text.replace("\0", "").split()[:8]
    if not words:
        return []
    namespaces, repositories = rights.namespaces_of(actor), rights.visible_to(actor)
    exact = " ".join(words)
    found = _places(namespaces.filter(name__iexact=exact), repositories.filter(name__iexact=exact))
    if found:
        return found
    for word in words:
        namespaces, repositories = namespaces.filter(name__icontains=word), repositories.filter(name__icontains=word)
    return _places(namespaces.order_by("name")[:_SHOWN], repositories.order_by("name")[:_SHOWN])[:_SHOWN]


def named(actor: Actor, scopes: Sequence[str]) -> Mapping[str, Place]:
    """Those of these scopes that are the actor's. Two queries."""
    ids: dict[str, list[int]] = {"namespace": [], "repository": []}
    for scope in scopes:
        kind, _, number = scope.partition(":")
        ids[kind].append(int(number))
    found = _places(
        rights.namespaces_of(actor).filter(pk__in=ids["namespace"]),
        rights.visible_to(actor).filter(pk__in=ids["repository"]),
    )
    return {place.scope: place for place in found}


def deciding(user_id: int, namespace_ids: Sequence[int]) -> set[int]:
    """In which of these namespaces the account decides, for all of it or for some repository."""
    actor = Actor(kind="user", label="", user_id=user_id)
    decide = (rights.AUTHOR, rights.REVIEWER)
    whole = rights.namespaces_of(actor, decide).filter(pk__in=namespace_ids).values_list("pk", flat=True)
    some = rights.repositories_of(actor, decide).filter(namespace__in=namespace_ids)
    return set(whole) | set(some.values_list("namespace", flat=True))


def _places(namespaces: Iterable[Namespace], repositories: Iterable[Repository]) -> list[Place]:
    return [
        *(Place(notify_rules.scope_of_namespace(one.pk), one.name, "namespace") for one in namespaces),
        *(Place(notify_rules.scope_of_repository(one.pk), one.name, one.kind) for one in repositories),
    ]
