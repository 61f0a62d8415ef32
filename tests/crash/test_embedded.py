"""The set-up of one process, with SQLite and a broker in memory: killed or stopped, it loses nothing."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from tests.crash.conftest import World, report
from tests.crash.sizes import SLACK
from tests.procfixtures import Running, StartProcess, answers, free_port, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def serve(world: World, start_process: StartProcess) -> Running:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:hubgate.gunicorn_embedded"]
    command += ["--bind", f"127.0.0.1:{port}", "hubgate.wsgi:application"]
    return start_process(command, world.env, name="embedded", ready=lambda: answers(port))


def test_pushes_reach_the_hub_after_the_process_was_killed_and_after_ctrl_c(
    embedded_world: World, token: str, start_process: StartProcess
):
    world = embedded_world
    before, after, stopped = world.repo("before", 5), world.repo("after", 5), world.repo("stopped", 5)
    world.connect(token)
    world.accept(before)
    world.accept(after)
    world.hub.fault("hang", method="POST", path=before, seconds=60)
    world.hub.fault("apply_then_fail", method="POST", path=after, seconds=60)
    web = serve(world, start_process)
    wait_until(lambda: all(fault["hits"] for fault in world.hub.faults()), 60, "both calls to be under way")
    wait_until(lambda: {row["status"] for row in world.hub.rows(after)} == {"accepted"}, 60, "the Hub to apply it")
    web.kill()
    assert world.behind() == 10
    world.hub.clear_faults()
    wait_until(lambda: len(world.posts()) == 2, 60, "the calls that hung to end")

    web = serve(world, start_process)
    seconds = world.drained(60 * SLACK)
    assert world.stale() == []
    repeated = world.repeated()
    assert repeated <= 1

    world.hub.fault("apply_then_fail", method="POST", path=stopped, seconds=60)
    world.accept(stopped)
    wait_until(lambda: any(fault["hits"] for fault in world.hub.faults()), 60, "a call to be under way")
    began = time.monotonic()
    os.killpg(web.pid, signal.SIGINT)
    web.process.wait(60)
    took = time.monotonic() - began
    assert world.behind() == 5
    world.hub.clear_faults()
    serve(world, start_process)
    after_stop = world.drained(60 * SLACK)
    report(kills=1, repeated=repeated, drained=seconds, ctrl_c=took, drained_after_ctrl_c=after_stop)
    assert world.stale() == []
    assert took <= 6 * SLACK
