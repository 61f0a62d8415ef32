"""The card reader: a README's front matter to gate form, texts, tags and licence, as the Hub reads it (HC §3). Pure."""

from hubgate.hub.card.fixes import Advice, advise
from hubgate.hub.card.form import FIELD_TYPES, Field, distinct_names
from hubgate.hub.card.gate import gate_warnings
from hubgate.hub.card.notes import Note
from hubgate.hub.card.options import Option
from hubgate.hub.card.reader import Card, read_card
from hubgate.hub.card.tags import NFAA_TAG, Lookalike, lookalikes

__all__ = [
    "FIELD_TYPES",
    "NFAA_TAG",
    "Advice",
    "Card",
    "Field",
    "Lookalike",
    "Note",
    "Option",
    "advise",
    "distinct_names",
    "gate_warnings",
    "lookalikes",
    "read_card",
]
