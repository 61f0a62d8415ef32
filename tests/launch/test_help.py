"""What `./run` says of itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ROOT / "run"), *words], capture_output=True, text=True, timeout=20, check=False)


def test_help_names_every_command_that_there_is():
    text = run("help").stdout
    cases = re.search(r"case \$command in\n(.*?)\nesac", (ROOT / "run").read_text(), re.DOTALL)
    assert cases
    commands = {
        name.strip() for line in re.findall(r"^  ([a-z| ]+)\)", cases[1], re.MULTILINE) for name in line.split("|")
    }
    assert {"start", "reset", "test", "manage"} <= commands
    assert {name for name in commands - {"start"} if f"./run {name}" not in text} == set()
    assert "./run [--port N]" in text


def test_help_by_other_names():
    assert run("--help").stdout == run("-h").stdout == run("help").stdout


def test_an_unknown_command_points_to_help():
    done = run("frobnicate")
    assert done.returncode == 2
    assert "./run help" in done.stderr
