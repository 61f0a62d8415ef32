"""How far the mirror is with the requests of a repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count as Count_

from access import rights, rules, states
from access.models import AccessRequest, ListWalk, OddRow, RequestMirror
from access.queries.counts import COUNT_UP_TO
from access.queries.scope import scope
from hubgate.actors import Actor
from hubgate.hub.budget import polling_period_s
from hubgate.outbox import queries as outbox
from repos.budget import quota_of
from repos.models import Namespace, Repository


@dataclass(frozen=True)
class ListState:
    """How far the mirror is with one of the Hub's lists of a repository."""

    status: str
    read_at: datetime | None
    complete: bool | None
    rows: int
    error: str


@dataclass(frozen=True)
class MirrorState:
    """What hubgate knows of a repository's requests: the four lists, rows set aside, and whether one of the lists may
    be incomplete (`partial`): cut short by the Hub, or its last reading broke off."""

    lists: list[ListState]
    odd: list[OddRow]
    partial: bool
    compared_at: datetime | None
    error: str


@dataclass(frozen=True)
class Pace:
    """How long after a reading the next is due."""

    poll: timedelta
    compare: timedelta


def pace(namespace: Namespace) -> Pace:
    """How often the requests of a namespace's repositories are read: as the operator set it, or slower where that would
    take more than half of the Hub's quota for polls or a quarter for reading all lists (`performance.md` G11). A fifth
    is kept for people anyway."""
    mine = Repository.objects.filter(namespace=namespace, missing_since=None)
    rows = ListWalk.objects.filter(repository__in=mine, rows__gt=rules.PAGE_ROWS).values_list("rows", flat=True)
    quota, window_s = quota_of(namespace)
    number = mine.count()
    calls = number * len(states.HUB_LISTS) + sum(-(-found // rules.PAGE_ROWS) - 1 for found in rows)
    poll_s = polling_period_s(number, quota, window_s, least_s=settings.HUB_POLL_SECONDS)
    compare_s = polling_period_s(2 * calls, quota, window_s, least_s=settings.HUB_COMPARE_SECONDS)
    return Pace(timedelta(seconds=poll_s), timedelta(seconds=compare_s))


def mirror_state(repository: Repository) -> MirrorState:
    """How far the mirror is with a repository."""
    walks = {walk.status: walk for walk in ListWalk.objects.filter(repository=repository)}
    mirror = RequestMirror.objects.filter(repository=repository).first()
    lists = [
        ListState(status, walk.read_at, walk.complete, walk.rows, walk.error)
        if (walk := walks.get(status))
        else ListState(status, None, None, 0, "")
        for status in states.HUB_LISTS
    ]
    return MirrorState(
        lists=lists,
        odd=list(OddRow.objects.filter(repository=repository).order_by("-last_seen_at")[:50]),
        partial=any(walk.complete is False or walk.error for walk in walks.values()),
        compared_at=mirror.compared_at if mirror else None,
        error=mirror.error if mirror else "",
    )


def any_partial(actor: Actor, repository_ids: Sequence[int] = ()) -> bool:
    """Whether a list of one of the actor's repositories (of those given, or of all) may be incomplete."""
    mine = scope(actor)
    wanted = [mine[pk] for pk in repository_ids if pk in mine] if repository_ids else mine.values()
    return any(repository.partial for repository in wanted)


def waiting_by_repository(repository_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many requests of each status the given repositories have, in one query."""
    counts: dict[int, dict[str, int]] = {}
    rows = (
        AccessRequest.objects.filter(repository__in=repository_ids)
        .values_list("repository_id", "status")
        .annotate(number=Count_("pk"))
        .order_by()
    )
    for repository_id, status, number in rows:
        counts.setdefault(repository_id, {})[status] = number
    return counts


def walks_by_repository(repository_ids: Iterable[int]) -> dict[int, list[ListWalk]]:
    """How far the mirror is with the lists of the given repositories, in one query."""
    walks: dict[int, list[ListWalk]] = {}
    for walk in ListWalk.objects.filter(repository__in=repository_ids):
        walks.setdefault(walk.repository_id, []).append(walk)
    return walks


def last_read_at(actor: Actor) -> datetime | None:
    """When the mirror last read any pending list of the actor's repositories."""
    return max((repository.read_at for repository in scope(actor).values() if repository.read_at), default=None)


def pushes_waiting(actor: Actor) -> int:
    """How many of the actor's decisions are not on the Hub yet, refused ones left out, counted up to
    `COUNT_UP_TO`."""
    behind = outbox.keys_behind(states.PUSH, limit=COUNT_UP_TO)
    return rights.visible_to(actor).filter(pk__in=[int(key) for key in behind]).count() if behind else 0
