"""How much of the Hub's rate limit may be spent, by whom and when (HC §9). Pure rules, and a store that keeps one state
per token and bucket.

The Hub says `r` calls left and `t` seconds to go; we add `t` to our own clock, so a Hub with another clock harms
nothing. A state whose waits reach beyond a whole window can only come from a clock that was set back, and is cut to
one window.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from huggingface_hub.utils import parse_ratelimit_headers

Lane = Literal["people", "background"]

BUCKETS = ("api", "resolvers", "pages")
WHOAMI_BUCKET = "whoami"
DEFAULT_QUOTA = 500
DEFAULT_WINDOW_S = 300
DEFAULT_PAUSE_S = 60
LONGEST_PAUSE_S = 3600
BACKGROUND_SHARE = 0.8
ROUNDING_S = 1


@dataclass(frozen=True, slots=True)
class BudgetState:
    """One token's standing in one bucket; fits a database row.

    `quota` and `remaining` are calls per window, None until known. `reset_at` is when the window ends on our clock;
    `is_guess` says that we opened the window ourselves and no answer has confirmed it. While `paused_until` lies ahead,
    nobody calls; `pause_s` is how long that pause was to be.
    """

    quota: int | None = None
    remaining: int | None = None
    window_s: int = DEFAULT_WINDOW_S
    reset_at: datetime | None = None
    is_guess: bool = True
    paused_until: datetime | None = None
    pause_s: int = 0


@dataclass(frozen=True, slots=True)
class Permit:
    """One call may go out now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """No call before `until`. `reason` is "paused" (the Hub said 429), "spent" or "kept" (the rest is for people)."""

    until: datetime
    reason: Literal["paused", "spent", "kept"]


Decision = Permit | Wait


class BudgetStore(Protocol):
    """Keeps the states of all tokens, shared by all processes that use them. `now` is aware; both calls are atomic."""

    def reserve(self, token_key: str, bucket: str, lane: Lane, now: datetime) -> Decision:
        """Take one call out of the budget, or say how long to wait: `reserve` on the stored state."""

    def record(
        self, token_key: str, bucket: str, headers: Mapping[str, str], status: int, now: datetime
    ) -> BudgetState:
        """Take note of an answer's headers: `observe` on the stored state, which is returned."""


def reserve(state: BudgetState, lane: Lane, now: datetime) -> tuple[BudgetState, Decision]:
    """Take one call out of `state`. Background work leaves a fifth of the quota to people's pushes."""
    state = _roll(state, now)
    if state.paused_until is not None:
        return state, Wait(state.paused_until, "paused")
    quota = state.quota if state.quota is not None else DEFAULT_QUOTA
    remaining = state.remaining if state.remaining is not None else quota
    reset_at = state.reset_at if state.reset_at is not None else now + timedelta(seconds=state.window_s)
    if remaining <= 0:
        return state, Wait(reset_at, "spent")
    if lane == "background" and remaining <= kept_for_people(quota):
        return state, Wait(reset_at, "kept")
    return replace(state, remaining=remaining - 1, reset_at=reset_at), Permit()


def kept_for_people(quota: int) -> int:
    """Calls of each window that background work never touches."""
    return quota - math.floor(quota * BACKGROUND_SHARE)


def observe(state: BudgetState, headers: Mapping[str, str], status: int, now: datetime) -> BudgetState:
    """Learn from an answer. A 429 pauses both lanes until the reset that it names, else `Retry-After` seconds, else
    the end of the known window, else a minute."""
    state = _roll(state, now)
    info = parse_ratelimit_headers(headers)
    if info is not None:
        if info.limit and info.limit != state.quota:
            # What was left of another quota, or of our careful guess, says nothing about this one.
            state = replace(state, remaining=None)
        if info.limit and info.window_seconds:
            state = replace(state, quota=info.limit, window_s=min(info.window_seconds, LONGEST_PAUSE_S))
        wait_s = min(info.reset_in_seconds, state.window_s) + ROUNDING_S
        state = _take_in(state, info.remaining, now + timedelta(seconds=wait_s))
    if status == 429:
        pause_s = _pause(state, headers, info.reset_in_seconds if info else None, now)
        until = now + timedelta(seconds=pause_s)
        if state.paused_until is None or state.paused_until < until:
            state = replace(state, paused_until=until, pause_s=pause_s)
    return state


