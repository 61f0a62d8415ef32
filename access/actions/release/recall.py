"""Recall: one action closes the gate and resets a chosen set of grants, with one reason for all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from access import events, release, rules, states
from access.actions.bulk import clean_bulk_reason, freeze
from access.actions.release.held import changed, forget_goes, locked_plan
from access.models import BulkDecision, ReleasePlan
from access.queries.bulk import BULK_LIMIT
from access.queries.recall import Chosen, chosen
from access.release_notices import settle_gate_drift
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.outbox import queue
from repos.subjects import of_repository

CAUSE = rules.RECALL
_NO_GATE = "Choose how far to close the gate: to by hand, or to private."


@dataclass(frozen=True)
class Recalled:
    """What a recall did: the plan, and the bulk decision that resets the grants; None where there are none."""

    plan: ReleasePlan
    bulk: BulkDecision | None


@begins_again
def recall(*, actor: Actor, repository_id: int, key: UUID, gate: str, whose: Chosen, reason: str) -> Recalled:
    """Close the gate of a repository to `gate` (`private` or `manual`, never more open than its stage) and reset the
    grants that `whose` chooses, as they are now. Nothing is opened by date or let in by hubgate until the stage is
    opened again. The gate goes to the Hub before anything else; the grants are reset as one bulk decision, `key` names
    the wish, so that a second click is the same. InvalidInputError without a reason, for another gate, or for more
    grants than a bulk decision takes; WrongStateError where no stage is in force."""
    if gate not in release.RECALL_GATES:
        raise InvalidInputError(_NO_GATE, code="bad_recall", fields={"gate": _NO_GATE})
    reason = clean_bulk_reason(states.RESET_VERB, reason)
    with transaction.atomic(durable=True):
        plan = locked_plan(actor, repository_id)
        if plan.stage is None:
            raise WrongStateError("No stage of this plan is in force, so there is nothing to recall.", code="no_stage")
        known = BulkDecision.objects.filter(key=key).first()
        if known is not None:
            return Recalled(plan, _own(actor, known))
        bulk = _reset(actor, plan, key, whose, reason)
        plan.recalled_gate, plan.recalled_at, plan.recalled_reason = gate, timezone.now(), reason
        plan.held_at, plan.drift_at, plan.paused_at = plan.recalled_at, None, None
        settle_gate_drift(repository_id)
        forget_goes(plan, after=0)
        changed(plan, "recalled_gate", "recalled_at", "recalled_reason", "held_at", "drift_at", "paused_at")
        people = bulk.total if bulk else 0
        data = {
            "gate": release.GATE_WORDS[gate],
            "people": "1 grant" if people == 1 else f"{people:,} grants",
            "reason": reason,
            "stage": plan.stage.name,
        }
        log.record(actor, events.RECALLED, of_repository(plan.repository), cause=CAUSE, data=data)
    return Recalled(plan, bulk)


def check_reason(reason: str) -> None:
    """InvalidInputError for a reason that a recall would refuse: missing, or too long."""
    clean_bulk_reason(states.RESET_VERB, reason)


def _reset(actor: Actor, plan: ReleasePlan, key: UUID, whose: Chosen, reason: str) -> BulkDecision | None:
    found = chosen(plan, whose)
    if found is None:
        return None
    number = found.order_by()[: BULK_LIMIT + 1].count()
    if number > BULK_LIMIT:
        sentence = f"Reset at most {BULK_LIMIT:,} grants at a time: choose fewer, and recall again for the rest."
        raise InvalidInputError(sentence, code="bad_recall", fields={"whose": sentence})
    if not number:
        return None
    bulk = BulkDecision.objects.create(
        key=key,
        group=uuid4(),
        user_id=actor.user_id,
        user_label=actor.label,
        verb=states.RESET_VERB,
        cause=CAUSE,
        reason=reason,
        query=f"?repository={plan.repository_id}&status=all",
        state=BulkDecision.State.WAITING,
        started_at=timezone.now(),
    )
    bulk.total = freeze(bulk, found.order_by("-asked_at", "-pk"))
    bulk.save(update_fields=["total"])
    queue.enqueue(states.BULK, [bulk.pk])
    return bulk


def _own(actor: Actor, bulk: BulkDecision) -> BulkDecision:
    if bulk.user_id != actor.user_id:
        raise WrongStateError("Somebody else's bulk decision has this key. Take another one.", code="plan_changed")
    return bulk
