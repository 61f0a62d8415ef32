"""When two texts look the same to a person."""

from __future__ import annotations

import unicodedata
from itertools import chain

FORMAT_CHARACTERS = chain(range(0x10000), range(0xE0000, 0xE0080))  # where Unicode has nearly all of them
UNSEEN = {code: None for code in FORMAT_CHARACTERS if unicodedata.category(chr(code)) == "Cf"}
LONG_WORD = 100  # characters that are compared so; normalizing takes the square of a run of combining marks


def same_look(text: str) -> str:
    """Equal for texts that look the same: composed or not, wide or narrow, in case, spaces and unseen characters."""
    if text.isascii():
        return " ".join(text.lower().split())
    words = text.translate(UNSEEN).split()
    return " ".join(unicodedata.normalize("NFKC", word[:LONG_WORD]).casefold() + word[LONG_WORD:] for word in words)