def teaches(headers: Mapping[str, str], status: int) -> bool:
    """Whether an answer says anything about the budget; if not, no store need be bothered."""
    return status == 429 or parse_ratelimit_headers(headers) is not None


def bucket_of_path(path: str) -> str:
    """The bucket that a call to `path` will probably be counted in. whoami has a stricter limit of its own (HC §9)."""
    if path.startswith("/api/whoami"):
        return WHOAMI_BUCKET
    if path.startswith("/api/"):
        return "api"
    return "resolvers" if "/resolve/" in path else "pages"


def bucket_of_answer(headers: Mapping[str, str], status: int, guess: str) -> str:
    """The bucket that an answer speaks of: the one it names, unless it is a 429 while that one still has calls left."""
    info = parse_ratelimit_headers(headers)
    if info is None or info.resource_type not in BUCKETS or (status == 429 and info.remaining > 0):
        return guess
    return info.resource_type


def polling_period_s(
    calls: int, quota: int | None, window_s: int = DEFAULT_WINDOW_S, *, least_s: float = 60.0
) -> float:
    """Seconds between two rounds of `calls` calls, so that polling takes half of the quota; at least `least_s`."""
    return max(least_s, calls / (0.5 * (quota or DEFAULT_QUOTA)) * window_s)


def _roll(state: BudgetState, now: datetime) -> BudgetState:
    """End what has run out by `now`, and cut what a clock set back has made too long."""
    longest = timedelta(seconds=state.window_s + ROUNDING_S)
    reset_at, paused_until = state.reset_at, state.paused_until
    if reset_at is not None and reset_at <= now:
        state = replace(state, remaining=state.quota, reset_at=None, is_guess=True)
    elif reset_at is not None and reset_at - now > longest:
        state = replace(state, reset_at=now + longest, is_guess=True)
    if paused_until is not None:
        pause = timedelta(seconds=state.pause_s)
        if paused_until <= now:
            state = replace(state, paused_until=None, pause_s=0)
        elif paused_until - now > pause:
            state = replace(state, paused_until=now + pause)
    return state


def _take_in(state: BudgetState, remaining: int, reset_at: datetime) -> BudgetState:
    """Join what the Hub says with calls of ours that it has not counted yet: within a window, the lower figure
    holds."""
    half = timedelta(seconds=state.window_s / 2)
    if state.reset_at is not None and not state.is_guess:
        if reset_at - state.reset_at < -half:
            return state  # a late answer from the window before
        if reset_at - state.reset_at > half:
            return replace(state, remaining=remaining, reset_at=reset_at)
        reset_at = max(reset_at, state.reset_at)
    lower = remaining if state.remaining is None else min(remaining, state.remaining)
    return replace(state, remaining=lower, reset_at=reset_at, is_guess=False)


def _pause(state: BudgetState, headers: Mapping[str, str], reset_in_s: int | None, now: datetime) -> int:
    retry_after = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if reset_in_s is not None:
        seconds = reset_in_s
    elif retry_after.isascii() and retry_after.isdigit():
        seconds = int(retry_after[:9])
    elif state.reset_at is not None and not state.is_guess:
        return max(1, math.ceil((state.reset_at - now).total_seconds()))
    else:
        seconds = DEFAULT_PAUSE_S
    return min(seconds, LONGEST_PAUSE_S) + ROUNDING_S


class MemoryBudgetStore:
    """The budget of a single process, safe between threads."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], BudgetState] = {}
        self._lock = threading.Lock()

    def reserve(self, token_key: str, bucket: str, lane: Lane, now: datetime) -> Decision:
        with self._lock:
            state, decision = reserve(self._states.get((token_key, bucket), BudgetState()), lane, now)
            self._states[token_key, bucket] = state
        return decision

    def record(
        self, token_key: str, bucket: str, headers: Mapping[str, str], status: int, now: datetime
    ) -> BudgetState:
        with self._lock:
            state = observe(self._states.get((token_key, bucket), BudgetState()), headers, status, now)
            self._states[token_key, bucket] = state
        return state

    def state(self, token_key: str, bucket: str) -> BudgetState:
        with self._lock:
            return self._states.get((token_key, bucket), BudgetState())
