"""Processes say that they live, and what they did."""

from __future__ import annotations

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from hubgate import counters
from hubgate.operations import actions, queries, rules
from hubgate.operations.models import Heartbeat, Tally
from hubgate.operations.pulse import Pulse
from tests.procfixtures import wait_until


@pytest.mark.django_db(transaction=True)
def test_a_pulse_beats_writes_counts_and_goes_when_its_process_ends_in_order():
    pulse = Pulse("worker", every_s=0.05)
    counters.add("mirror_rounds", result="whole")
    pulse.start()
    wait_until(lambda: Tally.objects.filter(name="mirror_rounds", total=1).exists(), 10, "the first beat")
    first = Heartbeat.objects.get()
    assert (first.kind, first.pid, first.name) == ("worker", os.getpid(), pulse.name)
    counters.add("mirror_rounds", result="whole")
    wait_until(lambda: Tally.objects.filter(total=2).exists(), 10, "the second beat")
    wait_until(lambda: Heartbeat.objects.get().seen_at > first.seen_at, 10, "a later beat")
    pulse.stop()
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_child_has_no_row_but_its_counts_are_written_at_its_end():
    pulse = Pulse(every_s=60)
    pulse.start()
    counters.add("deliveries", result="sent")
    pulse.stop()
    assert Tally.objects.get(name="deliveries").total == 1
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_written_is_written_later():
    table = Heartbeat._meta.db_table
    with connection.schema_editor() as editor:
        editor.alter_db_table(Heartbeat, table, "away")
    try:
        pulse = Pulse("beat", every_s=0.05)
        counters.add("mirror_rounds", result="failed")
        pulse.start()
        wait_until(lambda: not pulse._well, 10, "a beat in vain")
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(Heartbeat, "away", table)
    wait_until(lambda: Heartbeat.objects.exists(), 10, "a beat that is written")
    pulse.stop()


@pytest.mark.django_db
def test_ticks_are_one_row_and_the_silent_are_forgotten_after_a_day():
    actions.record_tick()
    first = Heartbeat.objects.get()
    actions.record_tick()
    assert Heartbeat.objects.get().seen_at == first.seen_at, "not written again within half the time between two"
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=rules.BEAT_EVERY_S))
    actions.record_tick()
    assert Heartbeat.objects.get().seen_at > first.seen_at
    actions.record_heartbeat(name="old", kind="web", host="a", pid=1)
    Heartbeat.objects.filter(name="old").update(seen_at=timezone.now() - timedelta(days=1, seconds=1))
    actions.forget_silent()
    assert [one.kind for one in Heartbeat.objects.all()] == ["tick"]


@pytest.mark.django_db
@pytest.mark.parametrize(("ago", "status", "said"), [(1, 0, "alive"), (60, 1, "silent")])
def test_the_health_check_of_a_process_looks_at_this_machine(ago: int, status: int, said: str):
    import socket

    actions.record_heartbeat(name="w", kind="worker", host=socket.gethostname()[:80], pid=1)
    actions.record_heartbeat(name="v", kind="worker", host="elsewhere", pid=1)
    Heartbeat.objects.filter(name="w").update(seen_at=timezone.now() - timedelta(seconds=ago))
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("alive", "worker", stdout=out)
    assert (ended.value.code, out.getvalue().strip()) == (status, said)
    assert not queries.is_host_alive("beat", "elsewhere", timezone.now())


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_400_000, "12.4 MB"), (3e12, "3000.0 GB")]
)
def test_sizes_read_well(size: float, words: str):
    assert rules.size_words(int(size)) == words
