"""What the reader tells the author: a stable code, the line of the file, one full sentence with the next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 60  # characters of a label or value that a message quotes
LISTED = 12  # things that one message names before it says how many more there are


@dataclass(frozen=True, slots=True)
class Note:
    """A warning (the card counts all the same) or an error (the block cannot be used). `line` counts from 1."""

    code: str
    line: int | None
    message: str


def quoted(text: str) -> str:
    """The text as a message quotes it: on one line, shortened, in curly quotes."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= SHOWN else line[: SHOWN - 1] + '…'}”"


def listed(things: Iterable[str]) -> str:
    """`a, b and c`, or `a, b, … and 7 more`."""
    names = list(things)
    if len(names) > LISTED:
        return f"{', '.join(names[:LISTED])} and {len(names) - LISTED} more"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return "".join(names)
