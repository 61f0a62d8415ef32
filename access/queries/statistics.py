"""The numbers of a repository or a namespace: set-based, in a fixed number of queries over bounded ranges."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.db.models import BigIntegerField, Case, Count, ExpressionWrapper, F, Func, Min, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import LessThan
from django.utils import timezone

from access import states
from access.ends import RENEWAL_OPENS
from access.measures import (
    Desk,
    Load,
    Numbers,
    Outcome,
    Period,
    Range,
    classes,
    desk_since,
    merged,
    quantile,
    steps,
)
from access.models import AccessRequest
from repos.models import Namespace, Repository

DECIDERS = 12
LOADS = 200
_COSTLY = 0.3  # seconds; what takes longer is kept for a while, in the process that took it
_kept = LocMemCache("access.statistics", {})


class _Epoch(Func):
    """A time as whole seconds since the epoch, cut off."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True)
class Scope:
    """Whose numbers: repositories of one namespace by id and name, and since when it is connected (UTC)."""

    key: str
    repositories: dict[int, str]
    connected_at: datetime


def of_repository(repository: Repository) -> Scope:
    """The numbers of one repository."""
    return Scope(f"r{repository.pk}", {repository.pk: repository.short_name}, repository.namespace.connected_at)


def of_namespace(namespace: Namespace) -> Scope:
    """The numbers of a namespace over all its repositories. One query."""
    found = Repository.objects.filter(namespace=namespace).only("name").order_by("name")
    return Scope(f"n{namespace.pk}", {each.pk: each.short_name for each in found}, namespace.connected_at)


def numbers(scope: Scope, wanted: Range) -> Numbers:
    """Everything that the plots and the desk show, in six queries; what takes long is up to a minute old."""
    key = f"{scope.key}:{scope.connected_at.timestamp()}:{wanted.key}"
    kept: Numbers | None = _kept.get(key)
    if kept is not None:
        return kept
    began = perf_counter()
    found = _numbers(scope, wanted, timezone.now())
    if perf_counter() - began > _COSTLY:
        _kept.set(key, found, settings.STATISTICS_KEPT_SECONDS)
    return found


def accepted(repository: Repository) -> dict[str, int]:
    """How many are `accepted`, how many of these were `granted` access without asking, for how many the Hub is still
    `behind`, and whose access `ends` within 30 days."""
    return AccessRequest.objects.filter(repository=repository, status=states.ACCEPTED).aggregate(
        accepted=Count("pk"),
        granted=Count("pk", filter=Q(via=AccessRequest.Via.GRANT)),
        behind=Count("pk", filter=~Q(hub_status=F("status"))),
        ends=Count("pk", filter=Q(ends_at__lte=timezone.now() + RENEWAL_OPENS)),
    )


def _numbers(scope: Scope, wanted: Range, now: datetime) -> Numbers:
    first, last = wanted.first(now), wanted.last(now)
    since = wanted.begins(first)
    asked = _asked(scope, wanted, since)
    decided: dict[int, int] = defaultdict(int)
    waits: dict[int, dict[int, int]] = defaultdict(dict)
    undated = history = 0
    for period, kind, step, number in _decided(scope, wanted, since):
        decided[period] += number
        if kind == "timed":
            waits[period][step] = number
        elif kind == "history":
            history += number
        else:
            undated += number
    total = merged(list(waits.values()))
    return Numbers(
        range=wanted,
        periods=[
            Period(
                begins=wanted.begins(index).date(),
                asked=asked.get(index, 0),
                decided=decided.get(index, 0),
                timed=sum(waits.get(index, {}).values()),
                median=quantile(waits.get(index, {}), 0.5),
                ninth=quantile(waits.get(index, {}), 0.9),
            )
            for index in range(first, last + 1)
        ],
        waits=classes(total),
        outcomes=_outcomes(scope, since),
        median=quantile(total, 0.5),
        ninth=quantile(total, 0.9),
        history=history,
        undated=undated,
        desk=_desk(scope, desk_since(now)),
        at=now,
    )


def _requests(scope: Scope) -> QuerySet[AccessRequest]:
    ids = list(scope.repositories)
    return (
        AccessRequest.objects.filter(repository=ids[0])
        if len(ids) == 1
        else AccessRequest.objects.filter(repository__in=ids)
    )


