"""`manage.py read_card FILE`: what a README's front matter says to the Hub, and what its author should know."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubgate.hub.card import Card, Note, read_card


class Command(BaseCommand):
    help = "Read the front matter of a README as the Hub does: gate form, texts, tags, licence, warnings and errors."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the README, in UTF-8; - reads standard input")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        card = read_card(_content(options["file"]))
        if options["json"]:
            self.stdout.write(json.dumps(card.as_dict(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(card)))


def _content(name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read ({error.strerror}): give the path of a README.") from error
    except ValueError as error:
        raise CommandError(f"{name!r} is not the path of a file ({error}): give the path of a README.") from error
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CommandError(
            f"{name} is not UTF-8: the byte 0x{content[error.start]:02x} on line {line} does not fit. Save it as UTF-8."
        ) from error


def _lines(card: Card) -> list[str]:
    """The card for a person: a line a fact, the notes last."""
    lines = [f"Form: {len(card.fields)} field{'' if len(card.fields) == 1 else 's'}"]
    for field in card.fields:
        lines.append(f"  {field.label} — {field.type}")
        lines += [
            f"    {option.label}" + (f" (stored as {option.value})" if option.value != option.label else "")
            for option in field.options
        ]
    for name in ("heading", "description", "prompt", "button"):
        text = getattr(card, name)
        lines.append(f"{name.capitalize()}: " + ("the Hub's default" if text is None else text.strip()))
    lines += [
        f"Not for people in the EU: {_answer(card.eu_disallowed)}",
        f"Not for all audiences: {_answer(card.nfaa)}",
        f"Tags: {', '.join(card.tags) or 'none'}",
        f"Licence: {card.license or 'none'}",
    ]
    return lines + _notes("Error", card.errors) + _notes("Warning", card.warnings)


def _answer(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def _notes(kind: str, notes: tuple[Note, ...]) -> list[str]:
    return [f"{kind}, {note.code}: {note.message}" for note in notes]
