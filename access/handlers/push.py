"""Decisions on their way to the Hub: read the state now, make the Hub agree, report. Safe to repeat at any point."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.db.models import QuerySet
from django.utils import timezone

from access import actions, rules, states
from access.handlers.outcomes import outcome_of
from access.handlers.walks import compare, read_list
from access.models import AccessRequest, ListWalk, RequestMirror
from access.queries.stages import gate_goes_first
from hubgate.errors import WrongStateError
from hubgate.hub.budget import Lane
from hubgate.hub.client import BATCH_LIMIT, HubClient
from hubgate.hub.errors import (
    AlreadyThere,
    HubError,
    NoSuchRequest,
    Refused,
)
from hubgate.hub.reasons import fit_reason
from hubgate.hub.types import RepoKind, RequestStatus, RequestTarget
from hubgate.outbox import queries as outbox
from hubgate.outbox import queue
from hubgate.outbox.registry import Done, Later, Outcome, Parked, Unreached
from repos import rules as repo_rules
from repos.hub import client_of
from repos.models import Repository

_GATE_WAIT = timedelta(seconds=1)
# What has not begun by then waits for the next run: a set gives way soon to a decision that somebody waits for.
_LONGEST_RUN_S = {queue.NOW: 60.0, queue.BULK: 3.0}
_LANES: dict[int, Lane] = {queue.NOW: "people", queue.BULK: "bulk"}
_STEPS: dict[str, RequestStatus] = {
    states.PENDING: "pending",
    states.ACCEPTED: "accepted",
    states.REJECTED: "rejected",
    states.RESET: "reset",
}


@dataclass(frozen=True)
class _Run:
    """One repository's turn: the client, and until when (on the monotonic clock) another call may begin."""

    client: HubClient
    repository: Repository
    until: float

    @property
    def kind(self) -> RepoKind:
        """The repository's kind as the Hub's addresses have it."""
        return repo_rules.plural_of(self.repository.kind)

    @property
    def over(self) -> bool:
        """Whether what is left has to wait for the next run."""
        return time.monotonic() > self.until


