"""The only writers of release plans."""

from access.actions.release.gate import (
    record_gate_found,
    record_gate_step,
    record_gate_told,
    record_gates_refused,
)
from access.actions.release.plan import add_stage, edit_stage, move_stage, remove_stage, save_plan
from access.actions.release.recall import Recalled, check_reason, recall
from access.actions.release.stages import (
    advance,
    due_plans,
    give_go,
    open_due,
    put_ours_back,
    reopen,
    retry_gate,
    step_back,
    take_back_go,
    take_theirs,
)
from access.actions.release.waiting import let_in, letting_in

__all__ = [
    "Recalled",
    "add_stage",
    "advance",
    "check_reason",
    "due_plans",
    "edit_stage",
    "give_go",
    "let_in",
    "letting_in",
    "move_stage",
    "open_due",
    "put_ours_back",
    "recall",
    "record_gate_found",
    "record_gate_step",
    "record_gate_told",
    "record_gates_refused",
    "remove_stage",
    "reopen",
    "retry_gate",
    "save_plan",
    "step_back",
    "take_back_go",
    "take_theirs",
]
