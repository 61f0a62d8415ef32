"""How long access lasts, before anybody chooses otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from access.ends import Length
from repos.models import Repository


def lengths_of(repositories: Iterable[Repository]) -> dict[int, Length]:
    """How long access to each of these repositories lasts, by id: as its author set it. The one place where this is
    asked, for a single decision and for many."""
    return {each.pk: Length(each.grant_days, each.most_grant_days) for each in repositories}


def length_of(repository: Repository) -> Length:
    """`lengths_of` for one repository."""
    return lengths_of([repository])[repository.pk]
