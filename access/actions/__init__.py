"""The only writers of access requests."""

from access.actions.decide import decide, grant, retry_push
from access.actions.drift import Way, pass_over, record_drifts, settle
from access.actions.mirror import (
    claim_mirror,
    ensure_mirrors,
    record_absent,
    record_broken_walk,
    record_mirror,
    record_rows,
    record_walk,
)
from access.actions.push import record_pushed, record_refused, want_reading

__all__ = [
    "Way",
    "claim_mirror",
    "decide",
    "ensure_mirrors",
    "grant",
    "pass_over",
    "record_absent",
    "record_broken_walk",
    "record_drifts",
    "record_mirror",
    "record_pushed",
    "record_refused",
    "record_rows",
    "record_walk",
    "retry_push",
    "settle",
    "want_reading",
]
