"""The only writers of access requests."""

from access.actions.bulk import cancel as cancel_bulk
from access.actions.bulk import carry_out as carry_out_bulk
from access.actions.bulk import prepare as prepare_bulk
from access.actions.bulk import start as start_bulk
from access.actions.bulk import sweep_previews
from access.actions.decide import decide, grant, retry_push
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
    "cancel_bulk",
    "carry_out_bulk",
    "prepare_bulk",
    "start_bulk",
    "sweep_previews",
    "claim_mirror",
    "decide",
    "ensure_mirrors",
    "grant",
    "record_absent",
    "record_broken_walk",
    "record_mirror",
    "record_pushed",
    "record_refused",
    "record_rows",
    "record_walk",
    "retry_push",
    "want_reading",
]
