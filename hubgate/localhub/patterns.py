"""Path patterns as git reads them in `.gitattributes` and `.gitignore`. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_PIECES = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?[^\]]+\]|\\.|.", re.S)


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern without a slash fits a name in any folder; with one it is held against the whole path."""
    anchored = "/" in pattern.rstrip("/")
    out = "" if anchored else "(?:.*/)?"
    for piece in _PIECES.findall(pattern.strip("/")):
        if piece == "**/":
            out += "(?:.*/)?"
        elif piece == "/**":
            out += "/.*"
        elif piece == "**":
            out += ".*"
        elif piece == "*":
            out += "[^/]*"
        elif piece == "?":
            out += "[^/]"
        elif len(piece) > 1 and piece[0] == "[":
            out += ("[^" if piece[1] == "!" else "[") + re.escape(piece[1:-1].lstrip("!")).replace(r"\-", "-") + "]"
        else:
            out += re.escape(piece[-1])
    return re.compile(out)


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern fits a path ("folder/name")."""
    return _expression(pattern).fullmatch(path) is not None


def is_lfs(attributes: str, path: str) -> bool:
    """Whether `.gitattributes` sends this path to LFS: of the lines that fit it, the last that says so counts."""
    found = False
    for line in attributes.splitlines():
        pattern, *words = line.split()[:20] or [""]
        if pattern and not pattern.startswith("#") and fits(pattern, path):
            if "filter=lfs" in words:
                found = True
            elif any(word in ("-filter", "!filter") or word.startswith("filter=") for word in words):
                found = False
    return found


def is_ignored(rules: str, path: str) -> bool:
    """Whether `.gitignore` leaves this path out; a folder that is left out takes all inside with it."""
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        is_folder = depth < len(parts)
        part, found = "/".join(parts[:depth]), False
        for line in rules.splitlines():
            rule = line.rstrip()
            if not rule or rule.startswith("#"):
                continue
            wanted = not rule.startswith("!")
            rule = rule.removeprefix("!")
            if (is_folder or not rule.endswith("/")) and fits(rule, part):
                found = wanted
        if found:
            return True
    return False
