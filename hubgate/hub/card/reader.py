"""From a README to what its front matter says about gate, tags and licence, with everything the author should know."""

from __future__ import annotations

import difflib
import gc
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from hubgate.hub.card.fence import Block, find_block, swallowed_fence
from hubgate.hub.card.form import Field, read_fields
from hubgate.hub.card.front_matter import Mapping, Node, Scalar, Sequence, parse
from hubgate.hub.card.notes import LISTED, Note, listed, quoted
from hubgate.hub.card.results import MODEL_INDEX_KEY, Result, read_results
from hubgate.hub.card.tags import NFAA_TAG, nfaa_lookalikes, read_license, read_tags

FIELDS_KEY = "extra_gated_fields"
EU_KEY = "extra_gated_eu_disallowed"
TEXT_KEYS = {
    "heading": "extra_gated_heading",
    "description": "extra_gated_description",
    "prompt": "extra_gated_prompt",
    "button": "extra_gated_button_content",
}
GATE_KEYS = (FIELDS_KEY, EU_KEY, *TEXT_KEYS.values())
LONGEST_GATE_KEY = 60  # characters of a key that may be a misspelt one
LARGE_BLOCK = 64 * 1024  # characters
LONG_HEADING = 200  # characters; a heading is one line on a phone
ACTIVE_HTML = re.compile(
    r"<(?:script|style|iframe|object|embed|form|input|button|img|svg|video|audio|link|meta|base)\b"
    r"|<[^<>]{0,500}\son[a-z]{3,20}=|(?:\]\(|href=[\"']?) {0,5}(?:javascript|data|vbscript):",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Card:
    """What a README's front matter says. With errors, nothing in it may be used: the last good form stays in force.

    `nfaa` and `eu_disallowed` are None when unknown. `gated` is the key of that name as typed; it never sets the gate.
    `results` are the numbers of its `model-index`.
    """

    fields: tuple[Field, ...] = ()
    heading: str | None = None
    description: str | None = None
    prompt: str | None = None
    button: str | None = None
    eu_disallowed: bool | None = None
    nfaa: bool | None = None
    tags: tuple[str, ...] = ()
    license: str | None = None
    warnings: tuple[Note, ...] = ()
    errors: tuple[Note, ...] = ()
    gated: str | None = None
    results: tuple[Result, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the card may replace what was read before; a card without front matter may."""
        return not self.errors

    @property
    def has_gate_form(self) -> bool:
        """Whether the card holds anything that the Hub shows only at a gate."""
        return bool(self.fields or self.heading or self.description or self.prompt or self.button)

    def as_dict(self) -> dict[str, Any]:
        """The card as JSON: fields as `{label, type, options: [{label, value}]}`, notes as `{code, line, message}`."""
        return {
            "fields": [
                {
                    "label": field.label,
                    "type": field.type,
                    "options": [{"label": option.label, "value": option.value} for option in field.options],
                }
                for field in self.fields
            ],
            "heading": self.heading,
            "description": self.description,
            "prompt": self.prompt,
            "button": self.button,
            "eu_disallowed": self.eu_disallowed,
            "nfaa": self.nfaa,
            "tags": list(self.tags),
            "license": self.license,
            "warnings": [_note(note) for note in self.warnings],
            "errors": [_note(note) for note in self.errors],
        }

    def form_digest(self) -> str:
        """SHA-256 (hex) of what a requester sees: fields and texts. Equal for two cards that show the same form."""
        card = self.as_dict()
        form = {key: card[key] for key in ("fields", *TEXT_KEYS)}
        canonical = json.dumps(form, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _note(note: Note) -> dict[str, Any]:
    return {"code": note.code, "line": note.line, "message": note.message}


def read_card(text: str | bytes) -> Card:
    """Read a README (bytes as UTF-8; what is not UTF-8 becomes U+FFFD). Never raises; time grows with the length."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    block, warnings = find_block(text)
    if block is None:
        return Card(eu_disallowed=False, nfaa=False, warnings=_in_order(warnings))
    with _without_collector() if len(block.text) > LARGE_BLOCK else nullcontext():
        return _read_block(block, warnings)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection meanwhile: a huge card makes some 100,000 nodes, none of them in a cycle, and the collector
    would take as long over them as the reading. Where two threads read at once, one of them puts it back."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read_block(block: Block, warnings: list[Note]) -> Card:
    root, errors = parse(block)
    if root is None:
        if (fence := swallowed_fence(block)) is not None:
            warnings.append(fence)
        return Card(warnings=_in_order(warnings), errors=tuple(errors))
    return _read(root, warnings)


def _in_order(notes: list[Note]) -> tuple[Note, ...]:
    return tuple(sorted(notes, key=lambda note: note.line or 0))


def _read(root: Mapping, notes: list[Note]) -> Card:
    values = {key.text: value for key, value in root.named()}
    lines = {key.text: key.line for key, _ in root.named()}
    tags = read_tags(values.get("tags"), notes)
    notes += nfaa_lookalikes(root, tags)
    _note_gate_keys(values, lines, notes)
    gated = values.get("gated")
    return Card(
        fields=_fields(values.get(FIELDS_KEY), notes),
        heading=_text("extra_gated_heading", values, notes),
        description=_text("extra_gated_description", values, notes),
        prompt=_text("extra_gated_prompt", values, notes),
        button=_text("extra_gated_button_content", values, notes),
        eu_disallowed=_eu_disallowed(values.get(EU_KEY), notes),
        nfaa=any(tag.text == NFAA_TAG for tag in tags),
        tags=tuple(tag.text for tag in tags),
        license=read_license(values.get("license")),
        gated=gated.text if isinstance(gated, Scalar) and not gated.is_null else None,
        results=read_results(values.get(MODEL_INDEX_KEY)),
        warnings=_in_order(notes),
    )


def _is_empty(node: Node) -> bool:
    if isinstance(node, Scalar):
        return node.is_null or not node.text.strip()
    return not (node.items if isinstance(node, Sequence) else node.pairs)


def _fields(node: Node | None, notes: list[Note]) -> tuple[Field, ...]:
    if node is None or _is_empty(node):
        return ()
    if isinstance(node, Scalar):
        notes.append(
            Note(
                "fields_not_a_map",
                node.line,
                f"“{FIELDS_KEY}” on line {node.line} is the text {quoted(node.text)}, so the form asks nothing: write "
                "one “label: type” a line below it, indented.",
            )
        )
        return ()
    return read_fields(node, notes)


def _text(key: str, values: dict[str, Node], notes: list[Note]) -> str | None:
    """The text under a gate key as typed; None when it is absent, null or blank, or is no text."""
    node = values.get(key)
    if node is None or _is_empty(node):
        return None
    if not isinstance(node, Scalar):
        shape = "a map" if isinstance(node, Mapping) else "a list"
        notes.append(
            Note(
                "gate_text_not_text",
                node.line,
                f"“{key}” on line {node.line} is {shape} and is left out: write it as one text, in quotes if it "
                "contains “: ” or begins with a bracket or a dash.",
            )
        )
        return None
    if key == TEXT_KEYS["heading"] and len(node.text) > LONG_HEADING:
        notes.append(
            Note(
                "heading_long",
                node.line,
                f"The heading on line {node.line} has {len(node.text)} characters: keep it to one line, and put the "
                "rest into extra_gated_prompt.",
            )
        )
    if ACTIVE_HTML.search(node.text):
        notes.append(
            Note(
                "html_removed",
                node.line,
                f"“{key}” on line {node.line} holds HTML or a link that is not shown (scripts, images, event "
                "attributes, javascript: or data: links): use plain Markdown and https links.",
            )
        )
    return node.text


def _eu_disallowed(node: Node | None, notes: list[Note]) -> bool:
    if node is None or _is_empty(node):
        return False
    boolean = node.boolean if isinstance(node, Scalar) else None
    if boolean is None:
        read = quoted(node.text) if isinstance(node, Scalar) else "a list or a map"
        notes.append(
            Note(
                "eu_not_boolean",
                node.line,
                f"“{EU_KEY}” on line {node.line} is {read}, which is not a truth value in YAML 1.2 and is taken as "
                "false: write true or false, without quotes.",
            )
        )
    return bool(boolean)


def _note_gate_keys(values: dict[str, Node], lines: dict[str, int], notes: list[Note]) -> None:
    """Notes on gate keys that are there but empty, that the Hub does not know, and on `gated`."""
    empty = [key for key in GATE_KEYS if key in values and _is_empty(values[key])]
    if empty:
        named = listed(f"{key} (line {lines[key]})" for key in empty)
        notes.append(
            Note(
                "gate_key_empty",
                min(lines[key] for key in empty),
                f"These keys of the gate are empty and count as absent: {named}. Fill them in, or remove them.",
            )
        )
    for key in [key for key in lines if _meant_as_gate_key(key)][:LISTED]:
        meant = difflib.get_close_matches(key.casefold(), GATE_KEYS, 1)
        hint = f": did you mean {meant[0]}?" if meant else f". The keys are {', '.join(GATE_KEYS)}."
        notes.append(
            Note(
                "gate_key_unknown",
                lines[key],
                f"The Hub does not know the key {quoted(key)} on line {lines[key]}{hint}",
            )
        )
    if "gated" in values:
        notes.append(
            Note(
                "gated_in_card",
                lines["gated"],
                f"“gated” on line {lines['gated']} has no effect, the gate is a setting of the repository: set it "
                "there and remove the line.",
            )
        )


def _meant_as_gate_key(key: str) -> bool:
    if key in GATE_KEYS or len(key) > LONGEST_GATE_KEY:
        return False
    return key.casefold().replace("-", "_").replace(" ", "_").startswith(("extra_gate", "gated_"))
