"""What one page of a list changes in requests that are known: the rules are asked here, nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access import events, rules, states
from access.actions.drift import decision_of
from access.actions.mirror import facts
from access.actions.mirror.facts import Forms
from access.models import AccessRequest, Drift, PastAnswers
from access.rules import Reading
from access.subjects import of_request
from hubgate.audit.log import Entry
from hubgate.hub.types import OddRow as OddItem
from hubgate.hub.types import RequestRow


@dataclass
class Changes:
    """What one page changes. `fresh` are the values of requests that nobody knew (`facts.FRESH` without the id)."""

    fresh: list[tuple[Any, ...]] = field(default_factory=list)
    changed: list[AccessRequest] = field(default_factory=list)
    past: list[PastAnswers] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    drifts: list[Drift] = field(default_factory=list)
    news: list[AccessRequest] = field(default_factory=list)
    decided: list[AccessRequest] = field(default_factory=list)
    odd: list[OddItem] = field(default_factory=list)
    owed: list[AccessRequest] = field(default_factory=list)


def take_in(
    request: AccessRequest,
    row: RequestRow,
    person_id: int | None,
    forms: Forms,
    read_at: datetime,
    changes: Changes,
) -> None:
    """Bring a known request to what a row says, as `rules.read` judges it."""
    digest = facts.digest_of(row)
    form_is_known = request.form_id is not None or not forms.versions
    if request.hub_digest == digest and request.missing_walks == 0 and form_is_known:
        return
    ours = rules.Ours(
        status=request.status,
        hub_status=request.hub_status,
        asked_on_hub=request.via == AccessRequest.Via.HUB,
        asked_at=request.asked_at,
        decided_at=request.decided_at,
        pushed_at=request.pushed_at,
        told_status=request.told_status,
    )
    theirs = rules.Theirs(row.status, row.requested_at, row.reviewed_at, read_at)
    reading = rules.read(ours, theirs)
    if reading is Reading.ECHO:
        return
    before, decision = request.status, decision_of(request)
    subject = of_request(request)
    again = rules.is_new_ask(ours, theirs)
    if again and request.answers:
        changes.past.append(
            PastAnswers(request=request, asked_at=request.asked_at, answers=request.answers, form_id=request.form_id)
        )
    if again:
        request.via = AccessRequest.Via.HUB
        request.before = None
        changes.entries.append(Entry(events.ASKED_AGAIN, subject, data={"before": before}))
        if row.status == states.PENDING and reading in (Reading.FOLLOW, Reading.SUPERSEDED):
            changes.news.append(request)
    elif request.answers != row.fields and row.fields:
        changes.entries.append(Entry(events.ANSWERS_CHANGED, subject))
    facts.copy(request, row, person_id, digest, forms, read_at)
    if reading in (Reading.FOLLOW, Reading.SUPERSEDED):
        asked = again and row.status == states.PENDING
        cause = "requester" if asked else "hub"
        facts.decide(request, row.status, row.reviewed_at or read_at, cause=cause, by=row.granted_by)
        if not again:
            event = events.SUPERSEDED if reading is Reading.SUPERSEDED else events.HUB_CHANGED
            changes.entries.append(Entry(event, subject, cause="hub", data={"before": before, "after": row.status}))
            changes.decided.append(request)
            changes.drifts.append(_drift(request, row, decision, read_at, Drift.Stands.THEIRS))
    elif reading is Reading.KEEP and not again:
        request.before = None
        data = {"before": before, "after": row.status}
        changes.entries.append(Entry(events.HUB_SUPERSEDED, subject, cause="hub", data=data))
        changes.drifts.append(_drift(request, row, decision, read_at, Drift.Stands.OURS))
    elif reading is Reading.OURS:
        changes.owed.append(request)
    changes.changed.append(request)


def _drift(
    request: AccessRequest, row: RequestRow, ours: dict[str, Any], read_at: datetime, stands: Drift.Stands
) -> Drift:
    return Drift(
        request=request,
        repository=request.repository,
        ours=ours,
        theirs=row.status,
        theirs_at=row.reviewed_at,
        theirs_by=(row.granted_by or "")[:200],
        stands=stands,
        found_at=read_at,
    )
