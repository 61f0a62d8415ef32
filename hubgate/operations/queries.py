"""How the set-up does: rounds of the mirror, the Hub's budget, work, mails, processes, the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

import hubgate
from access.models import ListWalk, RequestMirror
from hubgate import logs
from hubgate.actors import Actor
from hubgate.notify.models import Delivery
from hubgate.operations import rights, rules
from hubgate.operations.models import Heartbeat, Tally
from hubgate.outbox import registry
from hubgate.outbox.models import OutboxItem
from hubgate.outbox.queue import BULK
from repos import budget
from repos.models import HubCircuit, Namespace, Repository

LISTED = 50  # of each sort of failing things


@dataclass(frozen=True)
class Left:
    """What the Hub still grants one token in one bucket of calls: `remaining` of `quota` (None until it said so) until
    `reset_at`; nothing at all while `paused_until` lies ahead."""

    bucket: str
    remaining: int | None
    quota: int | None
    reset_at: datetime | None
    paused_until: datetime | None


@dataclass(frozen=True)
class Round:
    """The mirror of one namespace: its repositories (`read_at`: the last whole round, `seconds`: how long the last
    took, `error`: what went wrong in it), and the requests of them."""

    namespace: str
    token: str
    read_at: datetime | None
    seconds: float | None
    due_at: datetime
    running: bool
    error: str
    old: bool
    reads: bool
    repositories: int
    requests_read_at: datetime | None
    requests_partial: int
    requests_failed: int
    requests_error: str
    budget: list[Left]

    @property
    def word(self) -> str:
        """One of `whole`, `partial`, `failed`, `late`, `never`, `stopped` (its token does not work)."""
        if not self.reads:
            return "stopped"
        if self.read_at is None:
            return "failed" if self.error else "never"
        if self.old:
            return "failed" if self.error else "late"
        return "partial" if self.error or self.requests_partial or self.requests_failed else "whole"


@dataclass(frozen=True)
class Work:
    """Work of one kind and lane (0: somebody waits for it, 1: sets): `overdue` of what `waiting` should have been taken
    up, `failing` was tried before, `parked` was refused for good. `oldest` is when the longest waiting became due."""

    kind: str
    label: str
    lane: int
    waiting: int
    overdue: int
    failing: int
    parked: int
    oldest: datetime | None

    @property
    def lane_label(self) -> str:
        """The lane in a word."""
        return "sets" if self.lane == BULK else "single"


@dataclass(frozen=True)
class Stuck:
    """One piece of work that was refused (`parked_at`) or failed and waits for `due_at`, and why, without personal
    data."""

    kind: str
    label: str
    key: str
    error: str
    attempts: int
    parked_at: datetime | None
    due_at: datetime


@dataclass(frozen=True)
class Mail:
    """One mail that did not arrive: no address, no text; `error` without either."""

    id: int
    state: str
    error: str
    kind: str
    made_at: datetime | None


@dataclass(frozen=True)
class Mails:
    """Mails by state, those set aside left out, and the newest of those that did not arrive."""

    waiting: int
    failed: int
    unsure: int
    missed: list[Mail]


@dataclass(frozen=True)
class Process:
    """One process of hubgate, alive or silent since `seen_at`."""

    kind: str
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    alive: bool


@dataclass(frozen=True)
class Circuit:
    """One origin of the Hub that fails: calls since the last good one, and when the next may try."""

    origin: str
    failures: int
    probe_at: datetime | None


@dataclass(frozen=True)
class Database:
    """The database: its product and version, size in bytes (None where it cannot be told), and the migrations that
    this version has and the database has not."""

    product: str
    version: str
    size: int | None
    missing: list[str]

    @property
    def size_words(self) -> str:
        """The size for people."""
        return rules.size_words(self.size) if self.size is not None else "not known"


@dataclass(frozen=True)
class Overview:
    """All of it, at one moment."""

    at: datetime
    version: str
    rounds: list[Round]
    circuits: list[Circuit]
    work: list[Work]
    stuck: list[Stuck]
    mails: Mails
    processes: list[Process]
    ticked_at: datetime | None
    database: Database

    @property
    def ticks(self) -> bool:
        """Whether beat's tasks reach a worker."""
        return self.ticked_at is not None and rules.is_alive(self.ticked_at, self.at)

    def alive(self, kind: str) -> int:
        """How many processes of a kind live; the embedded one is of every kind."""
        return sum(one.alive and one.kind in (kind, Heartbeat.Kind.EMBEDDED) for one in self.processes)


