"""What an app above knows of repositories, for the pages here: filled from `AppConfig.ready()`, absent otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hubgate.actors import Actor
from repos.models import Repository


@dataclass(frozen=True)
class Facts:
    """A repository's requests in a row: how many wait, whether a list of the Hub may be cut short, when it was read."""

    waiting: int = 0
    partial: bool = False
    read_at: datetime | None = None


@dataclass(frozen=True)
class Panel:
    """A part of a repository's page: a template and its values."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


FactsOf = Callable[[Sequence[int]], Mapping[int, Facts]]
BuildPanel = Callable[[Actor, Repository], Panel]


class Registry:
    """Who tells what. One instance lives as long as the process."""

    def __init__(self) -> None:
        self.facts: FactsOf | None = None
        self.queue: BuildPanel | None = None
        self.mirror: BuildPanel | None = None
        self.told: BuildPanel | None = None


registry = Registry()


def register(*, facts: FactsOf, queue: BuildPanel, mirror: BuildPanel) -> None:
    """`facts` of a set of repositories by id, in a fixed number of queries; `queue` for the overview of one; `mirror`
    for its tab "Requests on the Hub"."""
    registry.facts, registry.queue, registry.mirror = facts, queue, mirror


def register_told(build: BuildPanel) -> None:
    """Who is told of what, for the overview of one repository."""
    registry.told = build


def facts_of(repository_ids: Sequence[int]) -> Mapping[int, Facts]:
    """The facts of each repository that has some."""
    return registry.facts(repository_ids) if registry.facts and repository_ids else {}
