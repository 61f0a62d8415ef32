"""Commits as the API takes them (HC §3): a header and operations, one JSON object a line, applied to a branch or a
pull request's ref in one transaction."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction

from hubgate.localhub import blobs, card, discussions, messages, reads, stock
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Commit, Discussion, Ref, Repo, RepoFile

OID = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_REGULAR = 10 * 2**20
MAX_PATH = 500
MOVED = "A commit has happened since. Please refresh and try again."
NO_FILE = "A file with this name doesn't exist"


@dataclass(frozen=True)
class Operation:
    """One line: `file` and `lfsFile` put `file` (an unsaved row) at `path`, the others take the path away.

    `folder` says what may be taken away: a file (False), a folder (True), or whichever is there (None)."""

    path: str
    file: RepoFile | None = None
    folder: bool | None = False


@dataclass(frozen=True)
class Draft:
    """A commit that was sent: `parent` is the commit id that the sender believes to be the head, if they said so."""

    summary: str
    description: str
    parent: str | None
    operations: tuple[Operation, ...]


def _bad(line: int, text: str) -> Refusal:
    return Refusal(400, f"✖ {text}\n  → at line {line}")


def _path(value: object, line: int) -> str:
    """A path inside the repository that git can hold."""
    path = value if isinstance(value, str) else ""
    parts = path.split("/")
    wrong = not path or len(path) > MAX_PATH or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
    if wrong or any(ord(letter) < 32 or ord(letter) == 127 for letter in path) or "\\" in path:
        raise _bad(line, f"Invalid path: {path[:100]!r}")
    return path


def _regular(value: dict[str, Any], line: int) -> RepoFile:
    path, content, encoding = _path(value.get("path"), line), value.get("content"), value.get("encoding", "utf-8")
    if not isinstance(content, str):
        raise _bad(line, "Invalid input: content must be a string")
    if encoding not in ("base64", "utf-8"):
        raise _bad(line, 'Invalid option: expected one of "base64"|"utf-8" at encoding')
    try:
        data = base64.b64decode(content, validate=True) if encoding == "base64" else content.encode()
    except (binascii.Error, ValueError):
        raise _bad(line, "Invalid base64 in content") from None
    if len(data) > MAX_REGULAR:
        told = f"Your push was rejected because it contains files larger than 10 MiB. Offending file: {path}"
        raise Refusal(400, told)
    return RepoFile(path=path, oid=blobs.git_id("blob", data), sha256=blobs.keep(data), size=len(data))


def _large(value: dict[str, Any], line: int) -> RepoFile:
    path, oid = _path(value.get("path"), line), value.get("oid")
    if value.get("algo", "sha256") != "sha256" or not isinstance(oid, str) or not SHA256.fullmatch(oid):
        raise _bad(line, "Invalid LFS file: algo must be sha256 and oid 64 hex digits")
    stored = blobs.path_of(oid)
    size = stored.stat().st_size if stored.exists() else None
    if size is None or value.get("size", size) != size:
        told = (
            "Your push was rejected because an LFS pointer pointed to a file that does not exist."
            f" Offending file: {path}"
        )
        raise Refusal(400, told)
    return RepoFile(path=path, oid=blobs.git_id("blob", blobs.pointer(oid, size)), sha256=oid, size=size, lfs=True)


DELETIONS: dict[str, bool | None] = {"deletedFile": False, "deletedFolder": True, "deletedEntry": None}


def read(body: bytes, kind: str) -> Draft:
    """The draft in an `application/x-ndjson` body; file contents are kept as blobs. `kind` is the repository's type.

    Refuses with 400: what is no such body, paths that git cannot hold, files over 10 MiB that are no LFS files, LFS
    files that were not uploaded, and a README.md whose front matter does not stand (HC §3)."""
    header: dict[str, Any] | None = None
    operations = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            item = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise _bad(number, "Invalid JSON") from None
        key, value = (item.get("key"), item.get("value")) if isinstance(item, dict) else (None, None)
        if not isinstance(value, dict):
            raise _bad(number, "Invalid input: expected an object with key and value")
        if key == "header":
            header = value
        elif key == "file":
            file = _regular(value, number)
            operations.append(Operation(file.path, file))
        elif key == "lfsFile":
            file = _large(value, number)
            operations.append(Operation(file.path, file))
        elif key in DELETIONS:
            path = value.get("path")
            operations.append(
                Operation(_path(path.rstrip("/") if isinstance(path, str) else path, number), None, DELETIONS[key])
            )
        else:
            raise _bad(number, f"Invalid key: {str(key)[:50]!r}")
    if header is None:
        raise Refusal(400, "✖ The header is missing\n  → at line 1")
    return Draft(*_header(header), _checked(operations, kind))


def _header(header: dict[str, Any]) -> tuple[str, str, str | None]:
    summary, description, parent = header.get("summary"), header.get("description") or "", header.get("parentCommit")
    if not isinstance(summary, str) or not summary.strip():
        raise Refusal(400, "✖ Too small: expected string to have >=1 characters\n  → at header.summary")
    if not isinstance(description, str):
        raise Refusal(400, "✖ Invalid input: expected string\n  → at header.description")
    if parent is not None and (not isinstance(parent, str) or not OID.fullmatch(parent)):
        raise Refusal(400, "✖ Invalid string: must match pattern /^[0-9a-f]{40}$/\n  → at header.parentCommit")
    return summary.strip(), description, parent


def _checked(operations: Sequence[Operation], kind: str) -> tuple[Operation, ...]:
    for operation in operations:
        if operation.path == "README.md" and operation.file is not None and not operation.file.lfs:
            errors, _ = card.problems(blobs.read(operation.file.sha256).decode(errors="replace"), kind)
            if errors:
                raise Refusal(400, f"Invalid metadata in README.md. {' '.join(errors)}")
    return tuple(operations)


def tree_after(before: Sequence[RepoFile], operations: Sequence[Operation]) -> list[RepoFile]:
    """The files after the operations, in their order, by path; 404 where one takes away what is not there."""
    files = {file.path: file for file in before}
    for operation in operations:
        path, inside = operation.path, f"{operation.path}/"
        if operation.file is not None:
            parents = path.split("/")[:-1]
            in_the_way = ["/".join(parents[: depth + 1]) for depth in range(len(parents))]
            if any(folder in files for folder in in_the_way) or any(other.startswith(inside) for other in files):
                raise Refusal(400, f"A file and a folder cannot have the same path: {path}")
            files[path] = operation.file
            continue
        gone = [other for other in files if other.startswith(inside)] if operation.folder is not False else []
        gone += [path] if operation.folder is not True and path in files else []
        if not gone:
            raise Refusal(404, f"{NO_FILE}: {path}", "EntryNotFound")
        for other in gone:
            del files[other]
    return [files[path] for path in sorted(files)]


def ref_of(repo: Repo, revision: str) -> Ref:
    """The branch or pull request's ref that a commit goes to; 404 `RevisionNotFound` for anything else."""
    full = revision if revision.startswith("refs/") else f"refs/heads/{revision}"
    kinds = (Ref.Kind.BRANCH, Ref.Kind.PULL_REQUEST)
    found = Ref.objects.filter(repo=repo, ref=full, kind__in=kinds).select_related("commit").first()
    if found is None:
        raise messages.revision_not_found(revision)
    return found


