"""The gate of a release on its way to the Hub, and what the Hub shows instead. Safe to repeat at any point: the Hub's
settings are read first, and where they are as the plan has them nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from access import release, rules
from access.actions import release as actions
from access.handlers.outcomes import outcome_of
from access.models import ReleasePlan
from access.queries.stages import access_is_taken_away, wanted_of
from access.release import Setting, Step
from hubgate.errors import WrongStateError
from hubgate.hub.client import HubClient
from hubgate.hub.errors import HubError
from hubgate.hub.types import GateMode, RepoInfo
from hubgate.outbox.registry import Done, Later, Outcome, Parked
from repos import actions as repo_actions
from repos import rules as repo_rules
from repos.hub import client_of
from repos.models import Repository

_PEOPLE_FIRST = timedelta(seconds=2)
_GATED: dict[str, GateMode] = {repo_rules.OPEN: False, repo_rules.AUTO: "auto", repo_rules.MANUAL: "manual"}


def carry_gates(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Bring the Hub to the gate of each repository's release plan (keys are repository ids), or note down what it shows
    where nothing of ours waits."""
    outcomes: dict[str, Outcome] = {key: Done() for key in keys}
    for key in keys:
        plan = _plan(int(key))
        if plan is not None and wanted_of(plan) is not None:
            outcomes[key] = _carry(plan)
    refused = {int(key): outcome.error for key, outcome in outcomes.items() if isinstance(outcome, Parked)}
    actions.record_gates_refused(sentences=refused)
    return outcomes


def _plan(repository_id: int) -> ReleasePlan | None:
    found = ReleasePlan.objects.select_related("stage", "repository__namespace")
    return found.filter(repository=repository_id).first()


def _carry(plan: ReleasePlan) -> Outcome:
    repository = plan.repository
    if plan.waits and not repository.namespace.changes_enabled:
        return Parked(rules.reading_only(repository.namespace.name))
    try:
        return _agree(client_of(repository.namespace, lane="people"), plan)
    except WrongStateError as error:
        return Parked(error.message)
    except HubError as error:
        return outcome_of(error, repository)


def _agree(client: HubClient, plan: ReleasePlan) -> Outcome:
    repository = plan.repository
    info = client.repo_info(repo_rules.plural_of(repository.kind), repository.name, with_card=False)
    if info.hub_id != repository.hub_id:
        repo_actions.make_namespace_due(namespace_id=repository.namespace_id, now=timezone.now())
        return Later(f"{repository.name} is another repository on the Hub now. hubgate reads the namespace anew.")
    hub = begins = Setting(repo_rules.gate_word(info.gated), bool(info.private))
    if not plan.waits:
        return _look(plan, hub)
    now = _plan(repository.pk)
    while now is not None and now.waits and (to := wanted_of(now)) is not None:
        todo = release.steps(hub, to)
        if not todo:
            _take_note(repository, info, hub)
            actions.record_gate_told(repository_id=repository.pk, version=now.version, before=begins, after=hub)
            return Done()
        if release.opens(hub, to) and access_is_taken_away(repository):
            why = "The gate is opened once the Hub has been told whose access ends."
            return Later(why, timezone.now() + _PEOPLE_FIRST, counted=False)
        _send(client, repository, info.id, todo[0])
        hub = todo[0].after(hub)
        now = _plan(repository.pk)  # what somebody did meanwhile counts: the next step is that of the plan as it is
    return Done()


def _send(client: HubClient, repository: Repository, name: str, step: Step) -> None:
    gated = _GATED[step.gated] if step.gated is not None else None
    actions.record_gate_step(repository_id=repository.pk, at=timezone.now())
    client.update_settings(repo_rules.plural_of(repository.kind), name, gated=gated, private=step.private)


def _look(plan: ReleasePlan, hub: Setting) -> Outcome:
    to = wanted_of(plan)
    fresh = plan.pushed_at is not None and timezone.now() < plan.pushed_at + rules.ECHO
    if to is not None and release.difference(hub, to) and fresh and plan.pushed_at is not None:
        return Later("The Hub may not show yet what it was told.", plan.pushed_at + rules.ECHO, counted=False)
    actions.record_gate_found(repository_id=plan.repository_id, hub=hub)
    return Done()


def _take_note(repository: Repository, info: RepoInfo, hub: Setting) -> None:
    """Have the repository's pages say what the Hub was told, without waiting for the mirror."""
    if Setting(repository.gate, repository.private) == hub:
        return
    told = replace(info, gated=_GATED.get(hub.gated, hub.gated), private=hub.private)
    repo_actions.record_repositories(
        namespace=repository.namespace, infos=[told], read_at=timezone.now(), complete=False
    )
