"""What an author would write instead: a corrected line for a note of the card reader, where one can be computed. A
correction is given only if the reader, with the line replaced, no longer complains there and finds nothing new."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hubgate.hub.card.notes import Note
from hubgate.hub.card.reader import GATE_KEYS, Card, read_card
from hubgate.hub.card.tags import NFAA_TAG

MOST_TRIES = 24  # readings of a card for all its notes together
LARGEST = 64 * 1024  # characters of a card that is tried at all
LONGEST_LINE = 300  # characters that are shown of a line

_PAIR = re.compile(r"^(?P<head>\s*(?:- )?)(?P<key>[^:#]+?)\s*:(?P<gap>\s*)(?P<value>.*)$")
_TYPES = {
    "textarea": "text", "string": "text", "str": "text", "longtext": "text", "long_text": "text", "email": "text",
    "url": "text", "number": "text", "bool": "checkbox", "boolean": "checkbox", "check": "checkbox",
    "date": "date_picker", "datepicker": "date_picker", "dropdown": "select", "countries": "country",
}  # fmt: skip


@dataclass(frozen=True)
class Advice:
    """A note with the text of its line (empty where it has none) and what to write there instead, if that is known."""

    code: str
    line: int | None
    message: str
    text: str = ""
    fix: str = ""


def advise(source: str, card: Card) -> tuple[list[Advice], list[Advice]]:
    """The errors and the warnings of a card that was read from `source`, each with its line and a correction."""
    lines = source.splitlines()
    tries = iter(range(MOST_TRIES if len(source) <= LARGEST else 0))
    errors = [_advice(note, lines, card, tries) for note in card.errors]
    return errors, [_advice(note, lines, card, tries) for note in card.warnings]


def _advice(note: Note, lines: list[str], card: Card, tries: Iterator[int]) -> Advice:
    if note.line is None or not 0 < note.line <= len(lines):
        return Advice(note.code, note.line, note.message)
    line = lines[note.line - 1]
    fix = next((fix for fix in _candidates(note.code, line) if _holds(fix, note, lines, card, tries)), "")
    return Advice(note.code, note.line, note.message, line[:LONGEST_LINE], fix)


def _holds(fix: str, note: Note, lines: list[str], card: Card, tries: Iterator[int]) -> bool:
    assert note.line is not None
    if fix == lines[note.line - 1] or len(fix) > LONGEST_LINE or next(tries, None) is None:
        return False
    changed = [*lines[: note.line - 1], *fix.split("\n"), *lines[note.line :]]
    again = read_card("\n".join(changed) + "\n")
    known = {(found.code, found.line) for found in (*card.errors, *card.warnings)}
    now = {(found.code, found.line) for found in (*again.errors, *again.warnings)}
    if (note.code, note.line) in now or len(again.errors) > len(card.errors):
        return False
    codes = {code for code, _ in known}
    # An error hid what else is wrong: only warnings may come to light with it gone.
    return note in card.errors or {code for code, _ in now} <= codes


def _candidates(code: str, line: str) -> Iterable[str]:
    """What may be meant by a line, the likeliest first."""
    pair = _PAIR.match(line)
    if code == "yaml_syntax":
        yield from _syntax(line, pair)
    elif code == "nfaa_lookalike":
        indent = line[: len(line) - len(line.lstrip())]
        yield f"{indent}- {NFAA_TAG}" if line.lstrip().startswith("-") else f"tags:\n  - {NFAA_TAG}"
    elif code == "fence_trailing_space":
        yield line.rstrip()
    elif code == "fence_indented":
        yield line.strip()
    elif pair is not None:
        yield from _pair(code, pair)


def _pair(code: str, pair: re.Match[str]) -> Iterator[str]:
    head, key, value = pair["head"], pair["key"], pair["value"].strip()
    if code == "field_type_case":
        yield f"{head}{key}: {re.sub(r'[ -]+', '_', value.strip(chr(34) + chr(39)).lower())}"
    elif code == "country_as_text":
        yield f"{head}{key}: country"
    elif code == "field_without_type":
        yield f"{head}{key}: text"
    elif code == "field_type_unknown":
        word = value.strip("\"'").lower()
        yield f"{head}{key}: {_TYPES.get(word, 'text')}"
    elif code == "gate_key_unknown":
        for name in difflib.get_close_matches(key, GATE_KEYS, n=2, cutoff=0.6):
            yield f"{head}{name}: {value}" if value else f"{head}{name}:"
    elif code == "eu_not_boolean":
        yield f"{head}{key}: true"


def _syntax(line: str, pair: re.Match[str] | None) -> Iterator[str]:
    if "\t" in line:
        body = line.lstrip()
        yield line[: len(line) - len(body)].expandtabs(2).replace("\t", "  ") + body.replace("\t", " ")
    if pair is not None:
        value = pair["value"].strip()
        quoted = value.strip("\"'").replace("\\", "\\\\").replace('"', '\\"')
        yield f'{pair["head"]}{pair["key"]}: "{quoted}"'
        yield f'{pair["head"]}"{pair["key"].strip(chr(34) + chr(39))}": {value}'
        if not pair["gap"]:
            yield f"{pair['head']}{pair['key']}: {value}"
