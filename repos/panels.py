"""What an app above knows of repositories, for the pages here: filled from `AppConfig.ready()`, absent otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hubgate.actors import Actor
from repos.models import Namespace, Repository


@dataclass(frozen=True)
class Facts:
    """A repository's requests in a row: how many wait, whether a list of the Hub may be cut short, when it was read;
    and the stage of its release that is in force."""

    waiting: int = 0
    partial: bool = False
    read_at: datetime | None = None
    stage: str = ""


@dataclass(frozen=True)
class Panel:
    """A part of a repository's page: a template and its values."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


FactsOf = Callable[[Sequence[int]], Mapping[int, Facts]]
BuildPanel = Callable[[Actor, Repository], Panel]
BuildProgress = Callable[[Actor, Namespace], Panel | None]
BuildNamespacePanel = Callable[[Actor, Namespace], Panel]
# Of a repository or a namespace, how far back, and the address of the page: its answer's links lead back there.
BuildStatistics = Callable[[Repository | Namespace, str, str], Panel]


@dataclass(frozen=True)
class Content:
    """What is known of a repository's content tag: which `audience` a list shows to an actor who asks for none, the
    `overview` of its page, the `veil` that stands in place of its own words (None: they are shown; it is given what the
    web session remembers), and the addresses of the tag's page and of the `evaluations`."""

    audience: Callable[[Actor], str]
    overview: BuildPanel
    veil: Callable[[Actor, Repository, Mapping[str, Any]], Panel | None]
    address: Callable[[Repository], str]
    evaluations: Callable[[Repository], str]


class Registry:
    """Who tells what. One instance lives as long as the process."""

    def __init__(self) -> None:
        self.facts: FactsOf | None = None
        self.queue: BuildPanel | None = None
        self.mirror: BuildPanel | None = None
        self.told: BuildPanel | None = None
        self.progress: BuildProgress | None = None
        self.namespace: BuildNamespacePanel | None = None
        self.downloads: BuildPanel | None = None
        self.statistics: BuildStatistics | None = None
        self.content: Content | None = None
        self.release: Callable[[Repository], str] | None = None


registry = Registry()


def register(*, facts: FactsOf, queue: BuildPanel, mirror: BuildPanel, progress: BuildProgress) -> None:
    """`facts` of a set of repositories by id, in a fixed number of queries; `queue` for the overview of one; `mirror`
    for its tab "Requests on the Hub"; `progress` of a namespace's first reading, None when there is none to show."""
    registry.facts, registry.queue, registry.mirror, registry.progress = facts, queue, mirror, progress


def register_namespace(build: BuildNamespacePanel) -> None:
    """A part of a namespace's page, for those who run it."""
    registry.namespace = build


def register_numbers(*, statistics: BuildStatistics, downloads: BuildPanel) -> None:
    """`statistics` for the tab of that name of a repository and a namespace; `downloads`, who can download now, for a
    repository's overview."""
    registry.statistics, registry.downloads = statistics, downloads


def register_told(build: BuildPanel) -> None:
    """Who is told of what, for the overview of one repository."""
    registry.told = build


def register_content(content: Content) -> None:
    """What the pages show of content tags."""
    registry.content = content


def register_release(address: Callable[[Repository], str]) -> None:
    """The address of a repository's release plan."""
    registry.release = address


def tabs(repository: Repository) -> dict[str, Any]:
    """What `repos/repository_tabs.html` needs beside the repository: which tabs there are."""
    return {
        "has_statistics": registry.statistics is not None,
        "has_mirror": registry.mirror is not None,
        "release_url": registry.release(repository) if registry.release else "",
        "tag_url": registry.content.address(repository) if registry.content else "",
        "evaluations_url": registry.content.evaluations(repository) if registry.content else "",
    }


def veil_of(actor: Actor, repository: Repository, session: Mapping[str, Any]) -> Panel | None:
    """The question that stands in place of a repository's own words, None where they are shown."""
    return registry.content.veil(actor, repository, session) if registry.content else None


def default_audience(actor: Actor) -> str:
    """Which repositories a list shows to an actor who asks for no audience."""
    return registry.content.audience(actor) if registry.content else ""


def facts_of(repository_ids: Sequence[int]) -> Mapping[int, Facts]:
    """The facts of each repository that has some."""
    return registry.facts(repository_ids) if registry.facts and repository_ids else {}


def progress_of(actor: Actor, namespace: Namespace) -> Panel | None:
    """How far the first reading of a namespace is, for its page; None when there is none to show."""
    return registry.progress(actor, namespace) if registry.progress else None
