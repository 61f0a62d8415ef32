"""What a webhook of the Hub hints at. Its body is not believed (HC §6): it is neither signed nor dated. Only the
repository's name is read, and only to read that repository sooner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson

from repos.models import Repository

MAX_BYTES = 2**20
MAX_NAME = 200

# An app above that reads repositories too, and the time (UTC) by which it shall have read these, by id.
MakeDue = Callable[[list[int], datetime], None]
_listeners: list[MakeDue] = []


@dataclass(frozen=True)
class Hint:
    """The repository that a webhook names. `kind` is empty for one that hubgate knows nothing of, such as a bucket."""

    kind: str
    name: str


def read(body: bytes) -> Hint | None:
    """The repository that a payload names; None for what is no payload of a webhook."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    repo = content.get("repo") if isinstance(content, dict) else None
    kind, name = (repo.get("type"), repo.get("name")) if isinstance(repo, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(name, str):
        return None
    # A name with characters that a database may refuse is nobody's.
    is_known = kind in Repository.Kind.values and name.isprintable() and len(name) <= MAX_NAME
    return Hint(kind if is_known else "", name)


def register(make_due: MakeDue) -> None:
    """Called from an app's `ready()`; then with each hint, inside its transaction."""
    _listeners.append(make_due)


def tell(repository_ids: list[int], at: datetime) -> None:
    """Make what other apps read of these repositories due by `at`."""
    for make_due in _listeners:
        make_due(repository_ids, at)