@transaction.atomic
def push(repo: Repo, person: Account, revision: str, draft: Draft) -> Commit:
    """Commits to a branch or an unmerged pull request; 412 when its head is not the draft's parent any more."""
    ref = ref_of(repo, revision)
    head = ref.commit
    if draft.parent is not None and draft.parent != head.oid:
        raise Refusal(412, MOVED)
    if ref.kind != Ref.Kind.PULL_REQUEST:
        return _made(repo, ref.ref, head, person, draft)
    pull_request = discussions.of_ref(repo, ref.ref)
    if not discussions.is_unsettled(pull_request):
        raise Refusal(403, f"The pull request #{pull_request.num} is {pull_request.status}")
    made = _made(repo, ref.ref, head, person, draft)
    discussions.record_commit(pull_request, person, made)
    return made


@transaction.atomic
def propose(repo: Repo, person: Account, revision: str, draft: Draft) -> tuple[Commit, Discussion]:
    """Opens a pull request with the draft as its commit, from the draft's parent or the head of main (HC §3)."""
    if ref_of(repo, revision).ref != stock.MAIN:
        raise Refusal(400, "A pull request is made against main")
    start = reads.commit(repo, draft.parent or stock.MAIN)
    opened = discussions.open_pull_request(repo, person, draft.summary, draft.description, start, draft=False)
    made = _made(repo, opened.ref, start, person, draft)
    discussions.record_commit(opened, person, made)
    return made, opened


def _made(repo: Repo, ref: str, parent: Commit, person: Account, draft: Draft) -> Commit:
    stored = tree_after(reads.files(parent), draft.operations)
    return stock.record(
        repo, ref, stored, parent=parent, author=person.name, title=draft.summary, message=draft.description
    )
