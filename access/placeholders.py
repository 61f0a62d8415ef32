"""The place holders of reason templates. Pure.

`{name}` stands for a value; a brace that is meant is doubled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hubgate.errors import InvalidInputError

KNOWN: dict[str, str] = {
    "name": "the person's name, else their user name",
    "first name": "the first word of it",
    "username": "their user name on the Hub",
    "repository": "the repository that they asked for",
    "namespace": "whose it is",
    "questions": "the questions that they left unanswered",
}
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NO_QUESTIONS = "the questions of the form"


def check(text: str) -> None:
    """InvalidInputError for a place holder that is not known, naming it and those that are, and for a brace that is
    neither doubled nor part of one."""
    for part in _PART.finditer(text):
        if part[0] in ("{{", "}}"):
            continue
        if part[1] is None:
            message = f"There is a single “{part[0]}” at character {part.start() + 1}. Write it twice if you mean it."
            raise InvalidInputError(message, fields={"text": message})
        if _name(part[1]) not in KNOWN:
            known = ", ".join(f"{{{name}}}" for name in KNOWN)
            message = f"There is no place holder “{{{part[1][:40]}}}”. Known are {known}; double a brace that you mean."
            raise InvalidInputError(message, fields={"text": message})


def fill(text: str, values: Mapping[str, str]) -> str:
    """A template's text with each place holder replaced by its value; values are put in as they are. What is no place
    holder stays as it stands."""

    def value(part: re.Match[str]) -> str:
        if part[0] in ("{{", "}}"):
            return part[0][0]
        return values.get(_name(part[1]), part[0]) if part[1] is not None else part[0]

    return _PART.sub(value, text)


def put_in(template: str, *, reason: str, typed: str, filled: str) -> tuple[str, str]:
    """A filled-in template taken into a reason being written, so that nothing typed is lost: the new reason, and the
    part of it that was typed. `reason` is what stands there now; `filled` is what the template before made of `typed`:
    where it still stands so, the new template takes the place of the one before."""
    base = typed if filled and _same(reason, filled) else reason
    base = base.strip()
    return (f"{base}\n\n{template}" if base else template), base


def values(*, name: str, username: str, repository: str, unanswered: Sequence[str]) -> dict[str, str]:
    """What the place holders stand for with one request: `repository` is its full name, `unanswered` the labels of the
    questions without an answer."""
    return {
        "name": name or username,
        "first name": (name or username).split()[0] if (name or username).strip() else username,
        "username": username,
        "repository": repository,
        "namespace": repository.partition("/")[0],
        "questions": ", ".join(f"“{label}”" for label in unanswered) or _NO_QUESTIONS,
    }


def _name(written: str) -> str:
    return " ".join(written.lower().split())


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
