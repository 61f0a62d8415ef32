"""The gate form: the questions that `extra_gated_fields` asks, in card order, labels and options as typed (HC §3)."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from collections.abc import Sequence as Ordered
from dataclasses import dataclass

from hubgate.hub.card.front_matter import Mapping, Node, Scalar, Sequence, label_of
from hubgate.hub.card.notes import Note, listed, quoted

FIELD_TYPES = ("text", "checkbox", "date_picker", "country", "select", "ip_location")
FIELD_KEYS = ("type", "options")
OPTION_KEYS = ("label", "value")
COUNTRY_LABELS = frozenset({"country", "your country", "country of residence", "country/region", "nationality"})
MEANT = {"date": "date_picker", "datetime": "date_picker", "dropdown": "select", "radio": "select", "choice": "select"}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select: what is shown, and what the Hub stores as the answer."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `label` is both its text and the key of its answer; `type` is one of `FIELD_TYPES`."""

    label: str
    type: str
    options: tuple[Option, ...] = ()


def distinct_names(fields: Ordered[Field]) -> list[str]:
    """A name for each field's input, by its place in the form: two labels in any script never share one."""
    return [f"field-{number}" for number in range(1, len(fields) + 1)]


def read_fields(node: Node, notes: list[Note]) -> tuple[Field, ...]:
    """The questions under `extra_gated_fields`. What is odd about one of them is noted; the question stays."""
    found = _Findings(notes)
    entries = list(_entries(node, found))
    fields = tuple(_field(label, value, found) for label, value in entries)
    _compare_labels([label for label, _ in entries], notes)
    found.report()
    return fields


def same_look(text: str) -> str:
    """Equal for texts that look the same: composed or not, wide or narrow, in case, spaces and unseen characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(char for char in folded if char.isascii() or unicodedata.category(char) != "Cf")
    return " ".join(seen.split())


@dataclass(frozen=True, slots=True)
class _Finding:
    line: int
    text: str


class _Findings:
    """Per code, everything that is odd about fields, so that one message can name them all."""

    SENTENCES = {
        "field_type_unknown": "The Hub has no such type of field, and these are shown as text: {found}. The types are "
        + ", ".join(FIELD_TYPES)
        + ".",
        "field_type_case": "Types are written in small letters without spaces; these are read as such: {found}.",
        "field_without_type": "These fields have no type and are shown as text: {found}. Write one, for example “text” "
        "or “checkbox”.",
        "field_key_ignored": "The Hub reads only “type” and, for a select, “options” (with “label” and “value”), and "
        "ignores the rest: {found}. Every field but ip_location is required. Remove these keys.",
        "select_without_options": "These selects have nothing to choose, so nobody can answer them and everybody is "
        "locked out: {found}. Add “options:” with a list of choices.",
        "option_incomplete": "Options need both a label and a value, or are one text: {found}. Complete them, and put "
        "a text that contains “: ” in quotes.",
        "label_not_text": "These labels are lists or maps to YAML: {found}. Put each label in quotes.",
        "country_as_text": "These fields ask for a country as free text: {found}. The type “country” offers a list.",
        "gate_key_empty": "These entries of extra_gated_fields are empty: {found}. Give each a label and a type.",
        "fields_as_list": "extra_gated_fields is a list, and is read in its order: {found}. Write it as a map, one "
        "“label: type” a line without dashes, as the Hub's documentation does.",
    }

    def __init__(self, notes: list[Note]) -> None:
        self.notes = notes
        self.found: dict[str, list[_Finding]] = {}

    def add(self, code: str, line: int, text: str) -> None:
        self.found.setdefault(code, []).append(_Finding(line, text))

    def report(self) -> None:
        for code, found in self.found.items():
            named = listed(f"{finding.text} (line {finding.line})" for finding in found)
            self.notes.append(Note(code, found[0].line, self.SENTENCES[code].format(found=named)))


def _entries(node: Node, found: _Findings) -> Iterator[tuple[Scalar, Node]]:
    """Label and definition of each question, from the map that the Hub documents or the list of its template."""
    if isinstance(node, Mapping):
        yield from _pairs(node, found)
        return
    assert isinstance(node, Sequence)
    found.add("fields_as_list", node.line, f"{len(node.items)} {'entry' if len(node.items) == 1 else 'entries'}")
    for item in node.items:
        if isinstance(item, Mapping):
            yield from _listed_field(item, found)
        elif isinstance(item, Sequence):
            found.add("fields_as_list", item.line, "a list within the list, which is left out")
        elif item.is_null:
            found.add("gate_key_empty", item.line, "an entry of the list")
        else:
            yield item, Scalar("", item.line)


def _listed_field(item: Mapping, found: _Findings) -> Iterator[tuple[Scalar, Node]]:
    """The questions of one entry of a list: its pairs, or the one question of `label: …`, `type: …`."""
    label = item.get("label") or item.get("name")
    if item.get("type") is not None and isinstance(label, Scalar):
        yield label, Mapping(item.line, [pair for pair in item.pairs if pair[1] is not label])
    else:
        yield from _pairs(item, found)


def _pairs(mapping: Mapping, found: _Findings) -> Iterator[tuple[Scalar, Node]]:
    for key, value in mapping.pairs:
        if isinstance(key, Scalar):
            yield key, value
        else:
            label = Scalar(label_of(key), key.line)
            found.add("label_not_text", key.line, quoted(label.text))
            yield label, value


def _field(label: Scalar, value: Node, found: _Findings) -> Field:
    if not label.text.strip():
        found.add("gate_key_empty", label.line, "a field without a label")
    name = quoted(label.text)
    options: Node | None = None
    kind: Node | None = value
    if isinstance(value, Mapping):
        kind, options = value.get("type"), value.get("options")
    field_type = _type(label, kind, found)
    if isinstance(value, Mapping):
        used = FIELD_KEYS if field_type == "select" else ("type",)
        _ignore_keys(value, used, f"of {name}", found)
    if field_type != "select":
        if field_type == "text" and same_look(label.text) in COUNTRY_LABELS:
            found.add("country_as_text", label.line, name)
        return Field(label.text, field_type)
    choices = tuple(_options(label, options, found))
    if not choices:
        found.add("select_without_options", label.line, name)
    _compare_options(label, choices, found.notes)
    return Field(label.text, field_type, choices)


def _type(label: Scalar, node: Node | None, found: _Findings) -> str:
    """The field's type; `text` for one that the Hub does not know, with the closest it knows in the note."""
    name = quoted(label.text)
    if node is None or (isinstance(node, Scalar) and (node.is_null or not node.text.strip())):
        found.add("field_without_type", label.line, name)
        return "text"
    if not isinstance(node, Scalar):
        found.add("field_type_unknown", label.line, f"{name} is {'a map' if isinstance(node, Mapping) else 'a list'}")
        return "text"
    if node.text in FIELD_TYPES:
        return node.text
    folded = node.text.strip().casefold()
    if folded in FIELD_TYPES:
        found.add("field_type_case", label.line, f"{name} is {quoted(node.text)}")
        return folded
    meant = MEANT.get(folded) or next(iter(difflib.get_close_matches(folded[:40], FIELD_TYPES, 1)), None)
    hint = f", did you mean {meant}?" if meant else ""
    found.add("field_type_unknown", label.line, f"{name} is {quoted(node.text)}{hint}")
    return "text"


