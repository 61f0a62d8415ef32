"""Places of a stage: nobody is accepted over its capacity, whoever decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from access import release
from access.models import AccessRequest, ReleasePlan
from access.queries.stages import taken
from hubgate.errors import WrongStateError


def require_place(repository_id: int) -> None:
    """WrongStateError where the stage in force of a repository has no place left. The plan stays locked, so that the
    place is there until the transaction ends."""
    found = _left([repository_id]).get(repository_id)
    if found is not None and found[1] < 1:
        plan, _ = found
        raise WrongStateError(stage_full(plan), code="stage_full", data={"stage": plan.stage_id})


def over_capacity(accepted: Sequence[AccessRequest]) -> dict[int, ReleasePlan]:
    """Of requests that are about to be accepted, those for whom no place is left, who asked first coming first: by
    request, the plan whose stage is full. The plans stay locked."""
    left = _left({request.repository_id for request in accepted})
    if not left:
        return {}
    places = {pk: number for pk, (_, number) in left.items()}
    turned_away: dict[int, ReleasePlan] = {}
    for request in sorted(accepted, key=lambda one: (one.asked_at, one.pk)):
        if request.repository_id not in places:
            continue
        if places[request.repository_id] < 1:
            turned_away[request.pk] = left[request.repository_id][0]
        else:
            places[request.repository_id] -= 1
    return turned_away


def stage_full(plan: ReleasePlan) -> str:
    """Why somebody cannot be accepted."""
    assert plan.stage is not None
    return release.stage_full(plan.stage.name, plan.stage.capacity or 0)


def _left(repository_ids: Iterable[int]) -> dict[int, tuple[ReleasePlan, int]]:
    """The locked plans of those repositories whose stage in force counts places, each with how many are left."""
    ids = list(repository_ids)
    held = list(
        ReleasePlan.objects.select_for_update()
        .filter(repository__in=ids, stage__isnull=False)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not held:
        return {}
    found: dict[int, tuple[ReleasePlan, int]] = {}
    for plan in ReleasePlan.objects.select_related("stage").filter(pk__in=held, stage__capacity__isnull=False):
        stage = plan.stage
        assert stage is not None
        stage.plan = plan
        found[plan.repository_id] = (plan, release.free(stage.capacity, taken(stage)) or 0)
    return found