def push_decisions(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Bring the Hub to what we hold for each request (keys are request ids), repository by repository."""
    lane = outbox.lane_of(states.PUSH, keys)
    until = time.monotonic() + _LONGEST_RUN_S[lane]
    outcomes: dict[str, Outcome] = {key: Done() for key in keys}
    held = _held(keys)
    for _, group in groupby(held, key=lambda request: request.repository_id):
        requests = list(group)
        if time.monotonic() > until:
            found = _all(requests, Unreached())
        else:
            found = _push_repository(requests[0].repository, requests, until, _LANES[lane])
        outcomes |= {str(request_id): outcome for request_id, outcome in found.items()}
    refused = {int(key): outcome.error for key, outcome in outcomes.items() if isinstance(outcome, Parked)}
    actions.record_refused(sentences=refused)
    return outcomes


def _held(keys: Iterable[int | str]) -> QuerySet[AccessRequest]:
    return (
        AccessRequest.objects.select_related("repository__namespace", "person")
        .filter(pk__in=[int(key) for key in keys])
        .order_by("repository_id", "pk")
    )


def _push_repository(
    repository: Repository, requests: list[AccessRequest], until: float, lane: Lane
) -> dict[int, Outcome]:
    if not any(_wanted(request) or request.told_status for request in requests):
        return {}
    namespace = repository.namespace
    if not namespace.changes_enabled:
        sentence = f"hubgate may not change the Hub for {namespace.name}. Switch that on, then try again."
        return _all(requests, Parked(sentence))
    if gate_goes_first(repository):
        return _all(requests, Later("The gate is closed first.", timezone.now() + _GATE_WAIT, counted=False))
    try:
        run = _Run(client_of(namespace, lane=lane), repository, until)
        _read_first(run.client, repository, requests)
    except WrongStateError as error:
        return _all(requests, Parked(error.message))
    except HubError as error:
        return _all(requests, outcome_of(error, repository))
    fresh = list(_held(request.pk for request in requests))
    outcomes: dict[int, Outcome] = {}
    for (status, reason), group in _grouped(fresh).items():
        outcomes |= _push_group(run, status, reason, group)
    return outcomes


def _read_first(client: HubClient, repository: Repository, requests: list[AccessRequest]) -> None:
    """Read the lists before a decision just made on the Hub is run over, and after a push whose outcome is unknown."""
    mirror = RequestMirror.objects.filter(repository=repository).first()
    if mirror is not None and mirror.read_before_push:
        compare(client, repository)
        RequestMirror.objects.filter(pk=mirror.pk).update(read_before_push=False)
        return
    walk = ListWalk.objects.filter(repository=repository, status=states.PENDING).first()
    if walk is not None and walk.listed_at is not None and walk.listed_at > timezone.now() - rules.FRESH_LIST:
        return
    seen, _, _ = read_list(client, repository, "pending")
    if any(request.hub_status == states.PENDING and request.pk not in seen for request in requests):
        compare(client, repository)


def _grouped(requests: Iterable[AccessRequest]) -> dict[tuple[str, str], list[AccessRequest]]:
    """Requests that go out together: same step, same reason. A grant is the step `grant`."""
    groups: dict[tuple[str, str], list[AccessRequest]] = {}
    for request in requests:
        push = _wanted(request)
        if push is None:
            continue
        step = "grant" if push.action == "grant" else push.status
        reason = fit_reason(_reason(request)) if push.status in (states.REJECTED, states.RESET) else ""
        groups.setdefault((step, reason), []).append(request)
    return groups


def _push_group(run: _Run, step: str, reason: str, requests: list[AccessRequest]) -> dict[int, Outcome]:
    if step == "grant":
        return _one_by_one(run, requests, lambda request: _grant(run, request))
    named = [request for request in requests if request.person is not None]
    outcomes: dict[int, Outcome] = {}
    for start in range(0, len(named), BATCH_LIMIT):
        outcomes |= _batch(run, step, reason, named[start : start + BATCH_LIMIT])
    hidden = [request for request in requests if request.person is None]
    return outcomes | _handle_each(run, step, reason, hidden)


def _one_by_one(
    run: _Run, requests: Sequence[AccessRequest], call: Callable[[AccessRequest], Outcome]
) -> dict[int, Outcome]:
    """The outcome of each call. Once the Hub is away or has had enough, the rest waits with the one it failed at; once
    the run is over, for its turn."""
    outcomes: dict[int, Outcome] = {}
    for place, request in enumerate(requests):
        if run.over:
            return outcomes | _all(requests[place:], Unreached())
        outcomes[request.pk] = outcome = call(request)
        if isinstance(outcome, Later):
            return outcomes | _all(requests[place + 1 :], outcome)
    return outcomes


def _batch(run: _Run, step: str, reason: str, requests: list[AccessRequest]) -> dict[int, Outcome]:
    if run.over:
        return _all(requests, Unreached())
    targets = [_target(request) for request in requests]
    try:
        results = run.client.batch(run.kind, run.repository.name, targets, _STEPS[step], reason=reason or None)
    except Refused as error:
        if error.code == "RepoNotGated":
            return _all(requests, outcome_of(error, run.repository))
        return _handle_each(run, step, reason, requests)
    except HubError as error:
        return _all(requests, _untold(error, run.repository, step, requests))
    done = [request.pk for request, result in zip(requests, results, strict=True) if result.ok]
    actions.record_pushed(request_ids=done, hub_status=step, pushed_at=timezone.now())
    refused = {
        request: result.error or "refused" for request, result in zip(requests, results, strict=True) if not result.ok
    }
    return {pk: Done() for pk in done} | _look_again(run, step, refused)


def _handle_each(run: _Run, step: str, reason: str, requests: Sequence[AccessRequest]) -> dict[int, Outcome]:
    unknown: dict[AccessRequest, str] = {}
    outcomes = _one_by_one(run, requests, lambda request: _handle(run, step, reason, request, unknown))
    return outcomes | _look_again(run, step, unknown)


def _handle(run: _Run, step: str, reason: str, request: AccessRequest, unknown: dict[AccessRequest, str]) -> Outcome:
    """One request by itself; what the Hub says it does not know goes into `unknown`, to be looked up together."""
    try:
        run.client.handle(run.kind, run.repository.name, _target(request), _STEPS[step], reason=reason or None)
    except NoSuchRequest as error:
        unknown[request] = error.message or "request_not_found"
        return Done()
    except HubError as error:
        return _untold(error, run.repository, step, [request])
    actions.record_pushed(request_ids=[request.pk], hub_status=step, pushed_at=timezone.now())
    return Done()


def _grant(run: _Run, request: AccessRequest) -> Outcome:
    try:
        run.client.grant(run.kind, run.repository.name, _target(request))
    except AlreadyThere:
        pass
    except HubError as error:
        return _untold(error, run.repository, states.ACCEPTED, [request])
    actions.record_pushed(request_ids=[request.pk], hub_status=states.ACCEPTED, pushed_at=timezone.now())
    return Done()


def _look_again(run: _Run, step: str, refused: Mapping[AccessRequest, str]) -> dict[int, Outcome]:
    """The Hub's 404 means "no such request" or "in that state already" (HC §1.3): its lists, read once, tell which.
    `refused` has the Hub's word on each request."""
    if not refused:
        return {}
    repository = run.repository
    try:
        compare(run.client, repository)
    except HubError as error:
        return _all(refused, outcome_of(error, repository))
    before = {request.pk: (request.hub_status, said) for request, said in refused.items()}
    outcomes: dict[int, Outcome] = {}
    for now in _held(before):
        hub_status, said = before[now.pk]
        if now.hub_status == step or _wanted(now) is None:
            outcomes[now.pk] = Done()
        elif now.hub_status != hub_status:
            outcomes[now.pk] = Later("The Hub changed meanwhile.", timezone.now())
        else:
            outcomes[now.pk] = Parked(
                f"The Hub knows no request of this person for {repository.name} that could be moved to {step} "
                f"({said}). They may have withdrawn it or closed their account. Look at the list on the Hub, then "
                "try again."
            )
    return outcomes


def _untold(error: HubError, repository: Repository, told: str, requests: Sequence[AccessRequest]) -> Outcome:
    """The outcome of a call that failed; the Hub may have taken what it was told all the same."""
    if error.outcome_unknown:
        actions.record_unsure(
            repository_id=repository.pk,
            request_ids=[request.pk for request in requests],
            told_status=told,
            told_at=timezone.now(),
        )
    return outcome_of(error, repository)


def _wanted(request: AccessRequest) -> states.Push | None:
    return states.wanted_push(request.status, request.hub_status, asked_on_hub=request.via == AccessRequest.Via.HUB)


def _reason(request: AccessRequest) -> str:
    if request.status == states.WITHDRAWN:
        return "withdrawn by the requester"
    return request.reason


def _target(request: AccessRequest) -> RequestTarget:
    person = request.person
    if person is None:
        return RequestTarget(request_id=request.hub_request_id)
    return RequestTarget(user_id=person.hub_id) if person.hub_id else RequestTarget(username=person.username)


def _all(requests: Iterable[AccessRequest], outcome: Outcome) -> dict[int, Outcome]:
    return {request.pk: outcome for request in requests}
