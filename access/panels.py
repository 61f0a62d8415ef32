"""What the pages of repositories show of access requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from access import messages, queries, rights, states
from access.figures import figures
from access.measures import RANGES, USUAL, duration, untimed_note
from access.models import ListWalk, ReleasePlan
from access.queries import statistics as reads
from hubgate.accounts.queries import members_of
from hubgate.actors import Actor
from repos import queries as repo_queries
from repos import rules as repo_rules
from repos.models import Namespace, Repository
from repos.panels import Facts, Panel

_LOADS = 50  # repositories in a namespace's table


def facts(repository_ids: Sequence[int]) -> Mapping[int, Facts]:
    """How many requests wait for each repository, and how far the mirror of its lists is; and the stage
    of its release. Three queries."""
    waiting = queries.waiting_by_repository(repository_ids)
    walks = queries.walks_by_repository(repository_ids)
    plans = queries.stages.in_force(repository_ids)
    return {
        repository_id: Facts(
            waiting=waiting.get(repository_id, {}).get(states.PENDING, 0),
            partial=any(walk.complete is False or walk.error for walk in walks.get(repository_id, [])),
            read_at=_read_at(walks.get(repository_id, [])),
            stage=_stage_word(plans.get(repository_id)),
        )
        for repository_id in repository_ids
    }


def release_address(repository: Repository) -> str:
    """The page of a repository's release plan."""
    return reverse("access:release", args=[repository.pk])


def _stage_word(plan: ReleasePlan | None) -> str:
    if plan is None or plan.stage is None:
        return ""
    return f"{plan.stage.name}, recalled" if plan.recalled_gate else plan.stage.name


def queue(actor: Actor, repository: Repository) -> Panel:
    """How many requests of each status there are, and letting somebody in."""
    counts = queries.waiting_by_repository([repository.pk]).get(repository.pk, {})
    waiting = counts.get(states.PENDING, 0)
    read_at, plan = queries.stages.read_and_released(repository)
    return Panel(
        "access/repository_queue.html",
        {
            "repository": repository,
            "counts": [(status, counts.get(status, 0)) for status in states.OURS],
            "total": sum(counts.values()),
            "read_at": read_at,
            "waiting": waiting,
            "stage": _stage_word(plan),
            "lasts": messages.lasts(queries.length_within(repository, plan)),
            "note": messages.still_waiting(repository.gate, waiting),
            "may_grant": not repo_rules.is_open(repository.gate) and _may_grant(actor, repository),
        },
    )


def _may_grant(actor: Actor, repository: Repository) -> bool:
    """Whether letting somebody in is offered; of an author the page knows already."""
    known = not repository.namespace.second_factor and repo_queries.runs(actor, repository.namespace)
    return known or rights.may(actor, states.GRANT, repository)


def reasons(_actor: Actor, namespace: Namespace) -> Panel:
    """How many reason templates a namespace has, and the way to them."""
    context = {
        "namespace": namespace,
        "number": queries.count_reason_templates(namespace),
        "ended": 0 if namespace.changes_enabled else queries.count_ended(namespace),
    }
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


def statistics(subject: Repository | Namespace, reach: str, url: str) -> Panel:
    """The desk's numbers and the plots, of a repository or of all of a namespace; `reach` is a key of `RANGES`, any
    other word the usual one."""
    several = isinstance(subject, Namespace)
    scope = reads.of_namespace(subject) if isinstance(subject, Namespace) else reads.of_repository(subject)
    wanted = RANGES.get(reach, RANGES[USUAL])
    numbers = reads.numbers(scope, wanted)
    desk = numbers.desk
    return Panel(
        "access/statistics.html",
        {
            "desk": desk,
            "at": numbers.at,
            "median": duration(desk.median),
            "ninth": duration(desk.ninth),
            "ranges": [
                (item.label, url if item.key == USUAL else f"{url}?reach={item.key}", item == wanted)
                for item in RANGES.values()
            ],
            "figures": figures(numbers),
            "note": untimed_note(numbers),
            "several": several,
            "loads": [
                {
                    "repository_id": load.repository_id,
                    "name": load.name,
                    "waiting": load.waiting,
                    "median": duration(load.median),
                    "ninth": duration(load.ninth),
                }
                for load in desk.loads[:_LOADS]
            ],
            "more_loads": max(0, len(desk.loads) - _LOADS),
        },
    )


def downloads(_actor: Actor, repository: Repository) -> Panel:
    """Who can download now: accepted requesters apart from members, of whom the Hub tells only those who signed in
    here. Whether members are gated too cannot be read (HC §2, `orgMembersGated`)."""
    namespace = repository.namespace
    members = members_of(namespace.name)
    web = settings.HUB_URL + repo_rules.web_path(repository.kind, repository.name)
    return Panel(
        "access/downloads.html",
        {
            **reads.accepted(repository),
            "repository": repository,
            "namespace": namespace.name,
            "open": repo_rules.is_open(repository.gate),
            "personal": namespace.token_account.lower() == namespace.name.lower(),
            "admins": [name for name, role in members if role == "admin"],
            "members": [name for name, role in members if role != "admin"],
            "accepted_url": f"{reverse('access:inbox')}?repository={repository.pk}&status={states.ACCEPTED}",
            "ends_url": f"{reverse('access:inbox')}?repository={repository.pk}&ends=30",
            "settings_url": f"{web}/settings",
            "members_url": f"{settings.HUB_URL}/organizations/{namespace.name}/members",
        },
    )


def _read_at(walks: Sequence[ListWalk]) -> datetime | None:
    return next((walk.read_at for walk in walks if walk.status == states.PENDING), None)
