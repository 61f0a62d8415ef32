"""`./run bench crash`: the crash tests with the counts of docs/reliability.md, and a table of what they counted."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# The test of each row; its counts are in tests/crash/sizes.py.
TESTS = {
    "R1": "test_approvals_survive_workers_killed",
    "R2": "test_a_decision_is_whole_or_absent",
    "R3": "test_the_broker_emptied_and_restarted",
    "R4": "test_a_click_is_answered_at_once",
    "R5": "test_after_a_crash_of_postgresql",
    "R6": "test_after_a_429_nobody_calls",
    "R7": "test_a_hub_that_is_down_is_asked",
    "R8": "test_a_repository_whose_hub_hangs",
    "R9": "test_broken_pages_are_asked_for_again",
    "R10": "test_a_list_cut_to_a_thousand_rows",
    "R11": "test_a_list_that_changes_between_its_pages",
    "R12": "test_odd_rows_are_set_aside",
    "R13": "test_a_rejection_whose_answer_was_lost",
    "R14": "test_a_task_that_comes_several_times",
    "R15": "test_the_hub_ends_with_the_last_committed",
    "R16": "test_of_two_opposite_decisions",
    "R17": "test_bulk_and_single_decisions",
    "R18": "test_what_is_decided_on_the_hub_meanwhile",
    "R22": "test_eight_processes_decide_on_sqlite",
}


def main(argv: Sequence[str]) -> int:
    """Run the chosen rows; 0 when each met its pass numbers."""
    parser = argparse.ArgumentParser(prog="./run bench crash", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="such as R2 R5; all without")
    parser.add_argument("--quick", action="store_true", help="the small counts of ./run test")
    parser.add_argument("--seed", type=int, help="repeat a run with this seed")
    options = parser.parse_args(argv)
    unknown = sorted(set(options.rows) - set(TESTS))
    if unknown:
        parser.error(f"there is no row {unknown[0]}; there are {' '.join(TESTS)}")
    chosen = options.rows or list(TESTS)
    with tempfile.TemporaryDirectory(prefix="hubgate-crash-") as folder:
        figures = Path(folder) / "figures"
        env = {**os.environ, "HUBGATE_CRASH_FIGURES": str(figures)}
        if not options.quick:
            env["HUBGATE_CRASH"] = "full"
        if options.seed is not None:
            env["HUBGATE_CRASH_SEED"] = str(options.seed)
        command = [sys.executable, "-m", "tests.runner", "--group", "processes"]
        command += ["sqlite", "postgres"] if "R16" in chosen else []
        command += ["tests/crash", "-k", " or ".join(TESTS[row] for row in chosen)]
        status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        lines = figures.read_text(encoding="utf-8").splitlines() if figures.exists() else []
    print(table([json.loads(line) for line in lines], chosen))
    return status


def table(found: Sequence[dict[str, Any]], chosen: Sequence[str]) -> str:
    """What each row counted, a line each time it ran; a row that counted nothing failed before it could."""
    lines = [f"Crash tests, {date.today():%-d %b %Y}"]
    for row in chosen:
        counts = [{name: value for name, value in one.items() if name != "row"} for one in found if one["row"] == row]
        for one in counts or [{"nothing": "counted"}]:
            lines.append(f"{row:<4} {', '.join(f'{name} {value}' for name, value in one.items())}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
