"""The only writers of access requests."""

from access.actions.decide import decide, grant, retry_push
from access.actions.mirror import (
    claim_mirror,
    ensure_mirrors,
    hold_mirror,
    record_absent,
    record_broken_walk,
    record_mirror,
    record_progress,
    record_rows,
    record_walk,
)
from access.actions.private import tell_now_private
from access.actions.push import record_pushed, record_refused, want_reading

__all__ = [
    "claim_mirror",
    "decide",
    "ensure_mirrors",
    "grant",
    "hold_mirror",
    "record_absent",
    "record_broken_walk",
    "record_mirror",
    "record_progress",
    "record_pushed",
    "record_refused",
    "record_rows",
    "record_walk",
    "retry_push",
    "tell_now_private",
    "want_reading",
]
