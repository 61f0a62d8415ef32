"""Starts the local Hub as a process of its own on a free port, for the conformance runner and for tests."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hubgate.localhub.door import ControlDoor

START_WITHIN = 60.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(data: Path, seed: str = "empty") -> Iterator[ControlDoor]:
    """A local Hub with its store in `data`, ready to answer; stopped at the end."""
    port = free_port()
    command = [sys.executable, "-m", "hubgate.localhub", "--port", str(port), "--data", str(data), "--seed", seed]
    data.mkdir(parents=True, exist_ok=True)
    with (data / "output.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=log, stderr=log, cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        door = ControlDoor(f"http://127.0.0.1:{port}")
        try:
            _wait(process, door, data / "output.log")
            yield door
        finally:
            door.close()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait(process: subprocess.Popen[bytes], door: ControlDoor, log: Path) -> None:
    until = time.monotonic() + START_WITHIN
    while not door.ready():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"The local Hub did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.03)
