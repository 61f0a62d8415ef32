"""What the apps above know of repositories and namespaces, for notices that are about them: filled from
`AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubgate.actors import Actor

if TYPE_CHECKING:
    from hubgate.notify.actions import Notice
    from hubgate.notify.models import Notification


@dataclass(frozen=True)
class Place:
    """Something that may have exceptions: its scope (`rules.scope_of_…`), its name, and what it is."""

    scope: str
    name: str
    kind: str


@dataclass(frozen=True)
class Standing:
    """How things stand with a repository now, as a sentence (empty: nothing to say), and the page with all of it."""

    sentence: str
    link: str


class Registry:
    """Who knows what. One instance lives as long as the process."""

    def __init__(self) -> None:
        self.find: Callable[[Actor, str], list[Place]] = lambda _actor, _text: []
        self.named: Callable[[Actor, Sequence[str]], Mapping[str, Place]] = lambda _actor, _scopes: {}
        self.deciding: Callable[[int, Sequence[int]], set[int]] = lambda _user_id, namespace_ids: set(namespace_ids)
        self.standing: Callable[[Sequence[int]], Mapping[int, Standing]] = lambda _repository_ids: {}
        self.undelivered: Callable[[Notification], Notice | None] = lambda _notification: None


registry = Registry()


def register_places(
    *,
    find: Callable[[Actor, str], list[Place]],
    named: Callable[[Actor, Sequence[str]], Mapping[str, Place]],
    deciding: Callable[[int, Sequence[int]], set[int]],
) -> None:
    """`find`: the actor's places of a name, else those with the words in it. `named`: the actor's places by
    scope. `deciding`: which of these namespaces an account still decides for."""
    registry.find, registry.named, registry.deciding = find, named, deciding


def register_requests(
    *,
    standing: Callable[[Sequence[int]], Mapping[int, Standing]],
    undelivered: Callable[[Notification], Notice | None],
) -> None:
    """`standing` of repositories by id, in a fixed number of queries. `undelivered`: whom to tell that a mail did not
    arrive."""
    registry.standing, registry.undelivered = standing, undelivered
