"""What a pull request changes, whether that still fits main, and its diff as git writes it. Pure over file rows."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from hubgate.localhub import blobs
from hubgate.localhub.models import RepoFile

NO_END = "\\ No newline at end of file\n"


@dataclass(frozen=True)
class Change:
    """One path before and after; None where it is not there."""

    path: str
    before: RepoFile | None
    after: RepoFile | None


def changes(before: Sequence[RepoFile], after: Sequence[RepoFile]) -> list[Change]:
    """The paths that differ between two trees, in order."""
    old, new = {file.path: file for file in before}, {file.path: file for file in after}
    return [
        Change(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if _oid(old.get(path)) != _oid(new.get(path))
    ]


def _oid(file: RepoFile | None) -> str:
    return file.oid if file else ""


def merged(
    start: Sequence[RepoFile], ours: Sequence[RepoFile], theirs: Sequence[RepoFile]
) -> tuple[list[RepoFile], list[str]]:
    """Our tree with what they changed since `start`, and the paths that both changed differently."""
    mine = {change.path: change.after for change in changes(start, ours)}
    files = {file.path: file for file in ours}
    conflicts = []
    for change in changes(start, theirs):
        if change.path in mine and _oid(mine[change.path]) != _oid(change.after):
            conflicts.append(change.path)
        elif change.after is None:
            files.pop(change.path, None)
        else:
            files[change.path] = change.after
    # One side's file may stand where the other side made a folder.
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    conflicts += [path for path in files if path in folders and path not in conflicts]
    return [files[path] for path in sorted(files)], sorted(conflicts)


def _lines(file: RepoFile | None) -> list[str] | None:
    """The lines that git compares, an LFS file by its pointer; None for a binary file."""
    if file is None:
        return []
    content = blobs.pointer(file.sha256, file.size) if file.lfs else blobs.read(file.sha256)
    if b"\0" in content[:8000]:
        return None
    return content.decode(errors="replace").splitlines(keepends=True)


def diff(found: Sequence[Change]) -> str:
    """The changes as a unified diff."""
    out: list[str] = []
    for change in found:
        path, old, new = change.path, change.before, change.after
        out.append(f"diff --git a/{path} b/{path}\n")
        if old is None:
            out.append("new file mode 100644\n")
        if new is None:
            out.append("deleted file mode 100644\n")
        mode = " 100644" if old and new else ""
        out.append(f"index {(_oid(old) or '0' * 40)[:7]}..{(_oid(new) or '0' * 40)[:7]}{mode}\n")
        names = (f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null")
        before, after = _lines(old), _lines(new)
        if before is None or after is None:
            out.append(f"Binary files {names[0]} and {names[1]} differ\n")
            continue
        for line in difflib.unified_diff(before, after, *names):
            out += [line] if line.endswith("\n") else [f"{line}\n", NO_END]
    return "".join(out)
