"""What pages of repositories show of content tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from hubgate.actors import Actor
from repos.models import Repository
from repos.panels import Panel
from tagging import queries, rules


def audience(actor: Actor) -> str:
    """Which repositories a list shows to an actor who asks for no audience."""
    return rules.default_audience(queries.choice_of(actor))


def overview(actor: Actor, repository: Repository) -> Panel:
    """The tag on the overview of a repository, a page of its authors."""
    state = queries.state_of(actor, repository, is_author=True)
    return Panel(
        "tagging/overview.html",
        {"state": state, "open": queries.open_proposals(repository), "repository": repository},
    )


def veil(actor: Actor, repository: Repository, session: Mapping[str, Any]) -> Panel | None:
    """The question that stands in place of a repository's own words; None where nothing is asked."""
    if not queries.asks_first(actor, repository, session):
        return None
    return Panel("tagging/veil.html", {"repository": repository})


def address(repository: Repository) -> str:
    """The page of a repository's tag."""
    return reverse("tagging:tag", args=[repository.pk])


def evaluations(repository: Repository) -> str:
    """The page of a repository's evaluations."""
    return reverse("tagging:evaluations", args=[repository.pk])
