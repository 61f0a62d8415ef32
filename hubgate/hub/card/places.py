"""Where the entry `tags` of a card's front matter stands in the file, to the character. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from hubgate.hub.card.fence import LINE_END, Block, find_block
from hubgate.hub.card.front_matter import EventLoader
from hubgate.hub.card.source import Source

KEY = "tags"
NOT_UTF8 = dict.fromkeys(range(0xDC80, 0xDD00), 0xFFFD)  # a byte that is no UTF-8, as decoded with its place kept
DASH = re.compile(r"([ ]*(?:[?:][ ]+)?)-([ \t]+)\Z")


class UneditableError(Exception):
    """`tags` is written so that it is not changed: a stable code, the line of the file, a sentence with what to do."""

    def __init__(self, code: str, line: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Item:
    """An entry of a list: from where to where in the file (start inclusive, end not), its text, and whether it is one
    text without an anchor, on one line."""

    start: int
    end: int
    text: str
    simple: bool


@dataclass(frozen=True)
class Tags:
    """The entry `tags`: where its key stands and ends, its value's first and last place, and its items in order."""

    line: int
    key_start: int
    start: int
    end: int
    shape: str  # empty, text, flow or block
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class _Entry:
    """A top-level entry as PyYAML's events: its key, the first and the last of its value, and of each of its items
    where it is a list."""

    key: ScalarEvent
    value: NodeEvent
    items: list[tuple[NodeEvent, Event]]
    last: Event

    @property
    def is_block_list(self) -> bool:
        return isinstance(self.value, SequenceStartEvent) and not self.value.flow_style and bool(self.items)


@dataclass(frozen=True)
class Front:
    """A README's text with what an edit needs to know of its front matter: the places where the lines between the
    fences begin and end, the column of the top-level keys and how far lists are indented below them."""

    text: str
    start: int
    end: int
    column: int
    dash_column: int
    tags: Tags | None

    @classmethod
    def of(cls, text: str) -> Front | None:
        """None where the Hub finds no front matter. UneditableError where `tags` is of a kind that is not changed."""
        block, _ = find_block(text.translate(NOT_UTF8))
        if block is None:
            return None
        return _read(text, block, closing_fence(text, block))


def closing_fence(text: str, block: Block) -> int:
    """Where the line of the closing fence begins."""
    end = block.start + len(block.text)
    line_end = LINE_END.match(text, end)
    return line_end.end() if line_end else end  # none where the closing fence follows the opening one


def _read(text: str, block: Block, end: int) -> Front:
    lines = _line_starts(block.text)

    def place(mark: Any) -> int:
        assert mark is not None  # every event of a text has its marks
        line = min(mark.line, len(lines) - 1)
        return block.start + min(lines[line] + mark.column, len(block.text))

    column, dashes, tags = 0, 0 if block.text.strip() else 2, None
    seen_list = False
    for entry in _entries(block):
        column = entry.key.start_mark.column if entry.key.start_mark else 0
        if entry.key.value == KEY and tags is None:
            tags = _tags(text, block, entry, place)
        elif entry.is_block_list and not seen_list:
            seen_list = True
            dashes = _dash_column(text, place(entry.items[0][0].start_mark), column)
    return Front(text, block.start, end, column, column + dashes, tags)


def _tags(text: str, block: Block, entry: _Entry, place: Callable[[Any], int]) -> Tags:
    line = block.first_line + _row(entry.key.start_mark)
    value = entry.value
    if isinstance(value, MappingStartEvent):
        raise UneditableError(
            "tags_not_a_list",
            line,
            f"“{KEY}” on line {line} is a map, where the Hub wants a list: write each tag on a line of its own after a "
            "dash.",
        )
    for node in (value, *(first for first, _ in entry.items)):
        if node.anchor:
            at = block.first_line + _row(node.start_mark)
            raise UneditableError(
                "anchor",
                at,
                f"“{KEY}” has the anchor “&{node.anchor}” on line {at}, by which other places may take its value over: "
                "remove the anchor, then try again.",
            )
    items = [
        Item(
            place(first.start_mark),
            place(last.end_mark),
            first.value if isinstance(first, ScalarEvent) else "",
            isinstance(first, ScalarEvent) and _row(first.start_mark) == _row(last.end_mark),
        )
        for first, last in entry.items
    ]
    if isinstance(value, SequenceStartEvent):
        shape = "flow" if value.flow_style else "block"
    else:
        assert isinstance(value, ScalarEvent)
        shape = "text" if value.style or value.value else "empty"
    return Tags(line, place(entry.key.start_mark), place(value.start_mark), place(entry.last.end_mark), shape, items)


def _dash_column(text: str, start: int, column: int) -> int:
    """How far the dash of a list's first entry stands to the right of its key."""
    dash = DASH.search(text[line_start(text, start) : start])
    return max(len(dash[1]) - column, 0) if dash else 0


def _entries(block: Block) -> Iterator[_Entry]:
    """The top-level entries whose key is a text."""
    source: Source | None = Source.of(block.text.translate(NOT_UTF8))
    events: list[Event] = []
    while source is not None and not events:
        try:
            events = list(yaml.parse(source.text, Loader=EventLoader))
        except yaml.YAMLError as problem:
            source = source.repaired(problem)
    depth = 0
    parts: list[tuple[int, Event]] = []
    for event in events:
        depth -= isinstance(event, CollectionEndEvent)
        if depth >= 1 and isinstance(event, NodeEvent | CollectionEndEvent):
            parts.append((depth, event))
        depth += isinstance(event, CollectionStartEvent)
    nodes = list(_spans(parts, 1))
    for (key, _), (first, last) in zip(nodes[::2], nodes[1::2], strict=False):
        name, value = parts[key][1], parts[first][1]
        if isinstance(name, ScalarEvent) and isinstance(value, NodeEvent):
            inner = _spans(parts[first + 1 : last], 2, offset=first + 1)
            items = [(item, parts[other][1]) for one, other in inner if isinstance(item := parts[one][1], NodeEvent)]
            yield _Entry(name, value, items if isinstance(value, SequenceStartEvent) else [], parts[last][1])


def _spans(parts: Sequence[tuple[int, Event]], depth: int, *, offset: int = 0) -> Iterator[tuple[int, int]]:
    """The first and the last index of each node at a depth."""
    opened = 0
    for number, (level, event) in enumerate(parts, offset):
        if level != depth:
            continue
        if isinstance(event, CollectionStartEvent):
            opened = number
        elif isinstance(event, CollectionEndEvent):
            yield opened, number
        else:
            yield number, number


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in LINE_END.finditer(text))]


def line_start(text: str, place: int) -> int:
    return max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1


def next_line(text: str, place: int) -> int:
    found = LINE_END.search(text, place)
    return found.end() if found else len(text)


def _row(mark: Any) -> int:
    return mark.line if mark else 0
