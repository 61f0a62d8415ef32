"""Which handler carries which kind of outbox work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Done:
    """The world outside agrees with what we hold."""


@dataclass(frozen=True)
class Later:
    """Not now: try again at `at` (UTC), or after a wait that grows with each try. `error` says why, for a person. Where
    it was no fault of the work itself (not `counted`), it is no failed try of it: only `at` counts, and `error` is not
    kept."""

    error: str
    at: datetime | None = None
    counted: bool = True


@dataclass(frozen=True)
class Parked:
    """Refused for good: a person has to look at it."""

    error: str


@dataclass(frozen=True)
class Unreached:
    """Nothing was tried for this key, so nothing failed: it waits for its turn as before."""


Outcome = Done | Later | Parked | Unreached
Handler = Callable[[Sequence[str]], Mapping[str, Outcome]]


@dataclass(frozen=True)
class Kind:
    """`handle` gets up to `batch` keys, of one scope and lane, and says the outcome of each. Its claim on them is
    renewed while it works; once its process has died or stood still for `lease_s` seconds, another may take them.
    `label` says to an operator what it is."""

    name: str
    handle: Handler
    batch: int
    lease_s: int
    label: str = ""


_kinds: dict[str, Kind] = {}


def register(name: str, handle: Handler, *, batch: int = 100, lease_s: int = 15, label: str = "") -> None:
    """Called from an app's `ready()`, once for each kind."""
    if name in _kinds:
        raise ValueError(f"The outbox kind {name} is registered twice.")
    _kinds[name] = Kind(name, handle, batch, lease_s, label)


def get(name: str) -> Kind:
    """The kind of this name. KeyError where no app registered it."""
    return _kinds[name]


def label(name: str) -> str:
    """What work of this kind is, for an operator; the name itself where nobody said."""
    return (_kinds[name].label if name in _kinds else "") or name


def names() -> list[str]:
    """All registered kinds, in the order of registration."""
    return list(_kinds)