def overview(actor: Actor) -> Overview:
    """How the set-up does, for an operator. NotFoundOrHiddenError for others."""
    rights.require(actor)
    now = timezone.now()
    return Overview(
        at=now,
        version=hubgate.__version__,
        rounds=rounds(now),
        circuits=circuits(now),
        work=work(now),
        stuck=stuck(),
        mails=mails(),
        processes=processes(now),
        ticked_at=ticked_at(),
        database=database(),
    )


def count_trouble(actor: Actor) -> int:
    """How many pieces of work are parked and mails did not arrive, up to 100: for the navigation. Two queries, by
    partial indexes; 0 for who is no operator."""
    if not rights.may_operate(actor):
        return 0
    parked = OutboxItem.objects.filter(parked_at__isnull=False, kind__in=registry.names()).order_by()[:100].count()
    return parked + _missed().order_by()[:100].count()


def rounds(now: datetime) -> list[Round]:
    """The mirror of each namespace, by name. Six queries and one for each namespace's budget."""
    numbers = _by_namespace(Repository.objects.filter(missing_since=None), Count("pk"), "namespace_id")
    at = "repository__namespace_id"
    walks = ListWalk.objects.filter(repository__missing_since=None)
    read = _by_namespace(walks, Max("read_at"), at)
    partial = _by_namespace(walks.filter(complete=False), Count("repository", distinct=True), at)
    broken = RequestMirror.objects.filter(repository__missing_since=None).exclude(error="")
    failed = _by_namespace(broken, Count("pk"), at)
    errors = dict(broken.order_by("pk").values_list(at, "error")) if failed else {}
    return [
        Round(
            namespace=one.name,
            token=one.token_state,
            read_at=one.mirrored_at,
            seconds=one.mirror_seconds,
            due_at=one.mirror_due_at,
            running=one.mirror_leased_until is not None and one.mirror_leased_until >= now,
            error=logs.scrub(one.mirror_error),
            old=rules.is_old(one.mirrored_at, now, settings.HUB_REPOSITORIES_SECONDS),
            reads=one.token_state in (Namespace.Token.WORKING, Namespace.Token.READ_ONLY, Namespace.Token.NARROW),
            repositories=numbers.get(one.pk, 0),
            requests_read_at=read.get(one.pk),
            requests_partial=partial.get(one.pk, 0),
            requests_failed=failed.get(one.pk, 0),
            requests_error=logs.scrub(errors.get(one.pk, "")),
            budget=[_left(bucket, state, now) for bucket, state in budget.standings(one).items()],
        )
        for one in Namespace.objects.order_by(Lower("name"))
    ]


def circuits(now: datetime) -> list[Circuit]:
    """Origins of the Hub whose last call failed."""
    found = HubCircuit.objects.filter(failures__gt=0).order_by("origin")
    return [Circuit(row.origin, row.failures, row.probe_at) for row in found]


def work(now: datetime) -> list[Work]:
    """The outbox by kind and lane; a kind of which nothing waits has one line. One query."""
    late = OutboxItem.objects.filter(done__lt=F("wanted")).order_by().values("kind", "lane")
    waits = Q(parked_at=None)
    overdue = waits & Q(due_at__lt=now - timedelta(seconds=rules.OVERDUE_AFTER_S))
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    found = late.annotate(
        waiting=Count("pk", filter=waits),
        overdue=Count("pk", filter=overdue & free),
        failing=Count("pk", filter=waits & Q(attempts__gt=0)),
        parked=Count("pk", filter=Q(parked_at__isnull=False)),
        oldest=Min("due_at", filter=waits & Q(due_at__lte=now)),
    )
    lines = [Work(label=registry.label(row["kind"]), **row) for row in found]
    lines += [Work(name, registry.label(name), 0, 0, 0, 0, 0, None) for name in registry.names()]
    kept: dict[tuple[str, int], Work] = {}
    for line in lines:
        if line.waiting or line.parked or not any(kind == line.kind for kind, _ in kept):
            kept.setdefault((line.kind, line.lane), line)
    return sorted(kept.values(), key=lambda line: (line.label, line.lane))


