"""File contents by their sha256 in the store's folder, and git's own ids for blobs, trees and commits."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from hubgate.localhub.settings import BLOBS

PIECE = 2**20


def git_id(kind: str, content: bytes) -> str:
    """Git's object id: sha1 over `kind`, length, NUL and content."""
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(content)) + content, usedforsecurity=False).hexdigest()


def pointer(sha256: str, size: int) -> bytes:
    """The text that git keeps in place of an LFS file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def tree_ids(files: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Git's tree ids by folder path (`""`: the root) for files given as (path, blob id)."""
    folders: dict[str, dict[str, tuple[str, str]]] = {"": {}}
    for path, oid in files:
        *parents, name = path.split("/")
        for depth in range(len(parents)):
            folders.setdefault("/".join(parents[: depth + 1]), {})
        folders["/".join(parents)][name] = ("100644", oid)
    ids: dict[str, str] = {}
    for folder in sorted(folders, key=lambda path: path.count("/") + bool(path), reverse=True):
        entries = folders[folder]
        # Git sorts a folder as if its name ended in a slash.
        ordered = sorted(entries.items(), key=lambda item: item[0] + ("/" if item[1][0] == "40000" else ""))
        content = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in ordered)
        ids[folder] = git_id("tree", content)
        if folder:
            parent, _, name = folder.rpartition("/")
            folders[parent][name] = ("40000", ids[folder])
    return ids


def path_of(sha256: str) -> Path:
    return BLOBS / sha256[:2] / sha256


def keep(content: bytes) -> str:
    """Stores a content once and gives its sha256."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    return sha256


def keep_stream(source: BinaryIO, sha256: str, size: int) -> bool:
    """Stores a content that must have this sha256 and size, piece by piece; False, and nothing kept, if it has not."""
    path = path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), size
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            # One byte more than was announced tells that too much comes.
            while left >= 0 and (piece := source.read(min(PIECE, left + 1))):
                left -= len(piece)
                digest.update(piece)
                file.write(piece)
        good = left == 0 and digest.hexdigest() == sha256
        if good:
            os.replace(temporary, path)
        return good
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def read(sha256: str) -> bytes:
    return path_of(sha256).read_bytes()
