"""The only writers of access requests."""

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
from access.actions.saved_views import MOST_VIEWS, remove_view, rename_view, save_view

__all__ = [
    "MOST_VIEWS",
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
    "remove_view",
    "rename_view",
    "retry_push",
    "save_view",
    "want_reading",
]
