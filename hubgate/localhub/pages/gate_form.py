"""The gate form of a card as the Hub's page draws it (HC §1.4, HC §3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pycountry
from django.utils.safestring import SafeString

from hubgate.localhub import card as cards
from hubgate.localhub.pages import markup

TYPES = ("text", "checkbox", "date_picker", "country", "select", "ip_location")
LONG = 800  # characters of a prompt from which the form begins collapsed
NOUNS = {"model": "model", "dataset": "dataset", "space": "Space"}


@dataclass(frozen=True)
class Field:
    """A question. `options` are (value, label) pairs; `ip_location` has no input, only a notice."""

    id: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class GateForm:
    heading: str
    description: SafeString
    prompt: SafeString
    button: str
    fields: tuple[Field, ...]
    long: bool


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """ISO 3166 codes and names by name."""
    found = ((country.alpha_2, getattr(country, "common_name", country.name)) for country in pycountry.countries)
    return tuple(sorted(found, key=lambda pair: pair[1]))


def _text(card: dict[str, Any], key: str) -> str:
    value = card.get(key)
    return "" if value is None or isinstance(value, (dict, list)) else str(value).strip()


def _option(given: object) -> tuple[str, str]:
    """An option's value and label; one that gives only one of them uses it for both."""
    if isinstance(given, dict):
        label, value = given.get("label"), given.get("value")
        return str(label if value is None else value), str(value if label is None else label)
    return str(given), str(given)


def _kind(given: object) -> tuple[str, tuple[tuple[str, str], ...]]:
    kind = given.get("type") if isinstance(given, dict) else given
    if kind not in TYPES:
        return "text", ()
    if kind == "country":
        return "country", countries()
    options = given.get("options") if isinstance(given, dict) else None
    return str(kind), tuple(_option(one) for one in options) if kind == "select" and isinstance(options, list) else ()


def _given(card: dict[str, Any]) -> dict[str, object]:
    found = card.get("extra_gated_fields")
    if isinstance(found, list):
        return {label: kind for item in found if isinstance(item, dict) for label, kind in item.items()}
    return found if isinstance(found, dict) else {}


def read(card: dict[str, Any] | None, kind: str, gate: str) -> GateForm:
    """The form of a repository of this type and gate ("auto" or "manual"); the Hub's texts where the card has none."""
    card = card or {}
    given = _given(card)
    fields = []
    for number, label in enumerate(cards.fields(card)):
        field_kind, options = _kind(given.get(label))
        fields.append(Field(f"gate-{number}", label, field_kind, options))
    noun = NOUNS[kind]
    prompt = _text(card, "extra_gated_prompt")
    description = _text(card, "extra_gated_description") or (
        "This repository is publicly accessible, but you have to accept the conditions to access its files and content."
        if gate == "auto"
        else f"The authors of this {noun} read your request. They see your user name, your e-mail and your answers."
    )
    button = "Agree and access repository" if gate == "auto" else "Agree and send request to access repo"
    return GateForm(
        heading=_text(card, "extra_gated_heading")
        or f"You need to agree to share your contact information to access this {noun}",
        description=markup.to_html(description),
        prompt=markup.to_html(prompt),
        button=_text(card, "extra_gated_button_content") or button,
        fields=tuple(fields),
        long=len(prompt) > LONG,
    )
