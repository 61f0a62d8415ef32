"""The reason that goes to the Hub with a rejection or a reset, at most 200 UTF-16 units long (HC §1.3)."""

from __future__ import annotations

import unicodedata

REASON_LIMIT = 200
ELLIPSIS = "…"
JOINERS = "\u200d\ufe0e\ufe0f"


def utf16_len(text: str) -> int:
    """Length as JavaScript counts it: two units for a character beyond U+FFFF."""
    return len(text) + sum(character > "\uffff" for character in text)


def storable(text: str) -> str:
    """`text` with NUL and lone surrogates replaced by U+FFFD: PostgreSQL refuses the one, UTF-8 the other."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def fit_reason(text: str, limit: int = REASON_LIMIT) -> str:
    """`text` without outer white space if it fits into `limit` UTF-16 units; else shortened at a word border, with "…".

    A text without a word border in its second half is cut between two characters, never inside an emoji or before an
    accent.
    """
    text = storable(text).strip()
    if utf16_len(text) <= limit:
        return text
    units = 0
    end = 0
    while (units := units + utf16_len(text[end])) < limit:
        end += 1
    border = max((place for place in range(end // 2, end + 1) if text[place].isspace()), default=0)
    if border:
        end = border
    else:
        while end > 1 and _belongs_to_previous(text, end):
            end -= 1
    return text[:end].rstrip().rstrip(",;:–—-") + ELLIPSIS


def _belongs_to_previous(text: str, place: int) -> bool:
    character = text[place]
    return (
        character in JOINERS
        or text[place - 1] == "\u200d"
        or bool(unicodedata.combining(character))
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
