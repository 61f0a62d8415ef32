"""The only writers of accounts, Hub identities, memberships, access tokens and kept answers."""

from hubgate.accounts.actions.answers import claim_answer, drop_answer, finish_answer, hold_answer, sweep_answers
from hubgate.accounts.actions.people import (
    HUB_PROVIDER,
    Person,
    ensure_hub_account,
    ensure_operator,
    people_ids,
    people_named,
    person_named,
    record_people,
    record_sign_in,
)
from hubgate.accounts.actions.sessions import end_session
from hubgate.accounts.actions.tokens import LONGEST_DAYS, MOST_TOKENS, make_token, note_token_use, revoke_token

__all__ = [
    "HUB_PROVIDER",
    "LONGEST_DAYS",
    "MOST_TOKENS",
    "Person",
    "claim_answer",
    "drop_answer",
    "end_session",
    "ensure_hub_account",
    "ensure_operator",
    "finish_answer",
    "hold_answer",
    "make_token",
    "note_token_use",
    "people_ids",
    "people_named",
    "person_named",
    "record_people",
    "record_sign_in",
    "revoke_token",
    "sweep_answers",
]
