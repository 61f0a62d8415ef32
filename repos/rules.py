"""The Hub's words for a repository in ours, and what an author has to be warned of. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hubgate.hub.types import RepoKind

OPEN = "open"
AUTO = "auto"
MANUAL = "manual"
UNKNOWN = "unknown"

KINDS: dict[RepoKind, str] = {"models": "model", "datasets": "dataset", "spaces": "space"}
_PLURALS: dict[str, RepoKind] = {kind: plural for plural, kind in KINDS.items()}


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


def is_open(gate: str) -> bool:
    """Whether anybody may download."""
    return gate == OPEN


def web_path(kind: str, name: str) -> str:
    """Where the Hub shows a repository: models have no prefix (HC §1)."""
    return f"/{name}" if kind == "model" else f"/{plural_of(kind)}/{name}"


@dataclass(frozen=True)
class Notice:
    """A sentence for the author about a card: `line` of the file, or None where it is about the repository."""

    code: str
    line: int | None
    message: str


def gate_not_set(gate: str, *, card_asks_for_gate: bool) -> Notice | None:
    """The loudest warning there is: the card asks for a gate and the repository has none (field report 35)."""
    if not (is_open(gate) and card_asks_for_gate):
        return None
    return Notice(
        "gate_not_set",
        None,
        "The card asks for a gate, but the repository has none: anybody can download its files. "
        "Set the gate in the repository's settings on the Hub; a key in the card does not do it.",
    )
