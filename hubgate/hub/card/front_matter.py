"""Front matter as nodes: every scalar as typed and with its line, and what the Hub refuses refused.

The Hub reads with js-yaml 4: YAML 1.2 types, duplicate keys refused. PyYAML is a YAML 1.1 reader, so only its events
are used. They carry aliases and tags with their lines, which composed nodes do not, in a quarter of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
)

from hubgate.hub.card import source
from hubgate.hub.card.fence import Block
from hubgate.hub.card.notes import Note, quoted
from hubgate.hub.card.syntax import syntax_note

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml: the same events, slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

EventLoader = Loader  # for others that need the places of things

LARGEST = 1024 * 1024  # bytes of front matter
MOST_EVENTS = 250_000  # a key or a value is one, a list or a map two; 1 MB of lines of ten characters has fewer
DEEPEST = 100
MOST_ERRORS = 50
MOST_REPAIRS = 2

NULL = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"([-+]?)(0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)\Z")
FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?)\Z")
NUMBER_STARTS = frozenset("0123456789+-.")
LONGEST_NUMBER = 300  # characters; a longer row of digits is compared as it stands


@dataclass(slots=True)
class Scalar:
    """A text as typed (quotes and folding taken off). `plain` is without quotes: only then may it be null or true."""

    text: str
    line: int
    plain: bool = True

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in NULL

    @property
    def boolean(self) -> bool | None:
        return BOOLEAN.get(self.text) if self.plain else None


@dataclass(slots=True)
class Sequence:
    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    line: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """The value of a key that is a text, or None when the map has no such key."""
        for name, value in self.pairs:
            if isinstance(name, Scalar) and name.text == key:
                return value
        return None

    def named(self) -> Iterator[tuple[Scalar, Node]]:
        """The pairs whose key is a text, in order."""
        for key, value in self.pairs:
            if isinstance(key, Scalar):
                yield key, value


Node = Scalar | Sequence | Mapping


def parse(block: Block) -> tuple[Mapping | None, list[Note]]:
    """The map that a block holds (an empty one for an empty block), or None and at least one error."""
    if len(block.text) > LARGEST or len(block.text.encode(errors="replace")) > LARGEST:
        return None, [_too_large(block, "is larger than 1 MB")]
    if (unreadable := source.unreadable_character(block)) is not None:
        return None, [unreadable]
    try:
        root, errors = _read(block)
    except _UnusableError as unusable:
        return None, [unusable.note]
    if errors:
        return None, errors
    if isinstance(root, Mapping):
        return root, []
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return Mapping(block.first_line), []
    shape = "a list" if isinstance(root, Sequence) else "a plain text"
    return None, [
        Note(
            "yaml_syntax",
            root.line,
            f"The front matter is {shape} from line {root.line} on, not a map: write one “key: value” a line, for "
            "example “license: mit”.",
        )
    ]


def _read(block: Block) -> tuple[Node | None, list[Note]]:
    """The block's root and the errors in it, read again where PyYAML refuses what the Hub does not."""
    text = source.Source.of(block.text)
    repairs = 0
    while True:
        builder = _Builder(block, text)
        try:
            builder.read()
        except yaml.YAMLError as problem:
            repaired = text.repaired(problem) if repairs < MOST_REPAIRS else None
            if repaired is None:
                raise _UnusableError(syntax_note(problem, block, text)) from problem
            text = repaired
            repairs += 1
        else:
            return builder.root, builder.errors


def hub_key(key: Node) -> str:
    """What the Hub takes a key for when it looks for duplicates: to js-yaml `1`, `01` and `0x1` are the same."""
    if isinstance(key, Mapping):
        return "[object Object]"
    if isinstance(key, Sequence):
        return label_of(key)
    text = key.text
    if not key.plain or (text[:1] not in NUMBER_STARTS and text not in NULL and text not in BOOLEAN):
        return text
    if text in NULL:
        return "null"
    if text in BOOLEAN:
        return text.lower()
    return _number(text) if len(text) <= LONGEST_NUMBER else text


def _number(text: str) -> str:
    if (integer := INTEGER.match(text)) and not text.endswith("_"):
        digits = integer[2].replace("_", "")
        base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
        if base == 10 or len(digits) > 2:
            return str(int(integer[1] + digits, base))
    if FLOAT.match(text) and not text.endswith("_"):
        number = float(text.replace("_", ""))
        return str(int(number)) if number.is_integer() else repr(number)
    return text


