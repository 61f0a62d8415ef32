"""The only writers of access requests."""

from access.actions import release
from access.actions.assign import assign, free_assigned
from access.actions.bulk import cancel as cancel_bulk
from access.actions.bulk import carry_out as carry_out_bulk
from access.actions.bulk import prepare as prepare_bulk
from access.actions.bulk import start as start_bulk
from access.actions.bulk import sweep_previews
from access.actions.decide import decide, grant, retry_push, undo
from access.actions.drift import Way, pass_over, record_drifts, settle
from access.actions.ending import extend, refuse_renewal
from access.actions.expiry import AT_ONCE, end_access, remind
from access.actions.export import note_export
from access.actions.mirror import (
    claim_mirror,
    ensure_mirrors,
    hold_mirror,
    make_due,
    record_absent,
    record_broken_walk,
    record_mirror,
    record_progress,
    record_rows,
    record_walk,
)
from access.actions.notes import add_note, remove_note
from access.actions.own import ask_renewal, withdraw
from access.actions.private import tell_now_private
from access.actions.push import record_pushed, record_refused, record_unsure
from access.actions.reason_templates import remove_template, save_template
from access.actions.saved_views import MOST_VIEWS, remove_view, rename_view, save_view
from access.actions.undelivered import send_mail_again, set_mail_aside
from access.actions.viewing import record_viewing

__all__ = [
    "AT_ONCE",
    "ask_renewal",
    "end_access",
    "extend",
    "refuse_renewal",
    "remind",
    "withdraw",
    "note_export",
    "release",
    "MOST_VIEWS",
    "add_note",
    "assign",
    "free_assigned",
    "Way",
    "cancel_bulk",
    "carry_out_bulk",
    "prepare_bulk",
    "start_bulk",
    "sweep_previews",
    "claim_mirror",
    "decide",
    "ensure_mirrors",
    "make_due",
    "grant",
    "hold_mirror",
    "pass_over",
    "record_absent",
    "record_broken_walk",
    "record_drifts",
    "record_mirror",
    "record_progress",
    "record_pushed",
    "record_refused",
    "record_unsure",
    "record_rows",
    "record_walk",
    "record_viewing",
    "remove_note",
    "remove_template",
    "remove_view",
    "rename_view",
    "retry_push",
    "send_mail_again",
    "set_mail_aside",
    "save_template",
    "save_view",
    "settle",
    "tell_now_private",
    "undo",
]
