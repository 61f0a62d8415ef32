"""How long access lasts, before anybody chooses otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from access.ends import Length
from access.models import ReleasePlan
from access.queries import stages
from repos.models import Repository


def lengths_of(repositories: Iterable[Repository]) -> dict[int, Length]:
    """How long access to each of these repositories lasts, by id: as the stage of its release says that is in force,
    else as its author set it, and never longer than they allow. The one place where this is asked, for a single
    decision and for many; one query, or none where the plans are at hand."""
    known = list(repositories)
    plans = Repository._meta.get_field("release_plan")
    unread = [each.pk for each in known if not plans.is_cached(each)]
    days = stages.grant_days(unread) if unread else {}
    return {each.pk: _length(each, days.get(each.pk) if each.pk in days else _of_plan(each, unread)) for each in known}


def length_of(repository: Repository) -> Length:
    """`lengths_of` for one repository."""
    return lengths_of([repository])[repository.pk]


def length_within(repository: Repository, plan: ReleasePlan | None) -> Length:
    """`length_of` where the release plan with its stage is at hand, or there is none."""
    return _length(repository, plan.stage.grant_days if plan is not None and plan.stage is not None else None)


def _of_plan(repository: Repository, unread: list[int]) -> int | None:
    if repository.pk in unread:
        return None
    plan: ReleasePlan | None = getattr(repository, "release_plan", None)
    return plan.stage.grant_days if plan is not None and plan.stage is not None else None


def _length(repository: Repository, stage_days: int | None) -> Length:
    usual, most = stage_days or repository.grant_days, repository.most_grant_days
    return Length(min(usual, most) if usual and most else usual, most)
