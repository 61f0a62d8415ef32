"""The gate form: the questions that `extra_gated_fields` asks, in card order, labels and options as typed (HC §3)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from collections.abc import Sequence as Ordered
from dataclasses import dataclass

from hubgate.hub.card.findings import Findings
from hubgate.hub.card.front_matter import Mapping, Node, Scalar, Sequence, label_of
from hubgate.hub.card.likeness import same_look
from hubgate.hub.card.notes import Note, listed
from hubgate.hub.card.options import Option, ignore_keys, read_options

FIELD_TYPES = ("text", "checkbox", "date_picker", "country", "select", "ip_location")
COUNTRY_LABELS = frozenset({"country", "your country", "country of residence", "country/region", "nationality"})
MEANT = {"date": "date_picker", "datetime": "date_picker", "dropdown": "select", "radio": "select", "choice": "select"}


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `label` is both its text and the key of its answer; `type` is one of `FIELD_TYPES`."""

    label: str
    type: str
    options: tuple[Option, ...] = ()


def distinct_names(fields: Ordered[Field]) -> list[str]:
    """A name for each field's input, by its place in the form: two labels in any script never share one."""
    return [f"field-{number}" for number in range(1, len(fields) + 1)]


def read_fields(node: Mapping | Sequence, notes: list[Note]) -> tuple[Field, ...]:
    """The questions under `extra_gated_fields`. What is odd about one of them is noted; the question stays."""
    found = Findings()
    entries = list(_pairs(node, found) if isinstance(node, Mapping) else _listed(node, found))
    fields = tuple(_field(label, value, found) for label, value in entries)
    _compare([label for label, _ in entries], found)
    notes += found.notes()
    return fields


def _pairs(mapping: Mapping, found: Findings) -> Iterator[tuple[Scalar, Node]]:
    """Label and definition of each question of a map, as the Hub documents it."""
    for key, value in mapping.pairs:
        if isinstance(key, Scalar):
            yield key, value
        else:
            label = Scalar(label_of(key), key.line)
            found.add("label_not_text", label.line, "{}", label.text)
            yield label, value


def _listed(node: Sequence, found: Findings) -> Iterator[tuple[Scalar, Node]]:
    """The same of a list, the shape of the Hub's own template: one-pair maps, with whatever authors make of them."""
    found.add("fields_as_list", node.line, f"{len(node.items)} {'entry' if len(node.items) == 1 else 'entries'}")
    for item in node.items:
        if isinstance(item, Mapping):
            yield from _listed_map(item, found)
        elif isinstance(item, Sequence):
            found.add("fields_as_list", item.line, "a list within the list, left out")
        elif item.is_null:
            found.add("gate_key_empty", item.line, "an entry of the list")
        else:
            yield item, Scalar("", item.line)


def _listed_map(item: Mapping, found: Findings) -> Iterator[tuple[Scalar, Node]]:
    """The pairs of an entry of a list, or its one question when it is written as `label: …`, `type: …`."""
    label = (item.get("label") or item.get("name")) if item.get("type") is not None else None
    if isinstance(label, Scalar):
        yield label, Mapping(item.line, [pair for pair in item.pairs if pair[1] is not label])
    else:
        yield from _pairs(item, found)


def _field(label: Scalar, definition: Node, found: Findings) -> Field:
    """A question from its label and either its type or a map of type and options."""
    if not label.text.strip():
        found.add("gate_key_empty", label.line, "a field without a label")
    if not isinstance(definition, Mapping):
        kind = _type(label, definition, found)
        return Field(label.text, kind, read_options(label, None, found) if kind == "select" else ())
    kind = _type(label, definition.get("type"), found)
    if kind != "select":
        ignore_keys(definition, ("type",), "of", label, found)
        return Field(label.text, kind)
    ignore_keys(definition, ("type", "options"), "of", label, found)
    return Field(label.text, kind, read_options(label, definition.get("options"), found))


def _type(label: Scalar, node: Node | None, found: Findings) -> str:
    """A field's type; `text` for one that the Hub does not know."""
    if node is None or (isinstance(node, Scalar) and (node.is_null or not node.text.strip())):
        found.add("field_without_type", label.line, "{}", label.text)
        return "text"
    if not isinstance(node, Scalar):
        shape = "a map" if isinstance(node, Mapping) else "a list"
        found.add("field_type_unknown", label.line, f"{{}} is {shape}", label.text)
        return "text"
    folded = node.text.strip().casefold()
    if folded not in FIELD_TYPES:
        meant = _meant(folded) if found.has_room("field_type_unknown") else None
        hint = f", did you mean {meant}?" if meant else ""
        found.add("field_type_unknown", label.line, "{} is {}" + hint, label.text, node.text)
        return "text"
    if folded != node.text:
        found.add("field_type_case", label.line, "{} is {}", label.text, node.text)
    if folded == "text" and same_look(label.text) in COUNTRY_LABELS:
        found.add("country_as_text", label.line, "{}", label.text)
    return folded


def _meant(kind: str) -> str | None:
    return MEANT.get(kind) or next(iter(difflib.get_close_matches(kind[:40], FIELD_TYPES, 1)), None)


def _compare(labels: Ordered[Scalar], found: Findings) -> None:
    """Note the labels that a person reads as the same question."""
    groups: dict[str, list[Scalar]] = {}
    for label in labels:
        groups.setdefault(same_look(label.text), []).append(label)
    for group in groups.values():
        if len(group) > 1:
            where = listed(str(label.line) for label in group)
            found.add("label_lookalike", group[1].line, f"{{}}, {len(group)} times, on lines {where}", group[0].text)
