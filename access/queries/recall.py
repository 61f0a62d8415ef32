"""Which grants a recall resets."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from access import states
from access.models import AccessRequest, ReleasePlan
from access.queries.stages import let_in_by
from hubgate.errors import InvalidInputError

MOST_IDS = 10_000
NOBODY = "nobody"
STAGE = "stage"
EVERYBODY = "everybody"
SELECTION = "selection"
WAYS = (STAGE, EVERYBODY, SELECTION, NOBODY)


@dataclass(frozen=True)
class Chosen:
    """Whose grants a recall resets: of those who were let in during a stage (`stage_id`, of the plan), of everybody who
    is in, of the requests named, or of nobody. `organisation` and `domain` narrow any of these."""

    way: str
    stage_id: int | None = None
    request_ids: tuple[int, ...] = ()
    organisation: str = ""
    domain: str = ""


def chosen(plan: ReleasePlan, whose: Chosen) -> QuerySet[AccessRequest] | None:
    """The accepted requests that a recall would reset, in no order; None for nobody. InvalidInputError for a stage that
    is not of the plan, and for too many names."""
    if whose.way not in WAYS:
        raise _bad("Choose whose grants to reset: of a stage, of everybody, a selection, or nobody's.")
    if whose.way == NOBODY:
        return None
    accepted = AccessRequest.objects.filter(repository=plan.repository_id, status=states.ACCEPTED)
    if whose.way == STAGE:
        stage = plan.stages.filter(pk=whose.stage_id or 0).first()
        if stage is None:
            raise _bad("Choose a stage of this plan.")
        accepted = let_in_by(stage)
    elif whose.way == SELECTION:
        if not whose.request_ids:
            raise _bad("Name at least one request.")
        if len(whose.request_ids) > MOST_IDS:
            raise _bad(f"Name at most {MOST_IDS:,} requests at a time.")
        accepted = accepted.filter(pk__in=whose.request_ids)
    if whose.organisation:
        accepted = accepted.filter(organisations__contains=f"|{whose.organisation.strip().lower()}|")
    if whose.domain:
        accepted = accepted.filter(email_domain=whose.domain.strip().lower().rpartition("@")[2])
    return accepted


def _bad(sentence: str) -> InvalidInputError:
    return InvalidInputError(sentence, code="bad_recall", fields={"whose": sentence})
