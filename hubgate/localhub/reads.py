"""Reads of the store: repositories by name, pages of access requests, revisions and files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Q, QuerySet

from hubgate.localhub import messages, rights
from hubgate.localhub.callers import Caller
from hubgate.localhub.controls import CONTROLS
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import AccessRequest, Account, Commit, OldName, Ref, Repo, RepoFile

TYPES = {"models": "model", "datasets": "dataset", "spaces": "space"}
PREFIXES = {"model": "", "dataset": "datasets/", "space": "spaces/"}
PERSON = ("hub_id", "avatar_url", "is_pro", "fullname", "name")
REQUEST = ("id", "request_id", "status", "timestamp", "reviewed_at", "fields", "shares_email", "person_id", "granted_by_id")
ROW = (*REQUEST, *(f"person__{key}" for key in (*PERSON, "verified_orgs", "email")))


class Moved(Exception):
    """The repository has another name now; the Hub answers 307 to `repo`."""

    def __init__(self, repo: Repo) -> None:
        super().__init__(repo.full_name)
        self.repo = repo


def account(name: str) -> Account | None:
    return Account.objects.filter(folded=name.lower()).first()


def person(*, user: object = None, hub_id: object = None) -> Account | None:
    """A person by user name (any case) or by `_id`; organisations are not found."""
    people = Account.objects.filter(kind=Account.Kind.USER)
    if user is not None:
        return people.filter(folded=str(user).lower()).first()
    return people.filter(hub_id=hub_id).first()


def repo(kind: str, full_name: str, caller: Caller) -> Repo:
    """The repository that the caller names; raises `Moved` for an old name, a refusal if it is not there or hidden."""
    found = Repo.objects.select_related("owner").filter(type=kind, folded=full_name.lower()).first()
    moved = None
    if found is None:
        moved = OldName.objects.select_related("repo__owner").filter(type=kind, folded=full_name.lower()).first()
        found = moved.repo if moved else None
    if found is None or not rights.may_see(caller, found):
        raise messages.repo_not_found(caller.person is not None)
    if moved is not None:
        raise Moved(found)
    if found.disabled and not (caller.person and rights.role_in(caller.person, found.owner)):
        raise Refusal(403, messages.DISABLED)
    return found


def commit(found: Repo, revision: str) -> Commit:
    """The commit of a branch, tag, full ref or (at least 7 digits of a) commit id; 404 `RevisionNotFound` otherwise."""
    by_ref = Q(ref=revision) | Q(name=revision, kind__in=("branches", "tags"))
    ref = Ref.objects.filter(by_ref, repo=found).select_related("commit").first()
    if ref is not None:
        return ref.commit
    by_id = found.commits.filter(oid__startswith=revision).first() if len(revision) >= 7 else None
    if by_id is None:
        raise messages.revision_not_found(revision)
    return by_id


def files(head: Commit | None) -> list[RepoFile]:
    return list(head.files.order_by("path")) if head else []


def file(head: Commit, path: str) -> RepoFile:
    found = head.files.filter(path=path).first()
    if found is None:
        raise messages.entry_not_found(head.oid)
    return found


def visible_repos(kind: str, caller: Caller) -> QuerySet[Repo]:
    """The repositories of a type that a list shows to the caller: public ones and those of their namespaces."""
    shown = Q(private=False)
    if caller.person is not None:
        shown |= Q(owner=caller.person) | Q(owner__memberships__person=caller.person)
    return Repo.objects.filter(shown, type=kind, disabled=False).select_related("owner").distinct()


def encode_cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(text: str, length: int) -> list[Any]:
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    if not isinstance(parts, list) or len(parts) != length:
        raise Refusal(400, "✖ Invalid cursor\n  → at cursor")
    return parts


def next_link(base: str, query: dict[str, Any], cursor: str) -> str:
    """A `Link` header value to the next page: absolute, with the query of this one."""
    pairs = [(key, value) for key, value in query.items() if key != "cursor" and value not in ("", None)]
    return f'<{base}?{urlencode([*pairs, ("cursor", cursor)], doseq=True)}>; rel="next"'


def _shown_person(row: dict[str, Any], emails: bool) -> dict[str, Any]:
    shown = {
        "_id": row["person__hub_id"],
        "avatarUrl": row["person__avatar_url"],
        "isPro": row["person__is_pro"],
        "fullname": row["person__fullname"],
        "user": row["person__name"],
        "type": "user",
        "verifiedOrgNames": row["person__verified_orgs"],
    }
    if emails and row["shares_email"] and row["person__email"]:
        shown["email"] = row["person__email"]
    return shown


def _granters(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    ids = {row["granted_by_id"] for row in rows} - {None}
    if not ids:
        return {}
    return {
        granter["id"]: {
            "_id": granter["hub_id"],
            "avatarUrl": granter["avatar_url"],
            "isPro": granter["is_pro"],
            "fullname": granter["fullname"],
            "user": granter["name"],
            "type": "user",
        }
        for granter in Account.objects.filter(id__in=ids).values("id", *PERSON)
    }


def _items(found: Repo, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    granters = _granters(rows)
    with_ids, people, emails = CONTROLS.request_ids, not found.hide_people, not found.hide_emails
    out = []
    for row in rows:
        item: dict[str, Any] = {"requestId": row["request_id"]} if with_ids else {}
        if people:
            item["user"] = _shown_person(row, emails)
        item["timestamp"] = row["timestamp"]
        if row["reviewed_at"]:
            item["reviewedAt"] = row["reviewed_at"]
        item["status"] = row["status"]
        if row["fields"]:
            item["fields"] = row["fields"]
        if row["granted_by_id"] in granters:
            item["grantedBy"] = granters[row["granted_by_id"]]
        out.append(item)
    return out


def _late_rows(found: Repo, status: str, query: dict[str, Any], late: dict[int, dict[str, Any] | None]) -> list[dict[str, Any]]:
    """The older state of rows that were just written, as far as it belongs on this list."""
    rows = [row for row in late.values() if row and row["status"] == status]
    prefix = query["q"].lower()
    return [
        row
        for row in rows
        if row["person__name"].lower().startswith(prefix)
        and row["timestamp"] > query.get("after", "")
        and row["timestamp"] < query.get("before", "~")
    ]


def request_row(found: Repo, person_id: int) -> dict[str, Any] | None:
    """A request's row in the shape of the lists."""
    return AccessRequest.objects.filter(repo=found, person_id=person_id).values(*ROW).first()


