"""Access requests and the Hub: what goes out and what comes in."""

from access.handlers.bulk import carry_out_bulks
from access.handlers.gate import carry_gates
from access.handlers.private import tell_turned_private
from access.handlers.push import push_decisions
from access.handlers.walks import compare, poll, read_due

__all__ = [
    "carry_gates",
    "carry_out_bulks",
    "compare",
    "poll",
    "push_decisions",
    "read_due",
    "tell_turned_private",
]
