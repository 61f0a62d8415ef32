"""When the Hub is away, one call in a while asks whether it is back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.hub.circuit import CLOSED, OPEN_AFTER, Circuit, MemoryCircuitStore, admit, note
from hubgate.hub.client import HubClient
from hubgate.hub.errors import HubUnreachable
from tests.hub.scripted import Script, Wire

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EVERY = 15.0
ONE, OTHER = "models/aurora/one", "models/aurora/other"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after_failures(*subjects: str, now: datetime = NOW) -> Circuit:
    circuit = CLOSED
    for subject in subjects:
        circuit = note(circuit, subject, now, ok=False, every_s=EVERY)
    return circuit


def ask(circuit: Circuit, subject: str, now: datetime) -> tuple[Circuit, datetime | None]:
    return admit(circuit, subject, now, every_s=EVERY)


def test_a_few_failures_hold_nobody_up():
    circuit = after_failures(*[ONE, OTHER] * (OPEN_AFTER // 2))
    assert circuit.probe_at == later(EVERY)
    circuit = after_failures(*[ONE, OTHER, ONE, OTHER, ONE])
    assert ask(circuit, ONE, NOW) == (circuit, None)


def test_a_success_forgets_what_failed_before():
    circuit = after_failures(*[ONE] * 5)
    assert note(circuit, OTHER, NOW, ok=True, every_s=EVERY) == CLOSED


def test_while_it_is_open_one_call_in_fifteen_seconds_goes_out():
    circuit = after_failures(ONE, *[OTHER] * 5)
    for seconds in (0, 5, 14.9):
        assert ask(circuit, ONE, later(seconds)) == (circuit, later(EVERY))
    circuit, waits = ask(circuit, "", later(15))
    assert waits is None
    assert ask(circuit, ONE, later(15))[1] == later(30)
    circuit = note(circuit, "", later(20), ok=False, every_s=EVERY)  # it hung for five seconds
    assert ask(circuit, ONE, later(34))[1] == later(35)
    circuit, waits = ask(circuit, ONE, later(35))
    assert waits is None
    assert note(circuit, ONE, later(35), ok=True, every_s=EVERY) == CLOSED


def test_a_repository_that_fails_alone_holds_up_no_other():
    circuit = after_failures(*[ONE] * 8)
    assert ask(circuit, ONE, NOW)[1] == later(EVERY)
    assert ask(circuit, OTHER, NOW) == (circuit, None)
    assert ask(note(circuit, OTHER, NOW, ok=False, every_s=EVERY), "models/aurora/third", NOW)[1] == later(EVERY)


def test_a_clock_set_back_makes_no_wait_longer_than_a_turn():
    circuit = after_failures(*[ONE, OTHER] * 3, now=later(3600))
    circuit, waits = ask(circuit, ONE, NOW)
    assert waits == later(EVERY)
    assert ask(circuit, ONE, later(EVERY))[1] is None


@given(st.lists(st.tuples(st.sampled_from([ONE, OTHER, ""]), st.floats(0, 20)), max_size=60))
def test_the_calls_to_a_hub_that_is_down_are_few(calls):
    """Whatever is called when: after the opening, calls are a turn apart."""
    circuit, now, sent = CLOSED, NOW, []
    for subject, wait in calls:
        now += timedelta(seconds=wait)
        circuit, waits = ask(circuit, subject, now)
        if waits is None:
            sent.append((now, len(circuit.subjects) > 1))
            circuit = note(circuit, subject, now, ok=False, every_s=EVERY)
    opened = [at for at, several in sent[OPEN_AFTER:] if several]
    assert all(second - first >= timedelta(seconds=EVERY) for first, second in zip(opened, opened[1:], strict=False))


def test_a_client_stops_calling_a_hub_that_fails_and_says_when_it_tries_again(hub: Script, budget):
    now = NOW
    store = MemoryCircuitStore()
    client = HubClient(hub.origin, "hf_x", budget, circuit=store, now=lambda: now)
    hub.then(*(partial(_answer, status) for status in (500, 502, 503, 504, 500, 502)))
    retry_at = None
    for _ in range(OPEN_AFTER):
        with pytest.raises(HubUnreachable) as failure:
            client.repo_info("models", "aurora/one")
        retry_at = failure.value.retry_at
    assert retry_at == later(EVERY)
    with pytest.raises(HubUnreachable) as refused:
        client.repo_info("models", "aurora/one")
    assert (refused.value.retry_at, refused.value.status, refused.value.outcome_unknown) == (later(EVERY), None, False)
    assert len(hub.asked) == OPEN_AFTER

    now = later(EVERY)
    hub.then(partial(_answer, 404))
    with pytest.raises(Exception, match="404"):
        client.repo_info("models", "aurora/one")
    assert store.admit(client._origin, "models/aurora/one", now) is None


def _answer(status: int, wire: Wire) -> None:
    wire.head(status, {"content-length": "0"})