def request_page(found: Repo, status: str, query: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """A page of access requests, newest first, and the cursor of the next one (empty on the last).

    `query` comes from `validation.list_query`. `q` matches the start of the user name in any case, `after` and `before`
    exclude their own moment. The order is newest first by the time of the request (HC §1.2: the Hub documents none).
    """
    rows = AccessRequest.objects.filter(repo=found, status=status)
    if query["q"]:
        rows = rows.filter(person__folded__startswith=query["q"].lower())
    if "after" in query:
        rows = rows.filter(timestamp__gt=query["after"])
    if "before" in query:
        rows = rows.filter(timestamp__lt=query["before"])
    late = CONTROLS.shown_late(found.pk)
    if late:
        rows = rows.exclude(person_id__in=list(late))
    extra = _late_rows(found, status, query, late)
    if query["cursor"]:
        timestamp, row_id = decode_cursor(query["cursor"], 2)
        rows = rows.filter(Q(timestamp__lte=timestamp) & (Q(timestamp__lt=timestamp) | Q(id__lt=row_id)))
        extra = [row for row in extra if (row["timestamp"], row["id"]) < (timestamp, row_id)]
    limit = query["limit"]
    page = list(rows.order_by("-timestamp", "-id").values(*ROW)[: limit + 1])
    if extra:
        page = sorted([*page, *extra], key=lambda row: (row["timestamp"], row["id"]), reverse=True)
    more = len(page) > limit
    page = page[:limit]
    cursor = encode_cursor(page[-1]["timestamp"], page[-1]["id"]) if more else ""
    return _items(found, page), cursor


def report(found: Repo) -> Iterator[dict[str, Any]]:
    """The access report: all statuses, newest first (HC §1.5)."""
    rows = (
        AccessRequest.objects.filter(repo=found)
        .order_by("-timestamp", "-id")
        .values(*ROW, "granted_by__fullname", "granted_by__name")
    )
    for row in rows.iterator(chunk_size=2000):
        entry: dict[str, Any] = {}
        if not found.hide_people:
            entry["fullname"] = row["person__fullname"]
            entry["user"] = row["person__name"]
            if row["shares_email"] and row["person__email"] and not found.hide_emails:
                entry["email"] = row["person__email"]
        entry["time"] = row["timestamp"]
        if row["reviewed_at"]:
            entry["reviewedAt"] = row["reviewed_at"]
        entry["status"] = row["status"]
        if row["granted_by_id"]:
            entry["grantedBy"] = {"fullname": row["granted_by__fullname"], "user": row["granted_by__name"]}
        yield entry


def files_of_heads(repos: list[Repo]) -> dict[int, list[RepoFile]]:
    """The files of main of several repositories, in one query, by repository id."""
    out: dict[int, list[RepoFile]] = {found.pk: [] for found in repos}
    heads = RepoFile.objects.filter(commit__repo__in=repos, commit__refs__ref="refs/heads/main").select_related("commit")
    for one in heads.order_by("path"):
        out[one.commit.repo_id].append(one)
    return out