def _asked(scope: Scope, wanted: Range, since: datetime) -> dict[int, int]:
    """How many asked in each period; whoever was let in without asking did not."""
    rows = (
        _requests(scope)
        .filter(asked_at__gte=since)
        .exclude(via=AccessRequest.Via.GRANT)
        .values_list(_period("asked_at", wanted))
        .annotate(number=Count("pk"))
        .order_by()
    )
    return dict(rows)


def _decided(scope: Scope, wanted: Range, since: datetime) -> QuerySet[Any]:
    """(period, kind, step of the wait, how many) of what was decided."""
    kind = Case(
        When(_timed(scope), then=Value("timed")),
        When(decided_at__lt=scope.connected_at, then=Value("history")),
        default=Value("undated"),
    )
    return (
        _decisions(scope, since)
        .values_list(_period("decided_at", wanted), kind, Case(When(_timed(scope), then=wait_step()), default=Value(0)))
        .annotate(number=Count("pk"))
        .order_by()
    )


def _outcomes(scope: Scope, since: datetime) -> list[Outcome]:
    rows = _decisions(scope, since).values_list("status", "cause").annotate(number=Count("pk")).order_by()
    return sorted((Outcome(*row) for row in rows), key=lambda outcome: (-outcome.number, outcome.label))


def _desk(scope: Scope, since: datetime) -> Desk:
    waiting = {
        pk: (number, oldest)
        for pk, number, oldest in _requests(scope)
        .filter(status=states.PENDING)
        .values_list("repository_id")
        .annotate(number=Count("pk"), oldest=Min("asked_at"))
        .order_by()
    }
    waits: dict[int, dict[int, int]] = defaultdict(dict)
    timed = _decisions(scope, since).filter(_timed(scope))
    for pk, step, number in timed.values_list("repository_id", wait_step()).annotate(number=Count("pk")).order_by():
        waits[pk][step] = number
    by_whom = _decisions(scope, max(since, scope.connected_at)).values_list("decided_by_label")
    deciders = by_whom.annotate(number=Count("pk")).order_by("-number", "decided_by_label")[: DECIDERS + 1]
    total = merged(list(waits.values()))
    loads = [
        _load(pk, name, *waiting.get(pk, (0, None)), waits.get(pk, {}))
        for pk, name in scope.repositories.items()
        if pk in waiting or pk in waits
    ]
    return Desk(
        waiting=sum(number for number, _ in waiting.values()),
        oldest=min((oldest for _, oldest in waiting.values()), default=None),
        timed=sum(total.values()),
        median=quantile(total, 0.5),
        ninth=quantile(total, 0.9),
        deciders=[(label or "Somebody", number) for label, number in deciders],
        loads=sorted(loads, key=lambda load: (-load.waiting, -load.timed, load.name))[:LOADS],
    )


def _load(pk: int, name: str, waiting: int, oldest: datetime | None, waits: dict[int, int]) -> Load:
    timed = sum(waits.values())
    return Load(pk, name, waiting, oldest, timed, quantile(waits, 0.5), quantile(waits, 0.9))


def _decisions(scope: Scope, since: datetime) -> QuerySet[AccessRequest]:
    """What was decided from `since` on and still stands so."""
    return _requests(scope).filter(decided_at__gte=since, status__in=sorted(states.DECIDED))


def _timed(scope: Scope) -> Q:
    """Whose wait is known: asked, decided since the namespace is connected, and at a time that somebody told."""
    asked = ~Q(via=AccessRequest.Via.GRANT) & Q(decided_at__gte=F("asked_at"))
    dated = ~Q(cause="hub") | Q(hub_reviewed_at__isnull=False)
    return asked & dated & Q(decided_at__gte=scope.connected_at)


def _period(name: str, wanted: Range) -> Combinable:
    return _whole((_Epoch(F(name)) + Value(wanted.offset)) / Value(wanted.step))


def wait_step() -> Case:
    """The step of `measures.step_of`, counted by the database."""
    wait = _whole(_Epoch(F("decided_at")) - _Epoch(F("asked_at")))
    *bounded, (_, index, begin, length) = steps()
    return Case(
        *(
            When(LessThan(wait, Value(limit)), then=_whole((wait - Value(begin)) / Value(size) + Value(start)))
            for limit, start, begin, size in bounded
        ),
        default=_whole((wait - Value(begin)) / Value(length) + Value(index)),
        output_field=BigIntegerField(),
    )


def _whole(expression: Combinable) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=BigIntegerField())
