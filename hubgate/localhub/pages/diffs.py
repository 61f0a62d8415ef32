"""A unified diff, line by line with what each line is. Pure."""

from __future__ import annotations

MOST = 2000


def lines(diff: str) -> list[tuple[str, str]]:
    """(class, text) for each line, up to a limit: `added`, `removed`, `place` (of a hunk or a file), or nothing."""
    return [(_kind(line), line) for line in diff.splitlines()[:MOST]]


def _kind(line: str) -> str:
    if line.startswith(("diff --git ", "@@ ", "--- ", "+++ ", "index ", "new file ", "deleted file ")):
        return "place"
    return {"+": "added", "-": "removed"}.get(line[:1], "")
