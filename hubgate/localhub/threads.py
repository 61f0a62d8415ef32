"""Discussions and pull requests as the Hub writes them (HC §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from hubgate.localhub import discussions, merges, messages, rights, stock
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Discussion, DiscussionEvent, Repo
from hubgate.localhub.pages import markup

PAGE = 25
TYPES = ("all", "discussion", "pull_request")
STATUSES = ("all", "open", "closed")
# A draft is waiting too; what was merged is done like what was closed.
OPEN = ("open", "draft")
Type = DiscussionEvent.Type


def found(repo: Repo, num: int) -> Discussion:
    """A discussion by its number; 404 if there is none."""
    row = Discussion.objects.select_related("repo__owner", "author", "start").filter(repo=repo, num=num).first()
    if row is None:
        raise Refusal(404, "Discussion not found")
    return row


def comment(discussion: Discussion, hub_id: str) -> DiscussionEvent:
    """A comment by its id; 404 if there is none."""
    row = discussion.events.filter(type=Type.COMMENT, hub_id=hub_id.lower()).first()
    if row is None:
        raise Refusal(404, "Comment not found")
    return row


def selected(repo: Repo, query: Mapping[str, str]) -> QuerySet[Discussion]:
    """The discussions that `type`, `status`, `author` and `search` choose, newest first."""
    kind, status = query.get("type") or "all", query.get("status") or "all"
    for value, options, name in ((kind, TYPES, "type"), (status, STATUSES, "status")):
        if value not in options:
            raise Refusal(
                400,
                "✖ Invalid option: expected one of " + "|".join(f'"{one}"' for one in options) + f"\n  → at {name}",
            )
    rows = Discussion.objects.filter(repo=repo).select_related("author", "repo").order_by("-num")
    if kind != "all":
        rows = rows.filter(is_pull_request=kind == "pull_request")
    if status != "all":
        rows = rows.filter(status__in=OPEN) if status == "open" else rows.exclude(status__in=OPEN)
    if query.get("author"):
        rows = rows.filter(author__folded=query["author"].lower())
    if query.get("search"):
        rows = rows.filter(title__icontains=query["search"])
    return rows.annotate(comments=Count("events", filter=Q(events__type=Type.COMMENT)))


def page(repo: Repo, query: Mapping[str, str]) -> dict[str, Any]:
    """The list's body: a page of 25 by `p` from 0."""
    given = query.get("p") or "0"
    if not given.isdecimal() or len(given) > 6:
        raise Refusal(400, "✖ Invalid input: expected int\n  → at p")
    rows, start = selected(repo, query), int(given) * PAGE
    shown = [{**item(row), "numComments": row.comments} for row in rows[start : start + PAGE]]  # type: ignore[attr-defined]
    waiting = Discussion.objects.filter(repo=repo, status__in=OPEN).count()
    return {
        "discussions": shown,
        "count": rows.count(),
        "start": start,
        "numClosedDiscussions": Discussion.objects.filter(repo=repo).count() - waiting,
    }


def _author(person: Account | None) -> dict[str, Any]:
    """The author's part of an item; nothing when the account is gone."""
    if person is None:
        return {}
    return {
        "author": {
            "_id": person.hub_id,
            "avatarUrl": person.avatar_url,
            "fullname": person.fullname,
            "name": person.name,
            "type": "user",
            "isPro": person.is_pro,
        }
    }


def item(row: Discussion) -> dict[str, Any]:
    return {
        "num": row.num,
        **_author(row.author),
        "repo": {"name": row.repo.full_name, "type": row.repo.type},
        "title": row.title,
        "status": row.status,
        "createdAt": row.created_at,
        "isPullRequest": row.is_pull_request,
        "pinned": False,
    }


def event(row: DiscussionEvent) -> dict[str, Any]:
    """An event with its data in the wire's form; a hidden comment says nothing any more."""
    out = {"id": row.hub_id, **_author(row.author), "createdAt": row.created_at, "type": row.type, "data": row.data}
    if row.type == Type.COMMENT:
        data = row.data
        latest = {"raw": data["raw"], "html": markup.to_html(data["raw"]), "updatedAt": data["updatedAt"]}
        out["data"] = {
            "edited": bool(data["history"]),
            "hidden": data["hidden"],
            "latest": {**latest, **_author(row.author)},
            "numEdits": len(data["history"]),
            "history": data["history"],
        }
    return out


def shown_diff(row: Discussion, caller: Caller) -> str:
    """The diff of a pull request, of a gated repository only with the files that the caller may read (HC §1.7)."""
    closed = rights.gate(caller, row.repo, "") is not None
    found = discussions.changed(row)
    return merges.diff([change for change in found if not closed or change.path in rights.OPEN_FILES])


def details(row: Discussion, *, diff_for: Caller | None) -> dict[str, Any]:
    """A discussion with its events; of a pull request also where it goes, its conflicts and, if somebody asks for it,
    its diff as far as they may see it."""
    out = {
        **item(row),
        "_id": row.hub_id,
        "events": [event(one) for one in row.events.select_related("author").order_by("id")],
    }
    if row.is_pull_request:
        out["changes"] = {"base": stock.MAIN}
        if row.merge_commit is not None:
            out["changes"]["mergeCommitId"] = row.merge_commit.oid
        out["filesWithConflicts"] = discussions.conflicts(row)
        if diff_for is not None:
            out["diff"] = shown_diff(row, diff_for)
    return out


def require_reader(repo: Repo) -> None:
    """Whoever sees the repository reads its discussions, also behind a gate (HC §5), unless they are switched off."""
    if repo.discussions_disabled:
        raise Refusal(403, messages.NO_DISCUSSIONS)
