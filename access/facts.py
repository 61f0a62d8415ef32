"""What can be told of a person from what came with their request. Pure; shown to those who decide, never enforced."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_ADDRESS = re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"]+\.[^\s@<>(),;:\".]{2,}")
_ASKS_FOR_MAIL = re.compile(r"e-?mail", re.IGNORECASE)
FIRST_ACCOUNTS = datetime(2016, 1, 1, tzinfo=UTC)  # the Hub is younger than that


def account_made_at(hub_id: str | None, now: datetime) -> datetime | None:
    """When an account of the Hub was made (UTC), from its id: 24 hexadecimal digits, the first 8 of them seconds since
    1970. None for any other id, and for a time that cannot be."""
    if not hub_id or not _OBJECT_ID.fullmatch(hub_id):
        return None
    made_at = datetime.fromtimestamp(int(hub_id[:8], 16), UTC)
    return made_at if FIRST_ACCOUNTS <= made_at <= now + timedelta(days=1) else None


def typed_addresses(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> list[str]:
    """The mail addresses that somebody gave as an answer: an answer that is one, or one within the answer to a question
    for an e-mail. Each once, as typed."""
    asked = {str(field["label"]) for field in fields if field["type"] in ("text", "email")} or set(answers)
    found: dict[str, str] = {}
    for label, answer in answers.items():
        if label not in asked and not _ASKS_FOR_MAIL.search(label):
            continue
        whole = _ADDRESS.fullmatch(answer.strip())
        within = _ADDRESS.findall(answer[:2_000]) if _ASKS_FOR_MAIL.search(label) else []
        for address in [whole[0]] if whole else within:
            found.setdefault(address.rstrip(".").lower(), address.rstrip("."))
    return list(found.values())


def other_addresses(typed: Sequence[str], account: str) -> list[str]:
    """Which of the typed addresses are not the account's (field report 77). None where the account's is not known."""
    return [address for address in typed if account and address.lower() != account.strip().lower()]
