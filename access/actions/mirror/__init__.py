"""What the mirror writes: pages of the Hub's lists, who is gone from them, and the plan of its readings."""

from access.actions.mirror.absence import record_absent
from access.actions.mirror.pages import record_rows
from access.actions.mirror.plan import (
    claim_mirror,
    ensure_mirrors,
    hold_mirror,
    make_due,
    record_broken_walk,
    record_mirror,
    record_progress,
    record_walk,
)

__all__ = [
    "claim_mirror",
    "ensure_mirrors",
    "make_due",
    "hold_mirror",
    "record_absent",
    "record_broken_walk",
    "record_mirror",
    "record_progress",
    "record_rows",
    "record_walk",
]
