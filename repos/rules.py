"""The Hub's words for a repository in ours, and what an author has to be warned of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubgate.hub.types import RepoKind

OPEN = "open"
AUTO = "auto"
MANUAL = "manual"
UNKNOWN = "unknown"

TURNED_PRIVATE = "repos.turned-private"  # an outbox kind that an app above carries; its key is "repository:when"
CONTENT_TAG = "tagging.commit"  # likewise, for our word on the tag of a card; its key and scope are the repository's id
GATE = "access.gate"  # likewise, for the gate of a repository that has a release plan; key and scope are its id
READ_HINTED = "repos.read-hinted"  # the outbox kind of reading one repository that a webhook named; its key is its id
CHECK_TOKEN = "repos.check-token"  # noqa: S105 (the outbox kind of a token check; its key is the namespace's id)

KINDS: dict[RepoKind, str] = {"models": "model", "datasets": "dataset", "spaces": "space"}
_PLURALS: dict[str, RepoKind] = {kind: plural for plural, kind in KINDS.items()}


_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")


def is_namespace_name(name: str) -> bool:
    """Whether the Hub could have a user or organisation of this name (HC §1)."""
    return _NAMESPACE.fullmatch(name) is not None


def kind_of(plural: RepoKind) -> str:
    """`models` → `model`: the Hub's path word to ours."""
    return KINDS[plural]


def plural_of(kind: str) -> RepoKind:
    """`model` → `models`: ours to the Hub's path word."""
    return _PLURALS[kind]


def gate_word(gated: bool | str | None) -> str:
    """The gate as the API says it (HC §2): `open` only for a plain false; a word that we do not know stays as it is,
    and what was not said is `unknown`. Both count as closed (field report 34)."""
    if gated is False:
        return OPEN
    return gated if isinstance(gated, str) and gated else UNKNOWN


def reading_only(namespace: str) -> str:
    """Why nothing can be changed for a namespace that hubgate may only read."""
    return f"hubgate only reads {namespace}. An author can allow it to change the Hub on the page of the namespace."


def is_open(gate: str) -> bool:
    """Whether anybody may download."""
    return gate == OPEN


def web_path(kind: str, name: str) -> str:
    """Where the Hub shows a repository: models have no prefix (HC §1)."""
    return f"/{name}" if kind == "model" else f"/{plural_of(kind)}/{name}"


@dataclass(frozen=True)
class Notice:
    """A sentence for the author about a card: `line` of the file, or None where it is about the repository; the `text`
    of that line, and what to write there instead (`fix`), where these are known."""

    code: str
    line: int | None
    message: str
    text: str = ""
    fix: str = ""


def gate_not_set(gate: str, *, card_asks_for_gate: bool, private: bool) -> Notice | None:
    """The loudest warning there is: the card asks for a gate and the repository has none (field report 35)."""
    if not (is_open(gate) and card_asks_for_gate):
        return None
    who = "once it is public, anybody can download its files" if private else "anybody can download its files"
    return Notice(
        "gate_not_set",
        None,
        f"The card asks for a gate, but the repository has none: {who}. "
        "Set the gate in the repository's settings on the Hub; a key in the card does not do it.",
    )


@dataclass(frozen=True)
class Form:
    """A gate form as plain data: `fields` are maps with `label`, `type` and `options` (maps with `label`, `value`)."""

    fields: Sequence[Mapping[str, Any]]
    heading: str | None
    description: str | None
    prompt: str | None
    button: str | None
    eu_disallowed: bool


_TEXTS = {"heading": "heading", "description": "line under the heading", "prompt": "prompt", "button": "button"}


def form_changes(before: Form | None, after: Form) -> list[str]:
    """What a version of a form changed, a sentence each; against no earlier version, what it began with."""
    if before is None:
        number = len(after.fields)
        return [f"The first form that hubgate read: {number} question{'' if number == 1 else 's'}."]
    old = {field["label"]: field for field in before.fields}
    new = {field["label"]: field for field in after.fields}
    changes = [f"Question “{label}” was added." for label in new if label not in old]
    changes += [f"Question “{label}” was removed." for label in old if label not in new]
    for label in new:
        if label not in old:
            continue
        if old[label]["type"] != new[label]["type"]:
            changes.append(f"Question “{label}” went from {old[label]['type']} to {new[label]['type']}.")
        elif old[label].get("options") != new[label].get("options"):
            changes.append(f"The options of “{label}” changed.")
    if [label for label in old if label in new] != [label for label in new if label in old]:
        changes.append("The order of the questions changed.")
    for name, word in _TEXTS.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            changes.append(f"The {word} was {'added' if not was else 'removed' if not now else 'changed'}.")
    if before.eu_disallowed != after.eu_disallowed:
        changes.append("People in the EU are " + ("kept out now." if after.eu_disallowed else "let in again."))
    return changes or ["Only its place in the card changed."]