def label_of(key: Node, levels: int = 2) -> str:
    """A key as a label. A list is joined by commas, as the Hub shows it; a map is written out. Nested at most twice, so
    that the labels of keys within keys within keys do not add up."""
    if isinstance(key, Scalar):
        return key.text
    if not levels:
        return "…"
    if isinstance(key, Sequence):
        return ",".join(label_of(item, levels - 1) for item in key.items)
    entries = ((label_of(name, levels - 1), label_of(value, levels - 1)) for name, value in key.pairs)
    return "{" + ", ".join(f"{name}: {value}" if value else name for name, value in entries) + "}"


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet. `keys` holds, for a map, each key seen."""

    node: Sequence | Mapping
    key: Node | None = None
    keys: dict[str, Node] = field(default_factory=dict)


class _UnusableError(Exception):
    """The block is refused here and now; carries the note that says why."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.message)
        self.note = note


class _Builder:
    """Takes the events of a block one by one, keeps the tree and what makes the block unusable on the Hub."""

    def __init__(self, block: Block, text: source.Source) -> None:
        self._block = block
        self._text = text.text
        self._original = text.original
        self.root: Node | None = None
        self.errors: list[Note] = []
        self._top: _Open | None = None
        self._outer: list[_Open | None] = []  # what `_top` stands in, outermost first
        self._documents = 0
        self._duplicates: set[tuple[int, str]] = set()

    def read(self) -> None:
        """Read the whole block. Raises `yaml.YAMLError` where it is not YAML, `_UnusableError` where it is too much."""
        loader = Loader(self._text)
        try:
            for _ in range(MOST_EVENTS):
                event = loader.get_event()
                if event is None or isinstance(event, StreamEndEvent):
                    return
                self._take(event, self._block.first_line + (event.start_mark.line if event.start_mark else 0))
        finally:
            loader.dispose()
        raise _UnusableError(_too_large(self._block, "holds more than 200,000 keys and values"))

    def _take(self, event: Event, line: int) -> None:
        if isinstance(event, ScalarEvent):
            top = self._top
            is_key = top is not None and top.key is None and isinstance(top.node, Mapping)
            self._check_tag(event.tag, line)
            self._place(Scalar(self._original(event.value, is_key=is_key), line, not event.style))
        elif isinstance(event, CollectionStartEvent):
            self._check_tag(event.tag, line)
            node = Mapping(line, []) if isinstance(event, MappingStartEvent) else Sequence(line, [])
            self._place(node)
            if len(self._outer) >= DEEPEST:
                raise _UnusableError(_too_deep(line))
            self._outer.append(self._top)
            self._top = _Open(node)
        elif isinstance(event, CollectionEndEvent):
            self._top = self._outer.pop()
        elif isinstance(event, AliasEvent):
            self._error("alias", line, _ALIAS, event.anchor)
            self._place(Scalar(f"*{event.anchor}", line))
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _UnusableError(_second_document(line))

    def _check_tag(self, tag: str | None, line: int) -> None:
        if tag is not None:
            self._error("yaml_tag", line, _TAG, quoted(tag))

    def _place(self, node: Node) -> None:
        """Put a node into the list or map that is open; a pair of a map is complete with its value."""
        top = self._top
        if top is None:
            self.root = node
        elif isinstance(top.node, Sequence):
            top.node.items.append(node)
        elif top.key is None:
            top.key = node
        else:
            top.node.pairs.append((top.key, node))
            self._check_key(top, top.key)
            top.key = None

    def _check_key(self, top: _Open, key: Node) -> None:
        if isinstance(key, Scalar) and key.plain and key.text == "<<":
            self._error("alias", key.line, _MERGE)
        name = hub_key(key)
        first = top.keys.setdefault(name, key)
        if first is not key and (id(top.node), name) not in self._duplicates:
            self._duplicates.add((id(top.node), name))
            self._error("duplicate_key", key.line, _DUPLICATE, quoted(label_of(key)), first.line)

    def _error(self, code: str, line: int, message: str, *facts: object) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(Note(code, line, message.format(*facts, line=line)))


_ALIAS = (
    "Line {line} refers to another value with “*{}”, which is not read from cards: write the value out, or put it "
    "in quotes if the star belongs to the text."
)
_MERGE = (
    "The merge key “<<” on line {line} copies entries of another map, which is not read from cards: write them out."
)
_TAG = (
    "The value on line {line} begins with “!”, which YAML takes for a type tag ({}), and tags are not read from "
    "cards: remove it, or put the value in quotes if it belongs to the text."
)
_DUPLICATE = (
    "The key {} on line {line} is already on line {} of the same map, so the Hub refuses the front matter: "
    "keep one of them."
)


def _second_document(line: int) -> Note:
    return Note(
        "yaml_syntax",
        line,
        f"A second YAML document begins on line {line}, and front matter is one: remove the line with “---” or “...”.",
    )


def _too_large(block: Block, what: str) -> Note:
    return Note(
        "too_large",
        block.first_line,
        f"The front matter that begins on line {block.first_line} {what}, and is not read: move long texts and tables "
        "into the body of the card.",
    )


def _too_deep(line: int) -> Note:
    return Note(
        "too_deep",
        line,
        f"The value on line {line} is nested more than {DEEPEST} levels deep, and is not read: write it flatter.",
    )
