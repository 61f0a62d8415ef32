"""What is odd about fields and options, gathered so that one message names every field that it is true of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from hubgate.hub.card.notes import LISTED, Note, listed, quoted

SENTENCES = {
    "country_as_text": "These fields ask for a country as free text: {found}. The type “country” offers a list.",
    "field_key_ignored": "The Hub reads only “type” and, for a select, “options” (with “label” and “value”), and "
    "ignores the rest: {found}. Every field but ip_location is required. Remove these keys.",
    "field_type_case": "Types are written in small letters without spaces; these are read as such: {found}.",
    "field_type_unknown": "The Hub has no such type of field, and these are shown as text: {found}. The types are "
    "text, checkbox, date_picker, country, select and ip_location.",
    "field_without_type": "These fields have no type and are shown as text: {found}. Write one, for example “text” or "
    "“checkbox”.",
    "fields_as_list": "extra_gated_fields is a list, and is read in its order: {found}. Write it as a map, one "
    "“label: type” a line without dashes, as the Hub's documentation does.",
    "gate_key_empty": "These entries of extra_gated_fields are empty: {found}. Give each a label and a type.",
    "label_lookalike": "A requester cannot tell these labels apart: {found}. Reword all but one of each.",
    "label_not_text": "These labels are lists or maps to YAML: {found}. Put each label in quotes.",
    "option_duplicate": "These selects have options that cannot be told apart: {found}. Give each option its own label "
    "and value.",
    "option_incomplete": "Options need both a label and a value, or are one text: {found}. Complete them, and put a "
    "text that contains “: ” in quotes.",
    "select_without_options": "These selects have nothing to choose, so nobody can answer them and everybody is locked "
    "out: {found}. Add “options:” with a list of choices.",
}


class Finding(NamedTuple):
    """`text` with a `{}` for each of `names`, which are quoted from the card."""

    line: int
    text: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.text.format(*map(quoted, self.names))} (line {self.line})"


class Findings:
    """Findings by code. Only those that the message has room for are kept: a huge card has far more."""

    def __init__(self) -> None:
        self._first: dict[str, list[Finding]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, code: str, line: int, text: str, *names: str) -> None:
        self._counts[code] += 1
        if self._counts[code] <= LISTED:
            self._first.setdefault(code, []).append(Finding(line, text, names))

    def has_room(self, code: str) -> bool:
        """Whether the message will show one more finding of this code."""
        return self._counts[code] < LISTED

    def notes(self) -> Iterator[Note]:
        """One warning a code, on the line of the first finding."""
        for code, found in self._first.items():
            named = listed(map(str, found), self._counts[code])
            yield Note(code, found[0].line, SENTENCES[code].format(found=named))
