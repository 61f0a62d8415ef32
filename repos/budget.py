"""The Hub's rate budget in the database, so that all processes of an installation share one (HC §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from hubgate import counters
from hubgate.errors import WrongStateError
from hubgate.hub import budget
from hubgate.hub.budget import BudgetState, Decision, Lane
from repos import vault
from repos.models import Namespace, RateBudget

_TIMES = ("reset_at", "paused_until")
Answer = TypeVar("Answer")


class StoredBudget:
    """A `BudgetStore` over one row per token and bucket, locked for the length of a small transaction."""

    def reserve(self, token_key: str, bucket: str, lane: Lane, now: datetime) -> Decision:
        """Take one call out of the budget, or say how long to wait."""
        decision = _change(token_key, bucket, lambda state: budget.reserve(state, lane, now))
        outcome = "sent" if isinstance(decision, budget.Permit) else decision.reason
        counters.add("hub_calls", bucket=bucket, lane=lane, outcome=outcome)
        return decision

    def record(
        self, token_key: str, bucket: str, headers: Mapping[str, str], status: int, now: datetime
    ) -> BudgetState:
        """Learn from an answer's headers."""

        def learn(state: BudgetState) -> tuple[BudgetState, BudgetState]:
            learnt = budget.observe(state, headers, status, now)
            return learnt, learnt

        if status == 429:
            counters.add("hub_limited", bucket=bucket)
        return _change(token_key, bucket, learn)


def quota_of(namespace: Namespace) -> tuple[int | None, int]:
    """The calls to the API that the Hub grants the namespace's token in a window, None until it said so, and the
    window's length in seconds."""
    try:
        key = vault.token_key(vault.unseal(namespace.token_sealed))
    except WrongStateError:
        return None, budget.DEFAULT_WINDOW_S
    row = RateBudget.objects.filter(token_key=key, bucket="api").first()
    state = _load(row.state) if row else BudgetState()
    return state.quota, state.window_s


def standings(namespace: Namespace) -> dict[str, BudgetState]:
    """What the Hub still grants the namespace's token in each bucket of calls, as last heard; empty where nothing was
    asked yet or the token cannot be read."""
    try:
        key = vault.token_key(vault.unseal(namespace.token_sealed))
    except WrongStateError:
        return {}
    return {row.bucket: _load(row.state) for row in RateBudget.objects.filter(token_key=key).order_by("bucket")}


def _change(token_key: str, bucket: str, change: Callable[[BudgetState], tuple[BudgetState, Answer]]) -> Answer:
    with transaction.atomic():
        RateBudget.objects.bulk_create([RateBudget(token_key=token_key, bucket=bucket)], ignore_conflicts=True)
        row = RateBudget.objects.select_for_update().get(token_key=token_key, bucket=bucket)
        state, answer = change(_load(row.state))
        row.state = _dump(state)
        row.save(update_fields=["state", "updated_at"])
    return answer


def _load(stored: Mapping[str, Any]) -> BudgetState:
    known = {field.name for field in fields(BudgetState)}
    facts = {name: value for name, value in stored.items() if name in known}
    for name in _TIMES:
        if facts.get(name):
            facts[name] = datetime.fromisoformat(facts[name])
    return BudgetState(**facts)


def _dump(state: BudgetState) -> dict[str, Any]:
    facts = asdict(state)
    for name in _TIMES:
        if facts[name] is not None:
            facts[name] = facts[name].isoformat()
    return facts
