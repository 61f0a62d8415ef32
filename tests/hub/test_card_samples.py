"""The sample cards, each against what `expected.json` says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubgate.hub.card import read_card

CARDS = Path(__file__).parent.parent / "data" / "cards"
EXPECTED: dict[str, Any] = json.loads((CARDS / "expected.json").read_text(encoding="utf-8"))
NAMES = sorted(name for name in EXPECTED if name.endswith(".md"))
TEXTS = ("heading", "description", "prompt", "button")


def test_every_sample_is_expected_and_every_expected_card_is_there():
    assert sorted(path.name for path in CARDS.glob("*.md")) == NAMES
    assert len(NAMES) == 20


@pytest.mark.parametrize("name", NAMES)
def test_sample_card(name: str):
    expected = EXPECTED[name]
    card = read_card((CARDS / name).read_bytes()).as_dict()
    assert list(card) == list(expected)
    for key in ("fields", "eu_disallowed", "nfaa", "tags", "license"):
        assert card[key] == expected[key]
    assert {key: (card[key] or "").strip() or None for key in TEXTS} == {
        key: (expected[key] or "").strip() or None for key in TEXTS
    }
    warnings = {warning["code"] for warning in card["warnings"]}
    sure = {code for code in expected["warnings"] if not code.endswith("?")}
    assert sure <= warnings
    assert [bool(card["errors"]), *sorted({error["code"] for error in card["errors"]})] == [
        bool(expected["errors"]),
        *sorted({error["code"] for error in expected["errors"]}),
    ]
    for error in expected["errors"]:
        if error["line"] is not None:
            assert error["line"] in [found["line"] for found in card["errors"]]


def test_the_bytes_of_the_samples_are_as_they_came():
    assert b"\r\n" in (CARDS / "08-crlf.md").read_bytes()
    assert b"\t" in (CARDS / "10-tab-indent.md").read_bytes()
