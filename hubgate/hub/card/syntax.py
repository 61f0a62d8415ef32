"""PyYAML's problems as sentences that an author can act upon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import yaml

from hubgate.hub.card.fence import LINE_END, Block
from hubgate.hub.card.notes import Note, quoted
from hubgate.hub.card.source import LONGEST_KEY, Source


@dataclass(frozen=True, slots=True)
class _Problem:
    """What the parser says, and the source line it is said about. `at` is a line of the file, `opened` the line where
    the thing began that could not be finished."""

    what: str
    context: str
    at: int
    opened: int
    text: str
    opened_text: str
    char: str


def syntax_note(problem: yaml.YAMLError, block: Block, source: Source) -> Note:
    """An error for the author: the line of the file, what was read there, and the usual mend."""
    found = _located(problem, block, source)
    if "nesting" in found.what:
        return Note(
            "too_deep", found.at, f"The value on line {found.at} is nested too deep to be read: write it flatter."
        )
    for test, line_of, say in _SENTENCES:
        if test(found):
            line = line_of(found)
            return Note("yaml_syntax", line, say(found).format(line=line))
    return Note(
        "yaml_syntax",
        found.at,
        f"Line {found.at} cannot be read as YAML ({found.what}): look at its quotes and its indentation.",
    )


def _located(problem: yaml.YAMLError, block: Block, source: Source) -> _Problem:
    mark = getattr(problem, "problem_mark", None)
    opened = getattr(problem, "context_mark", None) or mark
    lines = LINE_END.split(source.text)
    last = max(len(LINE_END.split(block.text)) - 1, 0)

    def index(of: yaml.Mark | None) -> int:
        return min(of.line, last) if of is not None else 0

    text = lines[index(mark)]
    column = mark.column if mark is not None else 0
    return _Problem(
        what=str(getattr(problem, "problem", None) or "it is not YAML"),
        context=str(getattr(problem, "context", None) or ""),
        at=block.first_line + index(mark),
        opened=block.first_line + index(opened),
        text=text,
        opened_text=lines[index(opened)],
        char=text[column : column + 1],
    )


def _starts_with_tab(text: str) -> bool:
    return "\t" in text[: len(text) - len(text.lstrip(" \t"))]


def _second_colon(found: _Problem) -> str:
    if found.text.count(": ") > 1 or (": " in found.text and found.text.rstrip().endswith(":")):
        return (
            "Line {line} has more than one “: ”, so it cannot be told where the key ends: put the key or the text that "
            "contains it in quotes."
        )
    return (
        "The “:” on line {line} is not expected there: see that the line above is complete (“label: type”) and that "
        "this one is indented like it, or put a text that contains “: ” in quotes."
    )


def _missing_colon(found: _Problem) -> str:
    if " #" in found.opened_text:
        return "Line {line} is cut at “ #”, which begins a comment in YAML: put the text in quotes."
    return "Line {line} is not of the form “key: value”: add the “: ”, or indent it if it goes on from the line above."


def _bad_start(found: _Problem) -> str:
    return f"The value on line {{line}} begins with {_braced(found.char)}, which YAML does not allow: put it in quotes."


def _braced(text: str) -> str:
    return quoted(text).replace("{", "{{").replace("}", "}}")


def _unfinished_flow(found: _Problem) -> str:
    return (
        "The “[” or “{{” on line {line} begins a list or map that is never properly closed: close it, or put the text "
        "in quotes if the bracket belongs to it."
    )


_AT: Callable[[_Problem], int] = lambda found: found.at  # noqa: E731
_OPENED: Callable[[_Problem], int] = lambda found: found.opened  # noqa: E731

_SENTENCES: list[tuple[Callable[[_Problem], bool], Callable[[_Problem], int], Callable[[_Problem], str]]] = [
    (
        lambda found: _starts_with_tab(found.text) or found.char == "\t",
        _AT,
        lambda found: (
            "Line {line} starts with a tab, and YAML is indented with spaces only: replace the tab by spaces."
            if _starts_with_tab(found.text)
            else "Line {line} has a tab where YAML expects spaces: replace the tab by spaces."
        ),
    ),
    (
        lambda found: (
            len(found.opened_text) > LONGEST_KEY and ("expected ':'" in found.what or "mapping values" in found.what)
        ),
        _OPENED,
        lambda found: (
            "The label on line {line} is longer than 1,024 characters and cannot be read there: write it after “? ” on "
            "a line of its own, with “: checkbox” on the next line, or make it shorter."
        ),
    ),
    (
        lambda found: found.text.lstrip().startswith(": ") and "expected key" in found.what,
        _AT,
        lambda found: "Line {line} has no key before the “:”: write the key, or “? ” and the key on the line above.",
    ),
    (lambda found: "mapping values" in found.what, _AT, _second_colon),
    (lambda found: "expected ':'" in found.what, _OPENED, _missing_colon),
    (
        lambda found: "quoted scalar" in found.context and "end of stream" in found.what,
        _OPENED,
        lambda found: "The quote that opens on line {line} is never closed: close it, or remove it.",
    ),
    (
        lambda found: "escape" in found.what or "hexdecimal" in found.what,
        _AT,
        lambda found: (
            "Line {line} has a backslash that means nothing within double quotes: write it twice (\\\\), or use single "
            "quotes."
        ),
    ),
    (lambda found: "cannot start any token" in found.what, _AT, _bad_start),
    (
        lambda found: "alphabetic or numeric" in found.what or "anchor" in found.context or "alias" in found.context,
        _AT,
        lambda found: (
            "The value on line {line} begins with “*” or “&”, which YAML reads as a reference: put it in quotes."
        ),
    ),
    (lambda found: "flow" in found.context, _OPENED, _unfinished_flow),
    (
        lambda found: "tag" in found.context,
        _AT,
        lambda found: "The value on line {line} begins with “!”, which YAML reads as a type tag: put it in quotes.",
    ),
    (
        lambda found: "block scalar" in found.context,
        _AT,
        lambda found: (
            "The text on line {line} begins with “|” or “>” and goes on after it: begin the text on the next line, "
            "indented, or put it in quotes."
        ),
    ),
    (
        lambda found: "document start" in found.what or "document" in found.context,
        _AT,
        lambda found: (
            "Front matter is one YAML document, and line {line} begins another: remove “...” or “---” above it."
        ),
    ),
    (
        lambda found: "expected key" in found.what or "block" in found.context,
        _AT,
        lambda found: (
            "Line {line} does not fit the lines above it: indent it like the lines it belongs to, and see that the "
            "line above is complete (a “ #” cuts it short) and that a quoted text ends with its quote."
        ),
    ),
]
