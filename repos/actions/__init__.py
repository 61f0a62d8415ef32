"""The only writers of namespaces, repositories and forms."""

from repos.actions.first_question import choose_first_question
from repos.actions.mirror import (
    claim_namespace,
    hold_namespace,
    record_card,
    record_repositories,
    record_round,
)
from repos.actions.namespaces import (
    check_token,
    connect,
    recheck_token,
    record_token,
    switch_changes,
    switch_mail,
)
from repos.rules import CHECK_TOKEN

__all__ = [
    "CHECK_TOKEN",
    "check_token",
    "choose_first_question",
    "claim_namespace",
    "connect",
    "hold_namespace",
    "recheck_token",
    "record_card",
    "record_repositories",
    "record_round",
    "record_token",
    "switch_changes",
    "switch_mail",
]
