"""The only writers of namespaces, repositories and forms."""

from repos.actions.first_question import choose_first_question
from repos.actions.grant_days import choose_grant_days
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
from repos.actions.webhooks import find_webhook, make_namespace_due, make_webhook, remove_webhook, take_hint
from repos.rules import CHECK_TOKEN, READ_HINTED

__all__ = [
    "CHECK_TOKEN",
    "READ_HINTED",
    "check_token",
    "choose_first_question",
    "choose_grant_days",
    "claim_namespace",
    "connect",
    "find_webhook",
    "hold_namespace",
    "make_namespace_due",
    "make_webhook",
    "recheck_token",
    "record_card",
    "record_repositories",
    "record_round",
    "record_token",
    "remove_webhook",
    "switch_changes",
    "switch_mail",
    "take_hint",
]
