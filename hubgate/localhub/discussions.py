"""Writes of discussions and pull requests (HC §5), each in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from hubgate.localhub import clock, stock
from hubgate.localhub.models import Account, Commit, Discussion, DiscussionEvent, Repo

Type = DiscussionEvent.Type
Status = Discussion.Status


def _event(found: Discussion, person: Account, kind: str, data: dict[str, Any]) -> DiscussionEvent:
    return DiscussionEvent.objects.create(discussion=found, author=person, type=kind, data=data, created_at=clock.now())


def _comment(found: Discussion, person: Account, text: str) -> DiscussionEvent:
    written = {"raw": text, "updatedAt": clock.now(), "hidden": False, "history": []}
    return _event(found, person, Type.COMMENT, written)


@transaction.atomic
def open_discussion(
    repo: Repo, person: Account, title: str, text: str, *, start: Commit | None = None, status: str = Status.OPEN
) -> Discussion:
    """Opens a discussion with its first comment; with `start` it is a pull request that begins there."""
    last = Discussion.objects.filter(repo=repo).aggregate(Max("num"))["num__max"] or 0
    found = Discussion.objects.create(
        repo=repo,
        num=last + 1,
        title=title,
        author=person,
        is_pull_request=start is not None,
        status=status,
        start=start,
        created_at=clock.now(),
    )
    _comment(found, person, text)
    return found


@transaction.atomic
def open_pull_request(repo: Repo, person: Account, title: str, text: str, start: Commit, *, draft: bool) -> Discussion:
    """Opens a pull request whose ref stands at `start`. One without commits is a draft (HC §5)."""
    found = open_discussion(repo, person, title[:200], text, start=start, status=Status.DRAFT if draft else Status.OPEN)
    stock.set_ref(repo, found.ref, start)
    return found


def of_ref(repo: Repo, ref: str) -> Discussion:
    """The pull request that a `refs/pr/N` belongs to."""
    return Discussion.objects.get(repo=repo, num=int(ref.rpartition("/")[2]))


def record_commit(found: Discussion, person: Account, made: Commit) -> DiscussionEvent:
    """Notes a commit in its pull request's events."""
    return _event(found, person, Type.COMMIT, {"subject": made.title, "oid": made.oid})


def is_unsettled(found: Discussion) -> bool:
    """Whether a pull request still takes commits: a draft or an open one."""
    return found.status in (Status.DRAFT, Status.OPEN)
