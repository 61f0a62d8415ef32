"""Named reads of namespaces and repositories."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError
from repos import rights, rules
from repos.models import FormVersion, Namespace, Repository


def namespaces(actor: Actor) -> QuerySet[Namespace]:
    """The actor's namespaces by name, and those whose first token they stored that never worked."""
    mine = rights.namespaces_of(actor).values("pk")
    tried = Q(connected_by_id=actor.user_id) if actor.user_id else Q(pk=None)
    return Namespace.objects.filter(Q(pk__in=mine) | tried).order_by("name")


def get_namespace(actor: Actor, name: str) -> Namespace:
    """One of the actor's namespaces. NotFoundOrHiddenError for others and unknown ones alike."""
    found = namespaces(actor).filter(name__iexact=name).first()
    if found is None:
        raise NotFoundOrHiddenError(f"There is no namespace {name} that you run.")
    return found


def repositories(actor: Actor) -> QuerySet[Repository]:
    """The actor's repositories, gated ones first, each with its namespace and form."""
    return rights.visible_to(actor).select_related("namespace", "form").order_by("name")


def get_visible(actor: Actor, repository_id: int) -> Repository:
    """One of the actor's repositories. NotFoundOrHiddenError for others and unknown ones alike."""
    found = repositories(actor).filter(pk=repository_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such repository, or it is not yours.")
    return found


def form_versions(repository: Repository) -> list[FormVersion]:
    """All versions of a repository's gate form, newest first."""
    return list(repository.forms.order_by("-number"))


@dataclass(frozen=True)
class CardState:
    """What is wrong with a repository's card: `errors` keep it from being used, `warnings` are to be mended."""

    errors: list[rules.Notice]
    warnings: list[rules.Notice]


def card_state(repository: Repository) -> CardState:
    """The card's errors and warnings, the gate that the card asks for and the repository lacks first."""
    warnings = [rules.Notice(**note) for note in repository.card_warnings]
    loud = rules.gate_not_set(repository.gate, card_asks_for_gate=repository.card_asks_for_gate)
    return CardState([rules.Notice(**note) for note in repository.card_errors], [loud, *warnings] if loud else warnings)
