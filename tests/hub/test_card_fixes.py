"""Corrections of a card's lines: each is one that the reader itself accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubgate.hub.card import advise, read_card
from hubgate.hub.card.fixes import LARGEST

CARDS = Path(__file__).parents[1] / "data" / "cards"

FIXED = [
    ("extra_gated_fields:\n\tName: text", 3, '  Name: text'),
    ("extra_gated_prompt: Read: the terms", 2, 'extra_gated_prompt: "Read: the terms"'),
    ("extra_gated_fields:\n  Name: Text", 3, "  Name: text"),
    ("extra_gated_fields:\n  Country: text", 3, "  Country: country"),
    ("extra_gated_fields:\n  Size: ", 3, "  Size: text"),
    ("extra_gated_fields:\n  Born: date", 3, "  Born: date_picker"),
    ("extra_gated_feilds:\n  Name: text", 2, "extra_gated_fields:"),
    ("tags:\n  - not_for_all_audiences", 3, "  - not-for-all-audiences"),
]  # fmt: skip


@pytest.mark.parametrize(("front", "line", "fix"), FIXED)
def test_a_line_is_corrected(front, line, fix):
    source = f"---\n{front}\n---\n"
    errors, warnings = advise(source, read_card(source))
    [found] = [note for note in [*errors, *warnings] if note.line == line]
    assert (found.text, found.fix) == (source.splitlines()[line - 1], fix)


@pytest.mark.parametrize("path", sorted(CARDS.glob("*.md")), ids=lambda path: path.stem)
def test_every_correction_is_one_that_the_reader_accepts(path):
    source = path.read_text(errors="replace")
    card = read_card(source)
    errors, warnings = advise(source, card)
    assert [(note.code, note.line, note.message) for note in [*errors, *warnings]] == [
        (note.code, note.line, note.message) for note in [*card.errors, *card.warnings]
    ]
    for note in [*errors, *warnings]:
        if note.line is not None:
            assert note.text == source.splitlines()[note.line - 1][:300]
        if note.fix and note.line is not None:
            lines = source.splitlines()
            lines[note.line - 1 : note.line] = note.fix.split("\n")
            again = read_card("\n".join(lines) + "\n")
            assert (note.code, note.line) not in {(found.code, found.line) for found in again.errors + again.warnings}


def test_what_cannot_be_known_is_not_made_up():
    source = "---\nextra_gated_fields:\n  Why:\n    type: select\n---\n"
    errors, warnings = advise(source, read_card(source))
    assert [(note.code, note.fix) for note in [*errors, *warnings]] == [("select_without_options", "")]


def test_a_huge_card_is_not_tried():
    source = f"---\nextra_gated_fields:\n  Name: Text\n---\n{'x' * LARGEST}"
    _, [warning] = advise(source, read_card(source))
    assert (warning.text, warning.fix) == ("  Name: Text", "")
