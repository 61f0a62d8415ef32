"""Whatever the text: an answer, soon, that is JSON and names lines of the file."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubgate.hub.card import FIELD_TYPES, read_card

LINES = st.sampled_from(
    [
        "extra_gated_fields:",
        "  Name: text",
        "  ? long\n    label\n  : checkbox",
        "  S: {type: select, options: [Yes, 1]}",
    ]
    + [
        "- a: b",
        "- not-for-all-audiences",
        "tags:",
        "extra_gated_prompt: |",
        "  text",
        "",
        "\t",
        "---",
        "  ---",
        "...",
        "a: b: c",
    ]
    + [
        "a: &x b",
        "b: *x",
        "a: !t b",
        "a: [",
        "a: {",
        '"',
        "'",
        "? ",
        ": ",
        "- - -",
        "license: mit",
        "\ufeff",
        "a: \u2028",
        "%YAML 1.2",
    ]
    + [
        "x" * 1100 + ": text",
        '"\\ud83d\\ude00": b',
        "<!--",
        "```",
        "# c",
        "\x00",
        "<<: {a: b}",
        "[a]: b",
        "{{ a }}: b",
        "gated: no",
    ]
)
CARDS = st.one_of(
    st.text(st.characters(codec=None), max_size=300),
    st.text("-\n\r \t:#[]{}&*!|>'\"?ax\ufeff\u2028", max_size=200).map(lambda text: f"---\n{text}\n---\n"),
    st.lists(LINES, max_size=12).map(lambda lines: "---\n" + "\n".join(lines) + "\n---\n"),
    st.lists(LINES, max_size=12).map("\n".join),
)


def check(text: str | bytes, lines: int) -> None:
    card = read_card(text)
    json.dumps(card.as_dict(), ensure_ascii=False).encode()
    assert {field.type for field in card.fields} <= set(FIELD_TYPES)
    for note in card.warnings + card.errors:
        assert note.line is not None
        assert 1 <= note.line <= lines
        assert note.message.endswith((".", "?"))
    assert card.readable is (card.nfaa is not None)
    assert len(card.form_digest()) == 64


@given(CARDS)
@settings(max_examples=400, deadline=None)
def test_any_text_is_answered(text: str):
    check(text, len(re.split(r"\r\n|\r|\n", text)))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_answered(content: bytes):
    content = b"---\na: " + content + b"\n---\n"
    check(content, len(re.split(rb"\r\n|\r|\n", content)))


FIELDS = "extra_gated_fields:\n"
GROWING: dict[str, Callable[[int], str]] = {
    "fields": lambda size: FIELDS + "".join(f"  Label {i}: text\n" for i in range(size // 16)),
    "unknown types": lambda size: FIELDS + "".join(f"  Label {i}: type{i}\n" for i in range(size // 20)),
    "same labels": lambda size: FIELDS + "- Label: text\n" * (size // 14),
    "options": lambda size: FIELDS + "  S:\n    type: select\n    options:\n" + "    - a\n" * (size // 8),
    "near misses of the tag": lambda size: "tags:\n" + "- not-for-xll-audixxces\n" * (size // 24),
    "misspelt keys": lambda size: "".join(f"extra_gated_x{i}: a\n" for i in range(size // 19)),
    "duplicate keys": lambda size: "abcdefgh: b\n" * (size // 12),
    "keys within keys": lambda size: "? " * 90 + "[" + "abcdefgh," * (size // 9) + "]",
    "long labels": lambda size: FIELDS + "".join(f"  {i} {'x' * 1100}: text\n" for i in range(size // 1111)),
    "one long label": lambda size: FIELDS + "  " + "x" * size + ": text",
    "a label of spaces": lambda size: FIELDS + "  x" + " " * size + "y: z",
    "combining marks": lambda size: FIELDS + '  ? "a' + "\u0300\u0316" * (size // 4) + '"\n  : text',
    "ligatures": lambda size: FIELDS + '  ? "' + "\ufdfa" * (size // 3) + '"\n  : text',
    "brackets": lambda size: "[" * size,
    "dashes": lambda size: "- " * (size // 2),
    "aliases": lambda size: "a: &a x\nb: [" + "*a," * (size // 3) + "]",
    "tabs": lambda size: "a: b\n" + "\t" * size,
    "blank lines": lambda size: "\n" * size,
    "indented fences": lambda size: "a: b\n" + "  ---\n" * (size // 6),
    "old line ends": lambda size: "a: " + "\x85" * (size // 2),
    "open quote": lambda size: 'a: "' + " x" * (size // 2),
    "half tags": lambda size: 'extra_gated_prompt: "' + "<a on" * (size // 5) + '"',
}


def seconds(text: str, tries: int = 3) -> float:
    """Processor time of one reading, the best of some."""
    best = 60.0
    for _ in range(tries):
        started = time.process_time()
        read_card(text)
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.parametrize("kind", GROWING)
def test_time_grows_with_the_length(kind: str):
    small, large = (seconds("---\n" + GROWING[kind](size) + "\n---\n") for size in (16_000, 128_000))
    assert large < 1
    assert large < 0.01 or large / small < 8 * 3


@pytest.mark.parametrize("kind", GROWING)
def test_the_largest_block_takes_a_moment(kind: str):
    assert seconds("---\n" + GROWING[kind](1_000_000) + "\n---\n", tries=1) < 5


@pytest.mark.parametrize(
    "line", ["", " ", "---x", "---" + " " * 100 + "x", "\u2028", "tags" + " " * 100, "```", "-" * 100]
)
@pytest.mark.parametrize("start", ["---\n", "x\n"])
def test_a_file_without_a_block_takes_no_time(line: str, start: str):
    assert seconds(start + (line + "\n") * (1_000_000 // (len(line) + 1)), tries=1) < 1


def test_a_long_body_costs_nothing():
    assert seconds("---\nlicense: mit\n---\n" + "tags: x\n---\n" * 1_000_000, tries=1) < 1
