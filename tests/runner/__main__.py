"""`./run test`: the groups in turn, SQLite and PostgreSQL side by side; one closing line; servers always stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.runner import groups, totals
from tests.runner.groups import Group
from tests.runner.servers import Servers, Unavailable

_NO_TESTS = 5  # pytest's exit status when nothing was selected
_PARALLEL = ("sqlite", "postgres")


def main(argv: Sequence[str]) -> int:
    """Run the groups; 0 if all that was asked for ran and passed."""
    signal.signal(signal.SIGTERM, _interrupt)
    wanted, extra = _split(argv)
    servers = Servers(os.environ)
    try:
        with tempfile.TemporaryDirectory(prefix="hubgate-reports-") as reports:
            return Run(servers, Path(reports), extra).all([group for group in groups.GROUPS if group.name in wanted])
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        servers.close()


class Run:
    """One run over some groups: what came out, and what could not be run."""

    def __init__(self, servers: Servers, reports: Path, extra: Sequence[str]) -> None:
        self._servers = servers
        self._reports = reports
        self._extra = list(extra)
        self._total = totals.Totals()
        self._left_out: list[str] = []
        self._wrong: list[str] = []

    def all(self, chosen: Sequence[Group]) -> int:
        """Run the groups, print the sum, give the exit status."""
        side_by_side = [group for group in chosen if group.name in _PARALLEL]
        if side_by_side:
            self._together(side_by_side)
        for group in chosen:
            if group not in side_by_side:
                self._together([group])
        for sentence in self._left_out:
            print(f"NOT RUN: {sentence}")
        if self._left_out and os.environ.get("CI") == "true":
            self._wrong.append("a group could not run, and CI runs all")
        if not self._total.ran:
            self._wrong.append("no test ran")
        for sentence in self._wrong:
            print(f"WRONG: {sentence}")
        print(self._total.line(), flush=True)
        return 1 if self._wrong or self._total.failed else 0

    def _together(self, side_by_side: Sequence[Group]) -> None:
        began = time.monotonic()
        running: list[tuple[Group, subprocess.Popen[bytes], Path]] = []
        try:
            for group in side_by_side:
                try:
                    env = groups.environment(group, self._servers, os.environ)
                except Unavailable as error:
                    self._left_out.append(f"tests {group.title}. {error}")
                    continue
                report = self._reports / f"{group.name}.xml"
                line = groups.command(
                    group, report, self._extra, groups.jobs_for(len(side_by_side)) if len(side_by_side) > 1 else 1
                )
                print(f"== {group.name}: tests {group.title}", flush=True)
                log = report.with_suffix(".log")
                with log.open("wb") if len(side_by_side) > 1 else contextlib.nullcontext() as out:
                    running.append((group, groups.start(line, env, out), log))
            for group, process, log in running:
                status = process.wait()
                if log.exists():
                    print(f"== {group.name}", flush=True)
                    sys.stdout.buffer.write(log.read_bytes())
                self._note(group, status, time.monotonic() - began)
        finally:
            for _, process, _ in running:
                _end(process)

    def _note(self, group: Group, status: int, seconds: float) -> None:
        print(f"== {group.name} took {seconds:.0f} s", flush=True)
        if status == _NO_TESTS:
            if not self._extra:
                self._wrong.append(f"there are no tests {group.title}")
            return
        found = totals.read(self._reports / f"{group.name}.xml")
        self._total += found
        if status and not found.failed:
            self._wrong.append(f"pytest {group.title} ended with exit status {status}")


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of the groups to run, and what goes to pytest."""
    names = [group.name for group in groups.GROUPS]
    if list(argv[:1]) != ["--group"]:
        return names, list(argv)
    rest = list(argv[1:])
    chosen = []
    while rest and rest[0] in names:
        chosen.append(rest.pop(0))
    if not chosen:
        sys.exit(f"--group takes one or more of: {' '.join(names)}")
    return chosen, rest


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let pytest tear its fixtures down, as after Ctrl-C; then make sure."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
