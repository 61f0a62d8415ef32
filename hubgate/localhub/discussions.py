"""Writes of discussions and pull requests (HC §5), each in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from hubgate.localhub import clock, merges, reads, stock, webhooks
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Commit, Discussion, DiscussionEvent, Repo, RepoFile

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
    first = _comment(found, person, text)
    webhooks.discussion(found, "create", first)
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


@transaction.atomic
def comment(found: Discussion, person: Account, text: str) -> DiscussionEvent:
    """Adds a comment, also to what is closed or merged."""
    made = _comment(found, person, text)
    webhooks.comment(found, "create", made)
    return made


def _locked(found: Discussion) -> Discussion:
    """The discussion as it is now that we hold the store's one write lock."""
    found.refresh_from_db(fields=["status", "title", "merge_commit"])
    return found


@transaction.atomic
def set_status(found: Discussion, person: Account, status: str, text: str) -> DiscussionEvent:
    """Opens (publishes a draft, too) or closes; a comment may go with it. 400 for what is merged or is so already."""
    current = _locked(found).status
    if current in (status, Status.MERGED):
        raise Refusal(400, f"This {_noun(found)} is {current} already")
    if text:
        comment(found, person, text)
    found.status = status
    found.save(update_fields=["status"])
    webhooks.discussion(found, "update")
    return _event(found, person, Type.STATUS, {"status": status})


def _noun(found: Discussion) -> str:
    return "pull request" if found.is_pull_request else "discussion"


@transaction.atomic
def rename(found: Discussion, person: Account, title: str) -> DiscussionEvent:
    """Gives another title."""
    before = _locked(found).title
    found.title = title
    found.save(update_fields=["title"])
    webhooks.discussion(found, "update")
    return _event(found, person, Type.TITLE, {"from": before, "to": title})


@transaction.atomic
def edit(event: DiscussionEvent, text: str) -> DiscussionEvent:
    """Writes a comment anew and keeps what it said before. A hidden one stays as it is: 400."""
    event.refresh_from_db(fields=["data"])
    if event.data["hidden"]:
        raise Refusal(400, "This comment is hidden")
    before = {"raw": event.data["raw"], "updatedAt": event.data["updatedAt"]}
    event.data = {**event.data, "raw": text, "updatedAt": clock.now(), "history": [before, *event.data["history"]]}
    event.save(update_fields=["data"])
    webhooks.comment(event.discussion, "update", event)
    return event


@transaction.atomic
def hide(event: DiscussionEvent) -> DiscussionEvent:
    """Hides a comment for good: what it said is gone."""
    event.data = {"raw": "", "updatedAt": clock.now(), "hidden": True, "history": []}
    event.save(update_fields=["data"])
    webhooks.comment(event.discussion, "update", event)
    return event


def changed(found: Discussion) -> list[merges.Change]:
    """What a pull request changes of the commit that it began from."""
    head = reads.commit(found.repo, found.ref)
    return merges.changes(reads.files(found.start), reads.files(head))


def conflicts(found: Discussion) -> list[str]:
    """The files that an unmerged pull request and main both changed since it began."""
    if not is_unsettled(found):
        return []
    return _merged(found)[1]


def _merged(found: Discussion) -> tuple[list[RepoFile], list[str]]:
    ours, theirs = reads.commit(found.repo, stock.MAIN), reads.commit(found.repo, found.ref)
    return merges.merged(reads.files(found.start), reads.files(ours), reads.files(theirs))


@transaction.atomic
def merge(found: Discussion, person: Account, text: str) -> DiscussionEvent:
    """Brings an open pull request to main as one commit with its title and number; 400 where that cannot be."""
    if _locked(found).status != Status.OPEN:
        raise Refusal(400, f"This {_noun(found)} cannot be merged: it is {found.status}")
    pushed = found.events.filter(type=Type.COMMIT).order_by("id")
    if not pushed:
        raise Refusal(400, "This pull request has no commits")
    files, both = _merged(found)
    if both:
        raise Refusal(400, f"This pull request has conflicts with main in {', '.join(both)}")
    if text:
        comment(found, person, text)
    subjects = "\n".join(f"- {event.data['subject']} ({event.data['oid']})" for event in pushed)
    found.merge_commit = stock.record(
        found.repo,
        stock.MAIN,
        files,
        parent=reads.commit(found.repo, stock.MAIN),
        author=person.name,
        title=f"{found.title} (#{found.num})",
        message=subjects,
    )
    found.status = Status.MERGED
    found.save(update_fields=["status", "merge_commit"])
    webhooks.discussion(found, "update")
    return _event(found, person, Type.STATUS, {"status": Status.MERGED.value})