def stuck() -> list[Stuck]:
    """What was refused or failed, the newest refusals first, then what failed most often."""
    late = OutboxItem.objects.filter(done__lt=F("wanted"))
    parked = late.filter(parked_at__isnull=False).order_by("-parked_at", "pk")[:LISTED]
    failing = late.filter(parked_at=None, attempts__gt=0).order_by("-attempts", "pk")[:LISTED]
    return [
        Stuck(
            row.kind,
            registry.label(row.kind),
            row.key,
            logs.scrub(row.last_error),
            row.attempts,
            row.parked_at,
            row.due_at,
        )
        for row in [*parked, *failing]
    ]


def mails() -> Mails:
    """Mails that wait or did not arrive. Three queries."""
    counts = dict(_missed().order_by().values_list("state").annotate(number=Count("pk")))
    waiting = Delivery.objects.filter(state__in=[Delivery.State.WAITING, Delivery.State.SENDING]).count()
    newest = _missed().select_related("notification", "digest").order_by("-pk")[:LISTED]
    return Mails(
        waiting=waiting,
        failed=counts.get(Delivery.State.FAILED, 0),
        unsure=counts.get(Delivery.State.UNSURE, 0),
        missed=[_mail(row) for row in newest],
    )


def mails_to_retry(delivery_id: int | None, *, most: int) -> list[int]:
    """Which mails that did not arrive may be sent again: one by its id, or those that servers refused, oldest first.
    What a namespace does not mail to requesters any more is left out."""
    silent = Namespace.objects.filter(mail_requesters=False).values("pk")
    found = _missed().exclude(notification__identity__isnull=False, notification__namespace_id__in=silent)
    found = found.filter(state=Delivery.State.FAILED) if delivery_id is None else found.filter(pk=delivery_id)
    return list(found.order_by("pk").values_list("pk", flat=True)[:most])


def processes(now: datetime) -> list[Process]:
    """The processes that were heard of within a day, by kind, those alive first."""
    rows = Heartbeat.objects.exclude(kind=Heartbeat.Kind.TICK).order_by("kind", "-seen_at", "name")[:200]
    found = [
        Process(row.kind, row.host, row.pid, row.version, row.started_at, row.seen_at, rules.is_alive(row.seen_at, now))
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.alive, one.kind, one.host, one.pid))


def ticked_at() -> datetime | None:
    """When a worker last carried out a tick of beat."""
    return Heartbeat.objects.filter(kind=Heartbeat.Kind.TICK).aggregate(at=Max("seen_at"))["at"]


def is_host_alive(kind: str, host: str, now: datetime) -> bool:
    """Whether a process of this kind on this machine was heard of lately."""
    seen = Heartbeat.objects.filter(kind=kind, host=host).aggregate(at=Max("seen_at"))["at"]
    return seen is not None and rules.is_alive(seen, now)


def database() -> Database:
    """What the database is and how large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
            version, size = cursor.fetchone()
            return Database("PostgreSQL", str(version).split(" ")[0], size, missing_migrations())
        cursor.execute("SELECT sqlite_version(), page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        version, size = cursor.fetchone()
        return Database("SQLite", version, size, missing_migrations())


def missing_migrations() -> list[str]:
    """The migrations that are not applied, as `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def tallies() -> dict[str, list[tuple[dict[str, str], float]]]:
    """All counts by name: (labels, total)."""
    found: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
    for row in Tally.objects.order_by("name", "labels"):
        pairs = (pair.partition("=") for pair in row.labels.split(",") if pair)
        found[row.name].append(({key: value for key, _, value in pairs}, row.total))
    return found


def _missed() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state__in=[Delivery.State.FAILED, Delivery.State.UNSURE], set_aside_at=None)


def _mail(row: Delivery) -> Mail:
    notice = row.notification
    made = notice.created_at if notice else row.digest.fixed_at if row.digest else None
    return Mail(row.pk, row.state, logs.scrub(row.error), notice.kind if notice else "digest", made)


def _left(bucket: str, state: Any, now: datetime) -> Left:
    over = state.reset_at is not None and state.reset_at <= now
    paused = state.paused_until if state.paused_until and state.paused_until > now else None
    return Left(bucket, state.quota if over else state.remaining, state.quota, None if over else state.reset_at, paused)


def _by_namespace(rows: QuerySet[Any], what: Any, at: str) -> dict[int, Any]:
    return dict(rows.order_by().values_list(at).annotate(found=what))
