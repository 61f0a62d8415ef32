"""Prints what hubgate.css is built from as one hash: the style sources, and every word of the files that are searched
for classes. So whether the committed styles are fresh can be told without node."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

STYLES = Path(__file__).resolve().parent
_WORD = re.compile(r"[^\s\"'`<>={}()|]+")


def stamp() -> str:
    """The hash over the sources as they are now."""
    words = {word for path in searched() for word in _WORD.findall(path.read_text(encoding="utf-8"))}
    digest = hashlib.sha256("\n".join(sorted(words)).encode())
    for path in sorted([*STYLES.glob("*.css"), *STYLES.glob("components/*.css"), STYLES / "package-lock.json"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def searched() -> list[Path]:
    """The files that the style sources name as places of classes."""
    found: list[Path] = []
    for pattern in re.findall(r'@source "([^"]+)"', (STYLES / "hubgate.css").read_text(encoding="utf-8")):
        for one in _alternatives(pattern):
            up, _, rest = one.rpartition("../")
            found += (STYLES / up / "..").resolve().glob(rest)
    return found


def _alternatives(pattern: str) -> list[str]:
    found = re.search(r"\{([^}]+)\}", pattern)
    if found is None:
        return [pattern]
    return [pattern[: found.start()] + word + pattern[found.end() :] for word in found[1].split(",")]


if __name__ == "__main__":
    sys.stdout.write(stamp() + "\n")
