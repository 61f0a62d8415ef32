"""Two versions of a gate form side by side: what came, went and changed, down to the word. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from repos.rules import Form

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
LONGEST = 4000  # words of both texts together that are compared by word; longer ones are by line
TEXTS = {
    "heading": "Heading",
    "description": "Line under the heading",
    "prompt": "What they agree to",
    "button": "Button",
}


@dataclass(frozen=True)
class Piece:
    """A stretch of text: `same`, `added` or `removed`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question in both versions: `kind` is same, added, removed or changed; `notes` say what changed about it."""

    kind: str
    label: str
    type: str
    notes: list[str]


@dataclass(frozen=True)
class Text:
    """One of the form's texts in both versions, as pieces; `kind` as for a question."""

    name: str
    kind: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Comparison:
    """All that two versions differ in, and what they share."""

    questions: list[Question]
    texts: list[Text]
    moved: bool  # the order of the questions that both have
    eu: str  # a sentence about people in the EU, empty where nothing changed

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        kinds = {question.kind for question in self.questions} | {text.kind for text in self.texts}
        return kinds <= {SAME} and not self.moved and not self.eu


def compare(before: Form, after: Form) -> Comparison:
    """What went from one version to another."""
    old = {str(field["label"]): field for field in before.fields}
    new = {str(field["label"]): field for field in after.fields}
    questions = [_question(label, old.get(label), field) for label, field in new.items()]
    questions += [Question(REMOVED, label, str(field["type"]), []) for label, field in old.items() if label not in new]
    texts = [
        _text(word, getattr(before, name) or "", getattr(after, name) or "")
        for name, word in TEXTS.items()
        if getattr(before, name) or getattr(after, name)
    ]
    eu = ""
    if before.eu_disallowed != after.eu_disallowed:
        eu = "People in the EU are kept out now." if after.eu_disallowed else "People in the EU are let in again."
    moved = [label for label in old if label in new] != [label for label in new if label in old]
    return Comparison(questions, texts, moved, eu)


def words(before: str, after: str) -> list[Piece]:
    """Two texts as one, word by word: joined, the pieces without the added ones give `before`, without the removed ones
    `after`. Very long texts are compared line by line."""
    old, new = _tokens(before), _tokens(after)
    if len(old) + len(new) > LONGEST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece(SAME, "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece(REMOVED, "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece(ADDED, "".join(new[j1:j2])))
    return pieces


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)


def _text(name: str, before: str, after: str) -> Text:
    if before == after:
        return Text(name, SAME, [Piece(SAME, after)])
    return Text(name, ADDED if not before else REMOVED if not after else CHANGED, words(before, after))


def _question(label: str, old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Question:
    if old is None:
        return Question(ADDED, label, str(new["type"]), [])
    notes = []
    if old["type"] != new["type"]:
        notes.append(f"It was {old['type']} and is {new['type']}.")
    notes += _options(old.get("options") or (), new.get("options") or ())
    return Question(CHANGED if notes else SAME, label, str(new["type"]), notes)


def _options(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[str]:
    before = {str(option["value"]): str(option["label"]) for option in old}
    after = {str(option["value"]): str(option["label"]) for option in new}
    notes = [f"Option “{label}” came." for value, label in after.items() if value not in before]
    notes += [f"Option “{label}” went." for value, label in before.items() if value not in after]
    notes += [
        f"Option “{before[value]}” reads “{label}” now."
        for value, label in after.items()
        if value in before and before[value] != label
    ]
    if not notes and list(before) != list(after):
        notes.append("The order of its options changed.")
    return notes
