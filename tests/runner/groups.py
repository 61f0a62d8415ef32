"""The four groups of tests, what each needs, and how pytest runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.runner.servers import Servers

_OURS = ("DATABASE_URL", "REDIS_URL", "HUBGATE_HUB_URL", "HUBGATE_DATA", "HUBGATE_DEMO", "HF_TOKEN", "HF_ENDPOINT")


@dataclass(frozen=True)
class Group:
    """Tests with a set-up in common. `marks` is the pytest mark expression that selects them."""

    name: str
    title: str
    marks: str
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


# Tests that touch no database say the same on every one.
_NO_DATABASE = ("--ignore=tests/architecture", "--ignore=tests/launch", "--ignore=tests/runner")

GROUPS = (
    Group("sqlite", "on SQLite", "not processes and not e2e"),
    Group("postgres", "on PostgreSQL", "not processes and not e2e", ("postgres",), _NO_DATABASE),
    Group("processes", "with real processes, PostgreSQL and Redis", "processes", ("postgres", "redis")),
    Group("e2e", "in a browser", "e2e", ("postgres", "redis", "chromium")),
)


def environment(group: Group, servers: Servers, base: Mapping[str, str]) -> dict[str, str]:
    """The variables of one group's pytest: its servers and nothing of the operator's own. May raise Unavailable."""
    env = {name: value for name, value in base.items() if name not in _OURS}
    if "postgres" in group.needs:
        env["HUBGATE_TEST_DATABASE_URL"] = servers.postgres()
    if "redis" in group.needs:
        env["HUBGATE_TEST_REDIS_URL"] = servers.redis()
    if "chromium" in group.needs:
        env["HUBGATE_CHROMIUM"] = servers.chromium()
    if group.name == "postgres":
        env["DATABASE_URL"] = env["HUBGATE_TEST_DATABASE_URL"].rsplit("/", 1)[0] + "/hubgate"
    return env


def command(group: Group, report: Path, extra: Sequence[str], jobs: int) -> list[str]:
    """pytest's command line. A mark expression among `extra` narrows the group's own."""
    marks, rest = group.marks, list(extra)
    for index, word in enumerate(rest):
        if word == "-m" and index + 1 < len(rest):
            marks = f"({marks}) and ({rest[index + 1]})"
            del rest[index : index + 2]
            break
    parallel = ["-n", str(jobs)] if jobs > 1 else []
    junit = [f"--junit-xml={report}", "-o", f"junit_suite_name={group.name}"]
    slowest = ["--durations=12", "--durations-min=8"]
    return [sys.executable, "-m", "pytest", "-q", "-m", marks, *parallel, *junit, *slowest, *group.options, *rest]


def start(line: Sequence[str], env: Mapping[str, str], out: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """Start pytest in a process group of its own, so that Ctrl-C reaches it through us and only once."""
    return subprocess.Popen(line, env=dict(env), stdout=out, stderr=subprocess.STDOUT if out else None, process_group=0)


def jobs_for(groups: int) -> int:
    """pytest workers for each of `groups` that run side by side."""
    return max(1, (os.cpu_count() or 1) // groups)
