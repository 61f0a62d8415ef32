"""How much each crash test does: little in `./run test`, all of it in `./run bench crash` (`HUBGATE_CRASH=full`)."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

FULL = os.environ.get("HUBGATE_CRASH") == "full"
# A bound of time holds as written where the machine has nothing else to do.
SLACK = 1 if FULL else 3

# Nothing waits that long: a test that does is stuck.
STUCK_S = 3600 if FULL else 600

# Settings that make the small run wait less: what is shown does not depend on them.
HASTE = {} if FULL else {"HUBGATE_TICK_SECONDS": "1", "HUBGATE_LEASE_SECONDS": "4"}

Size = dict[str, Any]
SIZES: dict[str, tuple[Size, Size]] = {
    "R1": ({"approvals": 60, "kills": 3}, {"approvals": 1000, "kills": 20}),
    "R2": ({"decisions": 40, "kills": 4}, {"decisions": 500, "kills": 50}),
    "R3": ({"queued": 40}, {"queued": 10_000}),
    "R4": ({"down_s": 4, "clicks": 20}, {"down_s": 300, "clicks": 1000}),
    "R5": ({"restarts": 2, "decisions": 60, "calm_s": 2}, {"restarts": 5, "decisions": 500, "calm_s": 10}),
    "R6": ({"t": 3, "limits": 3}, {"t": 37, "limits": 10}),
    "R7": (
        {"decisions": 24, "faults": 4, "probe_s": 2.0, "probes": 3},
        {"decisions": 1000, "faults": 250, "probe_s": 15.0, "probes": 38},
    ),
    "R8": ({"hang_s": 10, "read_s": 3, "others": 10}, {"hang_s": 60, "read_s": 10, "others": 100}),
    "R11": ({"rows": 2200, "rounds": 3}, {"rows": 12_000, "rounds": 20}),
    "R13": ({"rejections": 60, "groups": 12, "seconds": 0}, {"rejections": 1000, "groups": 100, "seconds": 12}),
    "R14": ({"decisions": 40}, {"decisions": 1000}),
    "R15": ({"requests": 24}, {"requests": 1000}),
    "R16": ({"pairs": 24}, {"pairs": 200}),
    "R17": ({"requests": 300, "singles": 24}, {"requests": 10_000, "singles": 100}),
    "R18": ({"requests": 100}, {"requests": 5000}),
    "R22": ({"rows": 5000, "decisions": 12}, {"rows": 100_000, "decisions": 200}),
}


def size_of(row: str) -> SimpleNamespace:
    """The counts of a row of docs/reliability.md in this run."""
    return SimpleNamespace(**SIZES[row][FULL])
