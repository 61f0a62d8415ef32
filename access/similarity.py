"""Which decided requests are most like one that waits. Pure and the same each time: shared words of the free answers,
rare ones counting more, and the same mail domain, organisation or country."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 3
ENOUGH = 0.2
_ORGANISATION, _DOMAIN, _COUNTRY = 0.3, 0.25, 0.05
_WORD = re.compile(r"[^\W\d_]{4,}")
# Scripts that part no words: each two neighbouring characters count as one.
_UNPARTED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
_LONGEST = 5_000


@dataclass(frozen=True)
class Asked:
    """What is compared of a request: its free answers, the domain of its mail (empty for free mail), verified
    organisations in lower case, and the country as ISO 3166 alpha-2."""

    id: int
    text: str
    domain: str = ""
    organisations: frozenset[str] = field(default_factory=frozenset)
    country: str = ""


@dataclass(frozen=True)
class Likeness:
    """How like a request is, from 0 on, and what it shares, the telling things first."""

    id: int
    score: float
    shared: tuple[str, ...]


def words(text: str) -> frozenset[str]:
    """The words that tell something: of four letters and more, in lower case; pairs of characters in Chinese, Japanese,
    Korean and Thai."""
    text = text[:_LONGEST].casefold()
    pairs = {run[at : at + 2] for run in _UNPARTED.findall(text) for at in range(len(run) - 1)}
    return frozenset(_WORD.findall(_UNPARTED.sub(" ", text))) | pairs


def most_alike(asked: Asked, others: Sequence[Asked], *, most: int = MOST) -> list[Likeness]:
    """Up to `most` of the others, the most alike first; none that shares too little."""
    own = words(asked.text)
    theirs = [(other, words(other.text)) for other in others]
    seen_in = Counter(word for _, found in theirs for word in found)
    weight = {word: math.log(1 + (len(theirs) + 1) / (seen_in[word] + 1)) for word in own}
    total = sum(weight.values())
    found = [_likeness(asked, other, own & their_words, weight, total) for other, their_words in theirs]
    enough = [likeness for likeness in found if likeness.score >= ENOUGH]
    return sorted(enough, key=lambda likeness: (-likeness.score, -likeness.id))[:most]


def _likeness(asked: Asked, other: Asked, shared: frozenset[str], weight: dict[str, float], total: float) -> Likeness:
    score = sum(weight[word] for word in shared) / total if total else 0.0
    told: list[str] = []
    if asked.organisations & other.organisations:
        score += _ORGANISATION
        told.append("same organisation")
    if asked.domain and asked.domain == other.domain:
        score += _DOMAIN
        told.append("same mail domain")
    telling = sorted(shared, key=lambda word: (-weight[word], word))[:3]
    if telling:
        told.append("words: " + ", ".join(telling))
    if asked.country and asked.country == other.country:
        score += _COUNTRY
        told.append("same country")
    return Likeness(other.id, score, tuple(told))
