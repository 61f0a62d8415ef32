"""Reads of the store: people, repositories by name, revisions and files, cursors of lists."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Q, QuerySet

from hubgate.localhub import messages, rights
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Commit, OldName, Ref, Repo, RepoFile

TYPES = {"models": "model", "datasets": "dataset", "spaces": "space"}
PREFIXES = {"model": "", "dataset": "datasets/", "space": "spaces/"}


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


def decode_cursor(text: str, *kinds: type) -> list[Any]:
    """The values of a cursor that `encode_cursor` made, of these types; 400 for anything else."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    fits = isinstance(parts, list) and len(parts) == len(kinds)
    if not fits or not all(type(part) is kind for part, kind in zip(parts, kinds, strict=True)):
        raise Refusal(400, "✖ Invalid cursor\n  → at cursor")
    return parts


def next_link(base: str, query: dict[str, Any], cursor: str) -> str:
    """A `Link` header value to the next page: absolute, with the query of this one."""
    pairs = [(key, value) for key, value in query.items() if key != "cursor" and value not in ("", None)]
    return f'<{base}?{urlencode([*pairs, ("cursor", cursor)], doseq=True)}>; rel="next"'


def files_of_heads(repos: list[Repo]) -> dict[int, list[RepoFile]]:
    """The files of main of several repositories, in one query, by repository id."""
    out: dict[int, list[RepoFile]] = {found.pk: [] for found in repos}
    heads = RepoFile.objects.filter(commit__repo__in=repos, commit__refs__ref="refs/heads/main").select_related(
        "commit"
    )
    for one in heads.order_by("path"):
        out[one.commit.repo_id].append(one)
    return out
