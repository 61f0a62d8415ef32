"""The choices of a select: texts, or maps of label and value, in card order and as typed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hubgate.hub.card.findings import Findings
from hubgate.hub.card.front_matter import Mapping, Node, Scalar, Sequence, label_of
from hubgate.hub.card.likeness import same_look

OPTION_KEYS = ("label", "value")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select: what is shown, and what the Hub stores as the answer."""

    label: str
    value: str


def read_options(field: Scalar, node: Node | None, found: Findings) -> tuple[Option, ...]:
    """The options of the field with this label; none where `node` is no list. A select without any is noted."""
    options = tuple(_options(field, node, found)) if isinstance(node, Sequence) else ()
    if options:
        _compare(field, options, found)
    elif isinstance(node, Mapping):
        found.add("select_without_options", field.line, "{}, whose options are a map and not a list", field.text)
    elif isinstance(node, Scalar) and not node.is_null:
        found.add("select_without_options", field.line, "{}, whose options are the text {}", field.text, node.text)
    else:
        found.add("select_without_options", field.line, "{}", field.text)
    return options


def ignore_keys(mapping: Mapping, used: Collection[str], where: str, field: Scalar, found: Findings) -> None:
    """Note the keys of a field's or option's map that the Hub does not read."""
    for key, _ in mapping.pairs:
        if not (isinstance(key, Scalar) and key.text in used):
            found.add("field_key_ignored", key.line, f"{{}} {where} {{}}", label_of(key), field.text)


def _options(field: Scalar, node: Sequence, found: Findings) -> Iterator[Option]:
    for item in node.items:
        if isinstance(item, Mapping):
            yield from _option(field, item, found)
        elif isinstance(item, Sequence):
            found.add("option_incomplete", item.line, "a list within the options of {}, left out", field.text)
        elif item.plain and not item.text:
            found.add("option_incomplete", item.line, "an empty option of {}, left out", field.text)
        else:
            if not item.text.strip():
                found.add("option_incomplete", item.line, "a blank option of {}", field.text)
            yield Option(item.text, item.text)


def _option(field: Scalar, item: Mapping, found: Findings) -> Iterator[Option]:
    """The option of a map; the label serves for a missing value and the other way round."""
    label, value = _text(item.get("label")), _text(item.get("value"))
    if label is None and value is None:
        found.add("option_incomplete", item.line, "{} of {}, left out", label_of(item), field.text)
        return
    ignore_keys(item, OPTION_KEYS, "in an option of", field, found)
    if value is None:
        found.add("option_incomplete", item.line, "{} of {} has no value", label or "", field.text)
    elif label is None:
        found.add("option_incomplete", item.line, "{} of {} has no label", value, field.text)
    yield Option((value or "") if label is None else label, (label or "") if value is None else value)


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.is_null else None


def _compare(field: Scalar, options: tuple[Option, ...], found: Findings) -> None:
    """Note options that read the same, and different ones that are stored the same."""
    by_look: dict[str, list[Option]] = {}
    looks_by_value: dict[str, set[str]] = {}
    for option in options:
        look = same_look(option.label)
        by_look.setdefault(look, []).append(option)
        looks_by_value.setdefault(option.value, set()).add(look)
    for group in by_look.values():
        if len(group) > 1:
            differ = len({option.value for option in group}) > 1
            text = f"{len(group)} read {{}} in {{}}" + (", with different values" if differ else "")
            found.add("option_duplicate", field.line, text, group[0].label, field.text)
    for value, looks in looks_by_value.items():
        if len(looks) > 1:
            found.add("option_duplicate", field.line, f"{len(looks)} have the value {{}} in {{}}", value, field.text)
