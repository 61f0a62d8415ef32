"""What became of a release's gate on the Hub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from access import events, release, release_notices, rights
from access.actions.release.held import lock
from access.models import ReleasePlan
from access.queries.stages import wanted_of
from access.release import Setting
from hubgate.actors import HUB
from hubgate.audit import log
from hubgate.contention import begins_again
from hubgate.notify import actions as notify
from repos.subjects import of_repository


@begins_again
def record_gate_told(*, repository_id: int, version: int, before: Setting, after: Setting) -> None:
    """The Hub holds the repository as the plan had it at `version`, as it said itself or as it was told."""
    with transaction.atomic(durable=True):
        plan = lock(repository_id)
        if plan is None:
            return
        plan.hub_gate, plan.drift_at = after.word, None
        if before != after:
            plan.pushed_at = timezone.now()
            data = {"before": _word(before), "after": _word(after)}
            log.record(HUB, events.GATE_TOLD, of_repository(plan.repository), data=data)
        if plan.version == version:
            plan.waits = False
        plan.save(update_fields=["hub_gate", "drift_at", "pushed_at", "waits"])
        release_notices.settle_gate_drift(repository_id)


@begins_again
def record_gate_step(*, repository_id: int, at: datetime) -> None:
    """A part of the gate was set, or may have been (`at`, UTC): what the Hub shows just after proves nothing."""
    ReleasePlan.objects.filter(repository=repository_id).update(pushed_at=at)


@begins_again
def record_gate_found(*, repository_id: int, hub: Setting) -> None:
    """The Hub shows this gate, and nothing of ours waits: where it is not the plan's, somebody changed it by hand. That
    is noted down once for each gate found, its authors are told, and nothing is pushed."""
    with transaction.atomic(durable=True):
        plan = lock(repository_id)
        to = wanted_of(plan) if plan is not None else None
        if plan is None or to is None or plan.waits:
            return
        subject = of_repository(plan.repository)
        if not release.difference(hub, to):
            if plan.drift_at is not None:
                log.record(HUB, events.GATE_AGREES, subject, cause="hub")
                release_notices.settle_gate_drift(repository_id)
            plan.hub_gate, plan.drift_at = hub.word, None
        elif plan.drift_at is None or plan.hub_gate != hub.word:
            plan.hub_gate, plan.drift_at = hub.word, timezone.now()
            log.record(HUB, events.GATE_DRIFTED, subject, cause="hub", data={"theirs": _word(hub), "ours": _word(to)})
            reviewers = rights.reviewers_of(plan.repository)
            more_open = release.closes(hub, to)
            notify.send(
                [release_notices.gate_drift(plan, reviewers, theirs=_word(hub), ours=_word(to), more_open=more_open)]
            )
        plan.save(update_fields=["hub_gate", "drift_at"])


@begins_again
def record_gates_refused(*, sentences: Mapping[int, str]) -> None:
    """The Hub refused the gate of these repositories for good, with the sentence why: kept in the history, and their
    authors are told."""
    for repository_id, sentence in sentences.items():
        with transaction.atomic(durable=True):
            plan = lock(repository_id)
            if plan is None:
                continue
            log.record(HUB, events.GATE_REFUSED, of_repository(plan.repository), data={"reason": sentence})
            reviewers = rights.reviewers_of(plan.repository)
            notify.send([release_notices.gate_refused(plan, reviewers, sentence)])


def _word(setting: Setting) -> str:
    return release.GATE_WORDS.get(setting.word, setting.word)
