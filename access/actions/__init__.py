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
from access.actions.undelivered import send_mail_again, set_mail_aside

__all__ = [
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
    "send_mail_again",
    "set_mail_aside",
    "want_reading",
]
