"""The only writers of content tags, rulings, proposals and readers' choices."""

from tagging.actions.commit import record_agreed, record_committed, record_hub_word, record_refused
from tagging.actions.preference import choose
from tagging.actions.propose import propose, rule, withdraw
from tagging.actions.tag import clean_reason, decide, retry

__all__ = [
    "choose",
    "clean_reason",
    "decide",
    "propose",
    "record_agreed",
    "record_committed",
    "record_hub_word",
    "record_refused",
    "retry",
    "rule",
    "withdraw",
]
