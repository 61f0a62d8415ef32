"""The text of a block as PyYAML can read it where it and the Hub's reader differ on single characters and long lines.

Every change keeps the number of lines, so that marks stay lines of the file, and is undone in the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import yaml

from hubgate.hub.card.fence import LINE_END, Block
from hubgate.hub.card.notes import Note

UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
ORDINARY = "\x85\u2028\u2029\ufeff"  # line ends and byte-order mark in YAML 1.1, ordinary characters to the Hub
STAND_INS = range(0xE000, 0xF900)

LONGEST_KEY = 1024  # characters of a key on one line that PyYAML reads; js-yaml has no such limit
STAND_IN_LABEL = "hubgate-long-label"
ENTRY_START = re.compile(r" *(?:[-?] +)*")
DASH = re.compile(r" *-[ \t]+")
QUOTED_KEY = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]")
KEY_END = re.compile(r":(?=[ \t]|\Z)")
BLOCK_SCALAR = re.compile(r"(?:\A|(?<=[:\-?])[ \t]+)[|>][-+0-9]{0,2}[ \t]*(?:#.*)?\Z")
SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class MisplacedStandInError(yaml.YAMLError):
    """A line of text was taken for a long label; the repair is given up."""


@dataclass(frozen=True, slots=True)
class Source:
    """`text` is what PyYAML reads; `characters` and `labels` map stand-ins in it to what the file has."""

    text: str
    characters: dict[int, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Source:
        """The source of a block's text. A line end is added, as js-yaml does, for block scalars that end
        the block; a byte-order mark is skipped."""
        text = text.removeprefix("\ufeff")
        present = [char for char in ORDINARY if char in text]
        if not present:
            return cls(text + "\n")
        used = set(text)
        free = (char for char in map(chr, STAND_INS) if char not in used)
        stand_ins: dict[str, str | int | None] = dict(zip(present, free, strict=False))
        characters = {ord(str(char)): real for real, char in stand_ins.items()}
        return cls(text.translate(str.maketrans(stand_ins)) + "\n", characters)

    def original(self, value: str, *, is_key: bool) -> str:
        """A scalar's value with every stand-in undone. NUL, which no database text holds, becomes U+FFFD."""
        if self.labels and STAND_IN_LABEL in value:
            if not is_key or value not in self.labels:
                raise MisplacedStandInError
            value = self.labels[value]
        if self.characters:
            value = value.translate(self.characters)
        return value.replace("\x00", "\ufffd") if "\x00" in value else value

    def repaired(self, problem: yaml.YAMLError) -> Source | None:
        """The source once more, without what PyYAML refuses and the Hub reads: tabs where they do not indent,
        labels of more than 1,024 characters, `\\ud83d\\ude00` for one character. None when there is nothing of that."""
        text = self.text
        if "Unicode character escape" in str(getattr(problem, "problem", "")):
            text = SURROGATE_PAIR.sub(_one_escape, text)
        parts = re.split(f"({LINE_END.pattern})", text)
        parts[::2] = _without_idle_tabs(parts[::2])
        labels = dict(self.labels)
        if STAND_IN_LABEL not in text:
            parts[::2] = _with_short_labels(parts[::2], labels)
        repaired = "".join(parts)
        return replace(self, text=repaired, labels=labels) if repaired != self.text else None


def unreadable_character(block: Block) -> Note | None:
    """An error for the first character that the Hub's reader refuses anywhere in front matter."""
    found = UNREADABLE.search(block.text)
    if found is None:
        return None
    line = block.first_line + sum(1 for _ in LINE_END.finditer(block.text, 0, found.start()))
    return Note(
        "yaml_syntax",
        line,
        f"Line {line} holds the unprintable character U+{ord(found[0]):04X}, which YAML does not allow: remove it "
        "(such characters come along when text is copied out of a PDF or a terminal).",
    )


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


def _without_idle_tabs(lines: list[str]) -> Iterator[str]:
    """The lines, no tab in blank lines and before comments, and spaces for tabs after the dash of an entry."""
    for line in lines:
        dash = DASH.match(line)
        if dash is not None and "\t" in dash[0]:
            line = dash[0].replace("\t", " ") + line[dash.end() :]
        text = line.lstrip(" \t")
        yield text if "\t" in line and (not text or text.startswith("#")) else line


def _with_short_labels(lines: list[str], labels: dict[str, str]) -> Iterator[str]:
    """The lines, a stand-in for every key that is too long for PyYAML; `labels` is filled with what they stand for."""
    scalar_indent: int | None = None  # within a block scalar: the indentation of the entry that holds it
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if scalar_indent is not None and (indent > scalar_indent or not line.strip()):
            yield line
            continue
        scalar_indent = _block_scalar_indent(line)
        key = _long_key(line) if len(line) > LONGEST_KEY else None
        label = _key_text(key) if key is not None else None
        if key is None or label is None:
            yield line
            continue
        stand_in = f"{STAND_IN_LABEL}-{len(labels)}"
        labels[stand_in] = label
        yield line.replace(key, stand_in, 1)


def _block_scalar_indent(line: str) -> int | None:
    """The indentation that the lines of a block scalar must exceed, when the line opens one."""
    start = _entry_start(line)
    rest = line[start.end() :]
    if not ("|" in rest or ">" in rest) or not BLOCK_SCALAR.search(rest[-200:]):
        return None
    if rest[0] in "|>" and start[0].strip():
        return max(start[0].rfind("-"), start[0].rfind("?"))
    return start.end()


def _entry_start(line: str) -> re.Match[str]:
    start = ENTRY_START.match(line)
    assert start is not None  # every line begins so, if with nothing
    return start


def _long_key(line: str) -> str | None:
    """The key that a line begins with, as written, when it is too long for PyYAML."""
    start = _entry_start(line).end()
    if quoted_key := QUOTED_KEY.match(line, start):
        key = quoted_key[0]
        ends = KEY_END.match(line[quoted_key.end() :].lstrip(" \t"))
    elif PLAIN_START.match(line, start) and (ends := KEY_END.search(line, start)):
        key = line[start : ends.start()].rstrip()
    else:
        return None
    return key if ends is not None and len(key) >= LONGEST_KEY else None


def _key_text(key: str) -> str | None:
    """What a key in quotes or without stands for, or None when it is no key at all."""
    if key[0] not in "\"'":
        return None if " #" in key else key
    try:
        scalars = [event for event in yaml.parse(key) if isinstance(event, yaml.ScalarEvent)]
    except yaml.YAMLError:
        return None
    return scalars[0].value if len(scalars) == 1 else None
