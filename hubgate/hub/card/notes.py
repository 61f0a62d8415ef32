"""What the reader tells the author: a stable code, the line of the file, full sentences with the next step."""

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
    """The text as a message quotes it: on one line, shortened, in curly quotes; blanks at the ends can be seen."""
    line = text.translate(_VISIBLE) if len(text) <= SHOWN else text[: SHOWN - 1].translate(_VISIBLE) + "…"
    return f"“{line}”"


_VISIBLE = {ord(char): " " for char in "\t\n\r\v\f\x85\u2028\u2029"}


def listed(things: Iterable[str], count: int | None = None) -> str:
    """`a, b and c`, or `a, b, … and 7 more`. `count` is how many there are when `things` are only the first."""
    names = list(things)
    if count is None:
        count = len(names)
    if count > LISTED:
        return f"{', '.join(names[:LISTED])} and {count - LISTED} more"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return "".join(names)
