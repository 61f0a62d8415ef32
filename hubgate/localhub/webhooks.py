"""Which webhooks an event wakes and what they are sent (HC §6). A delivery is tried once: the Hub documents no retries.

Asking for access, deciding and the like wake none: the Hub has no event for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from hubgate.localhub import clock, reads, rights
from hubgate.localhub.callers import Caller
from hubgate.localhub.controls import CONTROLS
from hubgate.localhub.couriers import COURIER
from hubgate.localhub.models import Commit, Delivery, Discussion, DiscussionEvent, Repo, Webhook

VERSION = 3
# Triggers of one webhook in 24 hours, above which the Hub stops calling it.
MOST = 1000


def _watches(hook: Webhook, repo: Repo, domain: str) -> bool:
    names = {("user", repo.owner.folded), ("org", repo.owner.folded), (repo.type, repo.folded)}
    watched = any((item["type"], item["name"].lower()) in names for item in hook.watched)
    return watched and domain in hook.domains and rights.may_see(Caller(hook.person), repo)


def _repo(repo: Repo) -> dict[str, Any]:
    origin = CONTROLS.origin
    return {
        "type": repo.type,
        "name": repo.full_name,
        "id": repo.hub_id,
        "private": repo.private,
        "url": {
            "web": f"{origin}/{reads.PREFIXES[repo.type]}{repo.full_name}",
            "api": f"{origin}/api/{repo.type}s/{repo.full_name}",
        },
        "headSha": repo.sha,
        "owner": {"id": repo.owner.hub_id},
        "tags": repo.tags,
    }


def announce(repo: Repo, action: str, scope: str, **parts: Any) -> None:
    """Queues an event for every webhook that watches the repository; call it in the transaction of the change."""
    domain = "discussion" if scope.startswith("discussion") else "repo"
    hooks = [
        hook for hook in Webhook.objects.filter(disabled=False).select_related("person") if _watches(hook, repo, domain)
    ]
    if not hooks:
        return
    day_ago = clock.wire(datetime.fromisoformat(clock.now()).astimezone(UTC) - timedelta(days=1))
    body = {"event": {"action": action, "scope": scope}, "repo": _repo(repo), **parts}
    for hook in hooks:
        if hook.deliveries.filter(created_at__gt=day_ago).count() < MOST:
            queue(hook, {**body, "webhook": {"id": hook.hub_id, "version": VERSION}})


def queue(hook: Webhook, payload: dict[str, Any]) -> Delivery:
    """Puts a call of a webhook in the queue; it goes out once the transaction stands."""
    made = Delivery.objects.create(webhook=hook, payload=payload, created_at=clock.now())
    transaction.on_commit(COURIER.wake)
    return made


def content(repo: Repo, ref: str, old: Commit | None, new: Commit) -> None:
    """`repo.content`: a ref moved."""
    moved = {"ref": ref, "oldSha": old.oid if old else None, "newSha": new.oid}
    announce(repo, "update", "repo.content", updatedRefs=[moved])


def config(repo: Repo, changed: set[str]) -> None:
    """`repo.config`: only the visibility is told; of a gate that changes, that something did (HC §6)."""
    announce(repo, "update", "repo.config", updatedConfig={"private": repo.private} if "private" in changed else {})


def _discussion(found: Discussion) -> dict[str, Any]:
    page = f"{CONTROLS.origin}/{reads.PREFIXES[found.repo.type]}{found.repo.full_name}/discussions/{found.num}"
    out: dict[str, Any] = {
        "id": found.hub_id,
        "title": found.title,
        "url": {
            "web": page,
            "api": f"{CONTROLS.origin}/api/{found.repo.type}s/{found.repo.full_name}/discussions/{found.num}",
        },
        "author": {"id": found.author.hub_id if found.author else ""},
        "isPullRequest": found.is_pull_request,
        "status": found.status,
        "num": found.num,
    }
    if found.is_pull_request:
        out["changes"] = {"base": "refs/heads/main"}
        if found.merge_commit is not None:
            out["changes"]["mergeCommitId"] = found.merge_commit.oid
    return out


def _comment(row: DiscussionEvent, page: str) -> dict[str, Any]:
    out = {
        "id": row.hub_id,
        "author": {"id": row.author.hub_id if row.author else ""},
        "hidden": row.data["hidden"],
        "url": {"web": f"{page}#{row.hub_id}"},
    }
    return out if row.data["hidden"] else {**out, "content": row.data["raw"]}


def discussion(found: Discussion, action: str, row: DiscussionEvent | None = None) -> None:
    """`discussion`: opened (with its first comment `row`) or changed."""
    told = _discussion(found)
    parts = {"comment": _comment(row, told["url"]["web"])} if row else {}
    announce(found.repo, action, "discussion", discussion=told, **parts)


def comment(found: Discussion, action: str, row: DiscussionEvent) -> None:
    """`discussion.comment`: written, edited or hidden."""
    told = _discussion(found)
    announce(found.repo, action, "discussion.comment", discussion=told, comment=_comment(row, told["url"]["web"]))
