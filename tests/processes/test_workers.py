"""Celery does the outbox's work: inside the web process, and as processes of its own."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.procfixtures import ROOT, MakeStack, Running, StartProcess, answers, free_port, wait_until

pytestmark = pytest.mark.processes

# A mail that was withdrawn meanwhile: the handler finds nothing to send, and the item is done.
ENQUEUE = "from hubgate.outbox import queue; queue.enqueue('notify.mail', ['999999'])"


def embedded_environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUBGATE_", "DATABASE_"))}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "hubgate.settings.embedded",
        "HUBGATE_DATA": str(folder),
        "HUBGATE_SECRET_KEY": "only-for-tests",
        "HUBGATE_HUB_URL": "http://127.0.0.1:1",
    }


class Embedded:
    """The embedded set-up on a data folder of its own."""

    def __init__(self, folder: Path, start_process: StartProcess) -> None:
        self.port = free_port()
        self.database = folder / "hubgate.sqlite3"
        self.env = embedded_environment(folder)
        self._start_process = start_process

    def start(self, *options: str) -> Running:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:hubgate.gunicorn_embedded"]
        command += ["--bind", f"127.0.0.1:{self.port}", *options, "hubgate.wsgi:application"]
        return self._start_process(command, self.env, name="web", ready=lambda: answers(self.port))

    def refused(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:hubgate.gunicorn_embedded", *options]
        command += ["--bind", f"127.0.0.1:{self.port}", "hubgate.wsgi:application"]
        return subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, env=self.env, cwd=ROOT, check=True, capture_output=True)

    def behind(self) -> int:
        """How many outbox items wait."""
        connection = sqlite3.connect(self.database)
        try:
            return int(connection.execute("SELECT count(*) FROM outbox_outboxitem WHERE done < wanted").fetchone()[0])
        finally:
            connection.close()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty database, to copy from."""
    folder = tmp_path_factory.mktemp("migrated")
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=embedded_environment(folder), cwd=ROOT, check=True)
    return folder


@pytest.fixture
def embedded(tmp_path: Path, migrated: Path, start_process: StartProcess) -> Embedded:
    return Embedded(shutil.copytree(migrated, tmp_path / "data"), start_process)


def test_embedded_beat_ticks_and_its_worker_does_what_waits_then_both_stop_within_five_seconds(embedded: Embedded):
    # From another process, whose nudge goes into a queue that nobody reads: only beat's tick finds the row.
    embedded.manage("shell", "-c", ENQUEUE)
    assert embedded.behind() == 1

    web = embedded.start()
    wait_until(lambda: embedded.behind() == 0, 60, "the tick to carry out the item")

    began = time.monotonic()
    assert web.terminate() == 0
    assert time.monotonic() - began < 5
    assert "Traceback" not in web.output()


def test_what_waits_when_the_embedded_process_is_killed_is_done_by_the_next_one(embedded: Embedded):
    web = embedded.start()
    web.kill()
    embedded.manage("shell", "-c", ENQUEUE)
    assert embedded.behind() == 1

    embedded.start()
    wait_until(lambda: embedded.behind() == 0, 60, "the next process to carry out the item")


def test_a_second_web_process_is_refused_at_start_and_when_asked_for_by_signal(embedded: Embedded):
    refused = embedded.refused("--workers", "2")
    assert refused.returncode != 0
    assert "exactly one web process" in refused.stderr

    web = embedded.start()
    web.process.send_signal(signal.SIGTTIN)
    web.wait_for("not starting another")
    assert web.output().count("Booting worker") == 1


def test_production_processes_do_what_waits(stack: MakeStack):
    production = stack()
    production.manage("shell", "-c", ENQUEUE)
    done = "SELECT 1 FROM outbox_outboxitem WHERE kind = 'notify.mail' AND done = wanted"
    wait_until(lambda: production.sql(done), 60, "the workers to carry out the item")


def test_a_nudge_needs_no_tick(stack: MakeStack):
    production = stack(beat=False, web=False)
    production.manage("shell", "-c", ENQUEUE)
    done = "SELECT 1 FROM outbox_outboxitem WHERE kind = 'notify.mail' AND done = wanted"
    wait_until(lambda: production.sql(done), 60, "the nudged worker to carry out the item")


def test_production_refuses_to_start_half_configured():
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUBGATE_")}
    env |= {"DJANGO_SETTINGS_MODULE": "hubgate.settings.production", "REDIS_URL": "redis://127.0.0.1:1/0"}
    env.pop("DATABASE_URL", None)
    done = subprocess.run([sys.executable, "manage.py", "check"], env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    for name in ("HUBGATE_SECRET_KEY", "HUBGATE_ENCRYPTION_KEY", "DATABASE_URL"):
        assert f"{name} is missing." in done.stderr
