"""Where the front matter stands in a README, and what only looks like it (HC §3, field reports 3 and 5 to 8).

The Hub's published pattern is `^(\\s*---NL)(body)(NL---[ \\t]*)(NL|end)`, with JavaScript's `\\s`. It is applied here
step by step, each step linear: as once published, it took seconds on a few thousand newlines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hubgate.hub.card.notes import Note, listed

JS_SPACE = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
LINE_END = re.compile(r"\r\n|\r|\n")
OPENING = re.compile(r"---([ \t]*)(?:\r\n|\r|\n|\Z)")
CLOSING = re.compile(r"(?:\r\n|\r|\n)---([ \t]*)(?=\r|\n|\Z)")
EMPTY_BLOCK = re.compile(r"---[ \t]*(?=\r|\n|\Z)")
BODY_SCAN = 200_000  # characters of body in which stray metadata is looked for

GATE_KEY = r"extra_gated_\w+"
CARD_KEYS = (
    "annotations_creators|app_file|base_model|configs|dataset_info|datasets|gated|inference|language|language_creators"
    "|library_name|license|license_link|license_name|metrics|model-index|model_name|multilinguality|new_version"
    "|pipeline_tag|pretty_name|sdk|sdk_version|size_categories|source_datasets|tags|task_categories|task_ids|thumbnail"
    "|viewer|widget"
)
KEY_LINE = re.compile(rf"[ \t]*((?:{GATE_KEY}|{CARD_KEYS}))[ \t]*:(?:\s|\Z)")
CODE_FENCE = re.compile(r" {0,3}(?:```|~~~)")
DASHES = re.compile(r"[ \t]*-{3,}[ \t]*\Z")
MARKDOWN = re.compile(r"#{1,6} |<")
SECTION = re.compile(r"#{2,6} |<")  # one # may be a YAML comment


@dataclass(frozen=True, slots=True)
class Block:
    """The text between the fences, the file's line on which it begins, and its place in the file."""

    text: str
    first_line: int
    start: int = 0


def find_block(text: str) -> tuple[Block | None, list[Note]]:
    """The front matter of a README as the Hub finds it, or None, with what the author should know about the fences."""
    start = len(text) - len(text.lstrip(JS_SPACE))
    opening = OPENING.match(text, start)
    if opening is None:
        return None, _misplaced(text)
    line = 1 + _line_ends(text, start)
    indent = _indentation(text, start)
    if opening[1]:
        return None, [
            Note(
                "fence_trailing_space",
                line,
                f"The opening fence on line {line} has a space after the three dashes, so the Hub sees no front matter "
                "and shows no form: remove the space.",
            )
        ]
    closing = CLOSING.search(text, opening.end())
    if closing is None:
        empty = EMPTY_BLOCK.match(text, opening.end())
        if empty is not None:
            return Block("", line + 1, opening.end()), _metadata_after(text, empty.end(), line + 1)
        return None, _never_closed(text, opening.end(), line, indent)
    block = Block(text[opening.end() : closing.start()], line + 1, opening.end())
    closing_line = line + _line_ends(text, closing.end(), start)
    notes = []
    if indent:
        notes.append(
            Note(
                "fence_indented",
                line,
                f"The opening fence on line {line} has spaces before it. The Hub reads the block, other tools do not: "
                "remove the spaces.",
            )
        )
    if closing[1]:
        notes.append(
            Note(
                "fence_trailing_space",
                closing_line,
                f"The closing fence on line {closing_line} has a space after the three dashes. The Hub may not see the "
                "block: remove the space.",
            )
        )
    return block, notes + _metadata_after(text, closing.end(), closing_line)


def _line_ends(text: str, end: int, start: int = 0) -> int:
    return sum(1 for _ in LINE_END.finditer(text, start, end))


def _indentation(text: str, position: int) -> int:
    """Blanks between the start of the line and the position; a byte-order mark is none."""
    line_start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    return len(text[line_start:position].replace("\ufeff", ""))


def _lines(text: str, start: int = 0) -> list[str]:
    return LINE_END.split(text[start : start + BODY_SCAN])


