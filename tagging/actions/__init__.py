"""The only writers of content tags, rulings, proposals, readers' choices and evaluations."""

from tagging.actions.commit import record_agreed, record_committed, record_hub_word, record_refused
from tagging.actions.evaluate import attach, attach_card, remove
from tagging.actions.preference import choose
from tagging.actions.propose import propose, rule, withdraw
from tagging.actions.tag import clean_reason, decide, retry

__all__ = [
    "attach",
    "attach_card",
    "choose",
    "clean_reason",
    "decide",
    "propose",
    "record_agreed",
    "record_committed",
    "record_hub_word",
    "record_refused",
    "remove",
    "retry",
    "rule",
    "withdraw",
]
