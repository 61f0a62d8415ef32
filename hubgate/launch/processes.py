"""Child processes: started with a log file each, watched, and always stopped together."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubgate.launch.folder import LaunchError

STOP_WITHIN = 6.0  # seconds that a child has between the request to stop and being killed
LOG_LINES = 25
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A running program, the leader of its own process group."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_lines(self) -> str:
        """The end of its log, indented."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join(f"    {line}" for line in lines) or "    (it wrote nothing)"


def require_free(port: int, flag: str) -> None:
    """Raise LaunchError when something listens on the port already; `flag` is the option that chooses another."""
    with socket.socket() as probe:
        # As servers do: a port in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise LaunchError(
                f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}). Choose another with ./run {flag} NUMBER."
            ) from None


def start(name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> Child:
    """Start a program in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
    if log.exists():
        log.replace(log.with_suffix(".old.log"))
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - we have one thread
        )
    return Child(name, process, log)


def _end_with_parent() -> None:
    """In a new child: have the kernel end it when we are killed, so that it does not keep port and database."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def died(child: Child) -> LaunchError:
    """What to tell when a child has ended by itself."""
    status = child.process.returncode
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    return LaunchError(f"The {child.name} ended ({how}). The last lines of {child.log}:\n{child.last_lines()}")


def wait_ready(child: Child, port: int, path: str, timeout: float) -> None:
    """Return when the child answers HTTP below 500. Raises LaunchError when it ends or `timeout` seconds pass first."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if child.process.poll() is not None:
            raise died(child)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    raise LaunchError(
        f"The {child.name} did not answer within {timeout:.0f} seconds. "
        f"The last lines of {child.log}:\n{child.last_lines()}"
    )


def watch(children: Sequence[Child]) -> LaunchError:
    """Block until one of the children ends by itself; give what to tell about it."""
    while True:
        for child in children:
            if child.process.poll() is not None:
                return died(child)
        time.sleep(0.2)


def stop(children: Sequence[Child]) -> None:
    """Ask all children to end, then kill what is left of their groups. Works whatever state they are in."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
