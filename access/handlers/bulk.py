"""Bulk decisions that wait to be carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from access import actions
from hubgate.outbox.registry import Done, Outcome


def carry_out_bulks(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Carry out bulk decisions (keys are their ids), one after the other."""
    for key in keys:
        actions.carry_out_bulk(bulk_id=int(key))
    return {key: Done() for key in keys}
