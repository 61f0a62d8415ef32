"""When the Hub is away, one call now and then asks whether it is back; all others wait. Pure rules, and a store that
keeps one state per origin.

Failures count as long as nothing succeeds in between, whatever token or worker made the call. If all of them concern
one repository, only that one's calls wait: the Hub may well answer for the others.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

OPEN_AFTER = 6
PROBE_EVERY_S = 15.0
_SUBJECTS = 2  # one, or several: more need not be told apart


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one origin: `failures` since the last success, up to two of the `subjects` they concern, and,
    once there are too many, when the next call may try (`probe_at`, aware)."""

    failures: int = 0
    subjects: tuple[str, ...] = ()
    probe_at: datetime | None = None


CLOSED = Circuit()


def admit(circuit: Circuit, subject: str, now: datetime, *, every_s: float) -> tuple[Circuit, datetime | None]:
    """Whether a call about `subject` (a repository, or "" for the Hub at large) may go out: None, or the time to ask
    again. The one call that may go out while the circuit is open takes the turn of the next `every_s` seconds."""
    circuit = _cut(circuit, now, every_s)
    if circuit.probe_at is None or (len(circuit.subjects) == 1 and circuit.subjects[0] != subject):
        return circuit, None
    if circuit.probe_at > now:
        return circuit, circuit.probe_at
    return replace(circuit, probe_at=now + timedelta(seconds=every_s)), None


def note(circuit: Circuit, subject: str, now: datetime, *, ok: bool, every_s: float) -> Circuit:
    """Take in how a call ended: a success closes the circuit, the last of too many failures opens it."""
    if ok:
        return CLOSED
    circuit = _cut(circuit, now, every_s)
    subjects = circuit.subjects
    if subject not in subjects:
        subjects = (*subjects, subject)[:_SUBJECTS]
    failures = circuit.failures + 1
    probe_at = now + timedelta(seconds=every_s) if failures >= OPEN_AFTER else None
    return Circuit(failures, subjects, probe_at)


def _cut(circuit: Circuit, now: datetime, every_s: float) -> Circuit:
    """A wait longer than one turn can only come from a clock that was set back."""
    longest = now + timedelta(seconds=every_s)
    if circuit.probe_at is None or circuit.probe_at <= longest:
        return circuit
    return replace(circuit, probe_at=longest)


class CircuitStore(Protocol):
    """Keeps the circuits of all origins, shared by all processes that call them. `now` is aware; both calls are
    atomic."""

    def admit(self, origin: str, subject: str, now: datetime) -> datetime | None:
        """None where a call may go out, else the time to ask again: `admit` on the stored state."""

    def note(self, origin: str, subject: str, now: datetime, *, ok: bool) -> datetime | None:
        """Take in how a call ended: `note` on the stored state. When the next may try, where the circuit is open."""


class MemoryCircuitStore:
    """The circuits of a single process, safe between threads."""

    def __init__(self, every_s: float = PROBE_EVERY_S) -> None:
        self._every_s = every_s
        self._circuits: dict[str, Circuit] = {}
        self._lock = threading.Lock()

    def admit(self, origin: str, subject: str, now: datetime) -> datetime | None:
        with self._lock:
            circuit, retry_at = admit(self._circuits.get(origin, CLOSED), subject, now, every_s=self._every_s)
            self._circuits[origin] = circuit
        return retry_at

    def note(self, origin: str, subject: str, now: datetime, *, ok: bool) -> datetime | None:
        with self._lock:
            circuit = note(self._circuits.get(origin, CLOSED), subject, now, ok=ok, every_s=self._every_s)
            self._circuits[origin] = circuit
        return circuit.probe_at