def _never_closed(text: str, start: int, line: int, opening_indent: int) -> list[Note]:
    notes = [
        Note(
            "fence_not_closed",
            line,
            f"The block that opens on line {line} is never closed, so the Hub reads none of it: add a line of exactly "
            "three dashes (---), at the very start of the line, after the last key.",
        )
    ]
    fence = _indented_closing(_lines(text, start), line + 1, opening_indent)
    if fence is not None:
        where = f"on lines {line} and {fence}" if opening_indent else f"on line {fence}"
        notes.append(
            Note(
                "fence_indented",
                line if opening_indent else fence,
                f"Spaces stand before the three dashes {where}. A closing fence counts only at the very start of its "
                "line, so the Hub sees no front matter: remove the spaces before the whole block.",
            )
        )
    return notes


def _indented_closing(lines: list[str], first_line: int, opening_indent: int = 0) -> int | None:
    """The line of an indented `---` meant as the closing fence: it is as indented as the opening fence, or what
    follows it is less indented, or nothing follows. (A rule in a long prompt is followed by more of the prompt.)"""
    depth = candidate = None
    for number, line in enumerate(lines, first_line):
        text = line.lstrip(" \t")
        if not text:
            continue
        indent = len(line) - len(text)
        if depth is not None and indent < depth:
            return candidate
        depth = candidate = None
        if indent and text.rstrip() == "---":
            if indent == opening_indent:
                return number
            depth, candidate = indent, number
    return candidate


def _misplaced(text: str) -> list[Note]:
    """Front matter that does not open the file: a comment, a heading or a wrong fence stands before it."""
    lines = _lines(text)
    in_code = False
    fence = None
    seen_text = False
    for number, line in enumerate(lines, 1):
        if CODE_FENCE.match(line):
            in_code = seen_text and not in_code  # a code fence as the first thing may wrap the whole block
            seen_text = True
            continue
        if in_code or not line.strip(JS_SPACE):
            continue
        if DASHES.match(line):
            fence = number
        elif SECTION.match(line):
            fence = None
        elif found := KEY_LINE.match(line):
            if fence is not None:
                return [_not_first(fence, found[1], number)]
            if not seen_text or found[1].startswith("extra_gated_"):
                return [_not_fenced(found[1], number)]
        seen_text = True
    return []


def _not_first(fence: int, key: str, line: int) -> Note:
    return Note(
        "fence_not_first",
        fence,
        f"The block on line {fence} (with “{key}:” on line {line}) is not the first thing in the file, or its fence is "
        "not exactly three dashes, so the Hub reads none of it: move it to line 1, with nothing before it.",
    )


def _not_fenced(key: str, line: int) -> Note:
    return Note(
        "fence_not_first",
        line,
        f"“{key}:” on line {line} stands outside of any front matter, so the Hub does not read it: begin the file with "
        "a line of exactly three dashes (---) and close the block with another.",
    )


def _metadata_after(text: str, end: int, closing_line: int) -> list[Note]:
    """Keys of a card after the closing fence: the author closed the block too early, or wrote a second one."""
    keys: dict[str, int] = {}
    in_code = in_prose = False
    for number, line in enumerate(_lines(text, end), closing_line):
        if CODE_FENCE.match(line):
            in_code = not in_code
        elif not in_code and MARKDOWN.match(line):
            in_prose = True
        elif (
            not in_code
            and (found := KEY_LINE.match(line))
            and found.start(1) == 0
            and (not in_prose or found[1].startswith("extra_gated_"))
        ):
            keys.setdefault(found[1], number)
    if not keys:
        return []
    return [
        Note(
            "metadata_after_fence",
            min(keys.values()),
            f"The front matter ends with the fence on line {closing_line}. What follows is body text to the Hub and "
            f"has no effect: {listed(f'“{key}:” on line {line}' for key, line in keys.items())}. "
            "Remove that fence, or move these lines above it.",
        )
    ]


def swallowed_fence(block: Block) -> Note | None:
    """For a block that is not YAML: an indented `---` in it that was meant to close it, so that body text was read."""
    line = _indented_closing(_lines(block.text), block.first_line)
    if line is None:
        return None
    return Note(
        "fence_indented",
        line,
        f"The three dashes on line {line} have spaces before them and do not close the front matter, so what follows "
        "is read as YAML: remove the spaces.",
    )