def _ignore_keys(mapping: Mapping, used: Ordered[str], where: str, found: _Findings) -> None:
    for key, _ in mapping.pairs:
        if not (isinstance(key, Scalar) and key.text in used):
            found.add("field_key_ignored", key.line, f"{quoted(label_of(key))} {where}")


def _options(label: Scalar, node: Node | None, found: _Findings) -> Iterator[Option]:
    name = quoted(label.text)
    if not isinstance(node, Sequence):
        return
    for item in node.items:
        if isinstance(item, Scalar) and not (item.plain and not item.text):
            if not item.text.strip():
                found.add("option_incomplete", item.line, f"a blank option of {name}")
            yield Option(item.text, item.text)
        elif isinstance(item, Mapping):
            shown, stored = _option_text(item.get("label")), _option_text(item.get("value"))
            if shown is None and stored is None:
                found.add("option_incomplete", item.line, f"{quoted(label_of(item))} of {name}, which is left out")
                continue
            _ignore_keys(item, OPTION_KEYS, f"in an option of {name}", found)
            if shown is None or stored is None:
                lacking = "label" if shown is None else "value"
                found.add("option_incomplete", item.line, f"{quoted(shown or stored or '')} of {name} has no {lacking}")
            yield Option(_either(shown, stored), _either(stored, shown))
        else:
            what = "a list within the options" if isinstance(item, Sequence) else "an empty option"
            found.add("option_incomplete", item.line, f"{what} of {name}, which is left out")


def _option_text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.is_null else None


def _either(first: str | None, second: str | None) -> str:
    return first if first is not None else second or ""


def _compare_options(label: Scalar, options: Ordered[Option], notes: list[Note]) -> None:
    """One note for all options of a select that read the same or are stored the same."""
    labels: dict[str, list[Option]] = {}
    values: dict[str, list[Option]] = {}
    for option in options:
        labels.setdefault(same_look(option.label), []).append(option)
        values.setdefault(option.value, []).append(option)
    twice = []
    for group in labels.values():
        if len(group) > 1:
            differ = len({option.value for option in group}) > 1
            twice.append(f"{quoted(group[0].label)} {len(group)} times{' with different values' if differ else ''}")
    for value, group in values.items():
        if len({same_look(option.label) for option in group}) > 1:
            twice.append(f"the value {quoted(value)} {len(group)} times under different labels")
    if twice:
        notes.append(
            Note(
                "option_duplicate",
                label.line,
                f"The select {quoted(label.text)} on line {label.line} has options that cannot be told apart: "
                f"{listed(twice)}. Give each its own label and value.",
            )
        )


def _compare_labels(labels: Ordered[Scalar], notes: list[Note]) -> None:
    """One note for each group of labels that a person reads as the same question."""
    groups: dict[str, list[Scalar]] = {}
    for label in labels:
        groups.setdefault(same_look(label.text), []).append(label)
    for group in groups.values():
        if len(group) > 1:
            where = listed(str(label.line) for label in group)
            notes.append(
                Note(
                    "label_lookalike",
                    group[1].line,
                    f"{len(group)} labels look like {quoted(group[0].text)}, on lines {where}: "
                    "a requester cannot tell them apart. Reword one of them.",
                )
            )
