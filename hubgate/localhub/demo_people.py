"""The demo's people and how they answer a gate form, from `demo_data/`. Pure; the same for the same random state."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hubgate.localhub.pages import gate_form
from hubgate.localhub.pages.gate_form import Field

DATA = Path(__file__).resolve().parent / "demo_data"
APPROVALS = (
    "24-117",
    "REC/2026/088",
    "IRB-5521",
    "in review",
    "none yet",
    "EK 03/26",
    "not needed for this kind of study",
)


@dataclass(frozen=True)
class Person:
    name: str
    fullname: str
    email: str
    orgs: tuple[str, ...]
    affiliation: str
    country: str
    role: str
    uses: tuple[str, ...]


def load(name: str) -> Any:
    """A YAML file of `demo_data/`."""
    return yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506


@lru_cache(maxsize=1)
def people() -> dict[str, Person]:
    """Everybody who asks, by user name."""
    return {
        name: Person(name, row[0], row[1], tuple(row[2]), row[3], row[4], row[5], tuple(row[6]))
        for name, row in load("people").items()
    }


def _text(person: Person, what: str, choose: random.Random) -> str:
    given, _, family = person.fullname.removeprefix("Dr. ").partition(" ")
    if what == "affiliation":
        return person.affiliation or choose.choice(("-", "none", "private", "n/a"))
    if what == "name":
        return f"{person.fullname}, {person.affiliation}" if person.affiliation else person.fullname
    if what == "approval":
        return choose.choice(APPROVALS)
    facts = {"given": given, "family": family or given, "email": person.email}
    return facts[what] if what in facts else choose.choice(person.uses)


def _answer(field: Field, person: Person, what: str, today: date, choose: random.Random) -> str:
    if field.kind == "checkbox":
        return "on"
    if field.kind == "country":
        return person.country or choose.choice(("US", "DE", "IN"))
    if field.kind == "date_picker":
        birthday = "geburt" in field.label.lower()
        days = -choose.randrange(20 * 365, 60 * 365) if birthday else choose.randrange(60, 500)
        return (today + timedelta(days=days)).isoformat()
    if field.kind == "select":
        values = [value for value, _ in field.options]
        return person.role if person.role in values else choose.choice(values or [""])
    return _text(person, what, choose)


def answers(
    card: dict[str, Any] | None, texts: dict[str, str], person: Person, today: date, choose: random.Random
) -> dict[str, str]:
    """What a person answers to a card's form, by label. `texts`: what a text question asks for; others get the use."""
    fields = gate_form.read(card, "model", "manual").fields
    return {
        field.label: _answer(field, person, texts.get(field.label, "use"), today, choose)
        for field in fields
        if field.kind != "ip_location"
    }
