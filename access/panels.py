"""What the pages of repositories show of access requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from access import messages, queries, rights, states
from access.models import ListWalk
from hubgate.actors import Actor
from repos import rules as repo_rules
from repos.models import Namespace, Repository
from repos.panels import Facts, Panel


def facts(repository_ids: Sequence[int]) -> Mapping[int, Facts]:
    """How many requests wait for each repository, and how far the mirror of its lists is. Two queries."""
    waiting = queries.waiting_by_repository(repository_ids)
    walks = queries.walks_by_repository(repository_ids)
    return {
        repository_id: Facts(
            waiting=waiting.get(repository_id, {}).get(states.PENDING, 0),
            partial=any(walk.complete is False or walk.error for walk in walks.get(repository_id, [])),
            read_at=_read_at(walks.get(repository_id, [])),
        )
        for repository_id in repository_ids
    }


def queue(actor: Actor, repository: Repository) -> Panel:
    """How many requests of each status there are, and letting somebody in."""
    counts = queries.waiting_by_repository([repository.pk]).get(repository.pk, {})
    waiting = counts.get(states.PENDING, 0)
    return Panel(
        "access/repository_queue.html",
        {
            "repository": repository,
            "counts": [(status, counts.get(status, 0)) for status in states.OURS],
            "total": sum(counts.values()),
            "waiting": waiting,
            "note": messages.still_waiting(repository.gate, waiting),
            "may_grant": rights.may(actor, states.GRANT, repository) and not repo_rules.is_open(repository.gate),
        },
    )


def reasons(_actor: Actor, namespace: Namespace) -> Panel:
    """How many reason templates a namespace has, and the way to them."""
    context = {"namespace": namespace, "number": queries.count_reason_templates(namespace)}
    return Panel("access/namespace_reasons.html", context)


def mirror(_actor: Actor, repository: Repository) -> Panel:
    """How far the mirror is with the Hub's lists of a repository."""
    return Panel("access/repository_mirror.html", {"repository": repository, "state": queries.mirror_state(repository)})


def progress(_actor: Actor, namespace: Namespace) -> Panel | None:
    """How far the first reading of a namespace's requests is, while it goes on."""
    found = queries.reading_progress(namespace)
    if found is None:
        return None
    return Panel("access/reading_progress.html", {"progress": found, "left": messages.time_left(found.left)})


def _read_at(walks: Sequence[ListWalk]) -> datetime | None:
    return next((walk.read_at for walk in walks if walk.status == states.PENDING), None)
