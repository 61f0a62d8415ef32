"""Tags and licence of a card, and the tag `not-for-all-audiences` with all that is taken for it (HC §3, NFAA)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from hubgate.hub.card.front_matter import Mapping, Node, Scalar, Sequence, label_of
from hubgate.hub.card.notes import Note, listed, quoted

NFAA_TAG = "not-for-all-audiences"
MEANT_AS_NFAA = frozenset({"notforallaudiences", "notforallaudience", "notforalleyes", "nfaa"})
HINTS = frozenset({"nsfw", "notsafeforwork", "18", "adult", "adultcontent", "sensitivecontent", "explicit"})
MOST_NOTES = 100
LONGEST = 60  # characters of a text that may be meant as the tag
NO_LETTERS = {code: None for code in range(128) if not chr(code).isalnum()}
CLOSE = 2  # letters that may differ from the tag
COMPARED = 200  # tags of about the tag's length that are compared letter by letter


def read_tags(node: Node | None, notes: list[Note]) -> tuple[Scalar, ...]:
    """The texts under `tags`, as typed. Anything but a list of texts is noted; a single text counts as one tag."""
    if node is None or (isinstance(node, Scalar) and (node.is_null or not node.text.strip())):
        return ()
    if isinstance(node, Sequence):
        tags = tuple(item for item in node.items if isinstance(item, Scalar) and not item.is_null)
        odd = [item for item in node.items if not isinstance(item, Scalar)]
        if odd:
            named = listed(f"{quoted(label_of(item))} (line {item.line})" for item in odd)
            notes.append(
                Note(
                    "tags_not_a_list",
                    odd[0].line,
                    f"A tag is one text, and these entries of “tags” are lists or maps and are left out: {named}. "
                    "Write each tag on a line of its own after a dash.",
                )
            )
        return tags
    read = "a single text, and is read as one tag" if isinstance(node, Scalar) else "a map, and no tag is read from it"
    notes.append(
        Note(
            "tags_not_a_list",
            node.line,
            f"“tags” on line {node.line} is {read}: write a list, each tag on a line of its own after a dash.",
        )
    )
    return (node,) if isinstance(node, Scalar) else ()


def read_license(node: Node | None) -> str | None:
    """The licence as typed; several are joined by a comma. None when there is none."""
    nodes = node.items if isinstance(node, Sequence) else [node]
    texts = [item.text for item in nodes if isinstance(item, Scalar) and not item.is_null and item.text.strip()]
    return ", ".join(texts) or None


def nfaa_lookalikes(root: Mapping, tags: tuple[Scalar, ...]) -> list[Note]:
    """A note for each tag or key that was meant as the tag and is not, and for the tag where it has no effect."""
    tagged = any(tag.text == NFAA_TAG for tag in tags)
    looks = _Lookalikes()
    notes = []
    for tag in tags:
        if tag.text != NFAA_TAG and looks.like_tag(tag.text):
            notes.append(_lookalike(tag.line, f"The tag {quoted(tag.text)}"))
        elif not tagged and _letters(tag.text) in HINTS:
            notes.append(
                Note(
                    "nfaa_lookalike",
                    tag.line,
                    f"The tag {quoted(tag.text)} on line {tag.line} does not mark the repository as sensitive: add the "
                    f"tag “{NFAA_TAG}” if visitors should be warned.",
                )
            )
    for key, value in root.named():
        if looks.like_tag(key.text) or _letters(key.text) == "nsfw":
            notes.append(_lookalike(key.line, f"The key {quoted(key.text)}"))
        elif key.text != "tags":
            notes += [
                _lookalike(item.line, f"{quoted(item.text)} under the key {quoted(key.text)}")
                for item in (value.items if isinstance(value, Sequence) else [value])
                if isinstance(item, Scalar) and _letters(item.text) in MEANT_AS_NFAA
            ]
    return notes[:MOST_NOTES]


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A tag as it stands that the Hub does not take for `fix`. `meant`: it was written for that tag; otherwise it only
    hints at the same (`nsfw`)."""

    text: str
    fix: str
    meant: bool


def lookalikes(tags: Iterable[str]) -> tuple[Lookalike, ...]:
    """What among these tags was meant as `not-for-all-audiences`, or hints at it while that tag is missing, in order
    and each once."""
    texts = list(dict.fromkeys(tags))
    looks, tagged = _Lookalikes(), NFAA_TAG in texts
    found = []
    for text in texts:
        if text == NFAA_TAG:
            continue
        if looks.like_tag(text):
            found.append(Lookalike(text, NFAA_TAG, True))
        elif not tagged and _letters(text) in HINTS:
            found.append(Lookalike(text, NFAA_TAG, False))
    return tuple(found[:MOST_NOTES])


def _lookalike(line: int, what: str) -> Note:
    return Note(
        "nfaa_lookalike",
        line,
        f"{what} on line {line} is not the Hub's tag and has no effect: under “tags”, write “{NFAA_TAG}” in exactly "
        "these characters.",
    )


class _Lookalikes:
    """Tells what was meant as the tag; compares letter by letter only so often that a huge card costs no more."""

    def __init__(self) -> None:
        self.left = COMPARED

    def like_tag(self, text: str) -> bool:
        letters = _letters(text)
        if letters in MEANT_AS_NFAA:
            return True
        goal = "notforallaudiences"
        if not letters or abs(len(letters) - len(goal)) > CLOSE or not self.left:
            return False
        self.left -= 1
        return _distance(letters, goal) <= CLOSE


def _letters(text: str) -> str:
    """Letters and digits alone, folded: hyphens, spaces, underscores and unseen characters are left out."""
    if len(text) > LONGEST:
        return ""
    if text.isascii():
        return text.lower().translate(NO_LETTERS)
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _distance(one: str, other: str) -> int:
    """How many letters must be put in, taken out or changed to make one text the other."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        corner, row[0] = row[0], number
        for column, goal in enumerate(other, 1):
            corner, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, corner + (letter != goal))
    return row[-1]
