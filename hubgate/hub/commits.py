"""A commit as the Hub takes it, one JSON object a line, and the answer to it (HC §3). Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from hubgate.hub.session import Call
from hubgate.hub.types import CommitInfo

OID = re.compile(r"[0-9a-f]{40}")
PULL_REQUEST = re.compile(r"/discussions/([0-9]{1,9})$")
# The Hub takes larger files through LFS only; hubgate writes cards and other small texts.
MAX_FILE_BYTES = 10 * 2**20


def checked_path(path: str) -> str:
    """`path` if git can hold it; ValueError otherwise, so that it never leads to another endpoint."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) or not path.isprintable():
        raise ValueError(f"A repository cannot have a file {path!r}.")
    return path


def body(summary: str, description: str, parent: str | None, files: Mapping[str, bytes]) -> bytes:
    """The lines of a commit that writes these whole files, in the order of their paths."""
    if not summary.strip():
        raise ValueError("A commit needs a summary.")
    if not files:
        raise ValueError("A commit needs at least one file.")
    if parent is not None and not OID.fullmatch(parent):
        raise ValueError(f"A commit's id is 40 hex digits, not {parent!r}.")
    too_long = [path for path, content in files.items() if len(content) > MAX_FILE_BYTES]
    if too_long:
        raise ValueError(f"{too_long[0]} is longer than the {MAX_FILE_BYTES} bytes that a commit may hold.")
    header = {"summary": summary, "description": description, **({"parentCommit": parent} if parent else {})}
    lines: list[dict[str, Any]] = [{"key": "header", "value": header}]
    for path, content in sorted(files.items()):
        value = {"content": base64.b64encode(content).decode(), "path": checked_path(path), "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def build_call(call: Call, lines: bytes, *, create_pr: bool) -> Call:
    """The call that sends these lines, or proposes them as a pull request."""
    url = call.url.copy_merge_params({"create_pr": "1"}) if create_pr else call.url
    return replace(call, url=url, content=lines, headers=(("content-type", "application/x-ndjson"),))


def read_info(content: Any, *, wants_pull_request: bool) -> CommitInfo | None:
    """What the Hub says of the commit; None if it does not say enough."""
    if not isinstance(content, dict):
        return None
    sha, url, page = content.get("commitOid"), content.get("commitUrl"), content.get("pullRequestUrl")
    if not isinstance(sha, str) or not OID.fullmatch(sha) or not isinstance(url, str):
        return None
    found = PULL_REQUEST.search(page) if isinstance(page, str) else None
    if wants_pull_request and found is None:
        return None
    return CommitInfo(sha, url, int(found[1]) if found else None)
