"""The numbers of /metrics, in Prometheus's text format. They are read from the database, so that they are those of all
processes and machines, whichever web process is asked. Labels are few and fixed, but for the namespaces that this
set-up runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from hubgate.http.requests import BOUNDS
from hubgate.operations import queries
from hubgate.operations.models import Heartbeat

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Name in the database → (name here, what it says, labels).
COUNTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "hub_calls": (
        "hubgate_hub_calls",
        "Calls to the Hub by bucket, lane and whether they went out (sent) or were held back (paused, spent, kept)",
        ("bucket", "lane", "outcome"),
    ),
    "hub_limited": ("hubgate_hub_limited", "Answers 429 of the Hub", ("bucket",)),
    "hub_answers": ("hubgate_hub_answers", "Calls to the Hub by whether it answered them", ("result",)),
    "mirror_rounds": ("hubgate_mirror_rounds", "Rounds over namespaces: whole, partial or failed", ("result",)),
    "deliveries": ("hubgate_deliveries", "Mails by how sending them went", ("result",)),
    "audit_events": (
        "hubgate_events",
        "Events of the history by name and who did it (user, system, hub); decisions are access.*",
        ("event", "actor"),
    ),
}
_LATENCY = "http_request_seconds"


def exposition() -> bytes:
    """All numbers as they are now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Set(list(_families(timezone.now()))))
    return generate_latest(registry)


class _Set(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _families(now: datetime) -> Iterator[Metric]:
    yield from _mirror(now)
    yield from _work(now)
    yield from _processes(now)
    yield from _counts()


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"hubgate_{name}", what, labels=labels)


def _age(now: datetime, at: datetime) -> float:
    return max((now - at).total_seconds(), 0.0)


def _mirror(now: datetime) -> Iterator[Metric]:
    age = _gauge("mirror_age_seconds", "Since the last whole round over a namespace", "namespace")
    took = _gauge("mirror_duration_seconds", "How long the last round over a namespace took", "namespace")
    well = _gauge("mirror_ok", "1 while a namespace's last round was whole and recent", "namespace")
    requests = _gauge("mirror_requests_age_seconds", "Since requests of a namespace were last read", "namespace")
    partial = _gauge("mirror_partial_repositories", "Repositories with a list read in part or in vain", "namespace")
    left = _gauge("hub_budget_remaining", "Calls that the Hub still grants in this window", "namespace", "bucket")
    quota = _gauge("hub_budget_quota", "Calls that the Hub grants in a window", "namespace", "bucket")
    paused = _gauge("hub_budget_paused_seconds", "How long the Hub bids us wait", "namespace", "bucket")
    for one in queries.rounds(now):
        labels = [one.namespace]
        well.add_metric(labels, float(one.word == "whole"))
        partial.add_metric(labels, one.requests_partial + one.requests_failed)
        if one.read_at is not None:
            age.add_metric(labels, _age(now, one.read_at))
        if one.seconds is not None:
            took.add_metric(labels, one.seconds)
        if one.requests_read_at is not None:
            requests.add_metric(labels, _age(now, one.requests_read_at))
        for state in one.budget:
            both = [one.namespace, state.bucket]
            if state.remaining is not None:
                left.add_metric(both, state.remaining)
            if state.quota is not None:
                quota.add_metric(both, state.quota)
            paused.add_metric(both, _age(state.paused_until, now) if state.paused_until else 0)
    yield from (age, took, well, requests, partial, left, quota, paused)
    failing = queries.circuits(now)
    circuit = _gauge("hub_circuit_open", "1 while the Hub is taken to be away")
    circuit.add_metric([], float(any(one.probe_at is not None for one in failing)))
    failures = _gauge("hub_failures_in_a_row", "Failed calls since the last good one")
    failures.add_metric([], max((one.failures for one in failing), default=0))
    yield from (circuit, failures)


def _work(now: datetime) -> Iterator[Metric]:
    families = {
        name: _gauge(f"outbox_{name}", what, "kind", "lane")
        for name, what in (
            ("waiting", "Work that waits for its turn"),
            ("overdue", "Work that should have been taken up a minute ago"),
            ("failing", "Work that was tried in vain and waits for another try"),
            ("parked", "Work that was refused for good and waits for a person"),
        )
    }
    oldest = _gauge("outbox_oldest_seconds", "How long the longest waiting work has been due", "kind", "lane")
    for line in queries.work(now):
        labels = [line.kind, line.lane_label]
        for name, family in families.items():
            family.add_metric(labels, getattr(line, name))
        oldest.add_metric(labels, _age(now, line.oldest) if line.oldest else 0)
    yield from families.values()
    yield oldest
    mails = queries.mails()
    waiting = _gauge("mails", "Mails that wait or did not arrive, by state", "state")
    for state in ("waiting", "failed", "unsure"):
        waiting.add_metric([state], getattr(mails, state))
    yield waiting


def _processes(now: datetime) -> Iterator[Metric]:
    found = queries.processes(now)
    alive = _gauge("processes_alive", "Processes heard of within half a minute; an embedded one is all kinds", "kind")
    for kind in (Heartbeat.Kind.WEB, Heartbeat.Kind.WORKER, Heartbeat.Kind.BEAT):
        here = [one for one in found if one.alive and one.kind in (kind, Heartbeat.Kind.EMBEDDED)]
        alive.add_metric([kind], len(here))
    tick = _gauge("tick_age_seconds", "Since a task of beat was last carried out by a worker")
    ticked = queries.ticked_at()
    if ticked is not None:
        tick.add_metric([], _age(now, ticked))
    base = queries.database()
    size = _gauge("database_bytes", "Size of the database")
    if base.size is not None:
        size.add_metric([], base.size)
    missing = _gauge("migrations_missing", "Migrations of this version that the database has not")
    missing.add_metric([], len(base.missing))
    yield from (alive, tick, size, missing)


def _counts() -> Iterator[Metric]:
    found = queries.tallies()
    for stored, (name, what, labels) in COUNTERS.items():
        counter = CounterMetricFamily(name, what, labels=labels)
        for given, total in found.get(stored, []):
            counter.add_metric([given.get(label, "") for label in labels], total)
        yield counter
    latency = HistogramMetricFamily(
        "hubgate_http_request_seconds", "Time until an answer begins, by door and status", labels=("door", "status")
    )
    within: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for given, total in found.get(f"{_LATENCY}_bucket", []):
        within[given.get("door", ""), given.get("status", "")][given.get("le", "")] = total
    sums = {
        (given.get("door", ""), given.get("status", "")): total for given, total in found.get(f"{_LATENCY}_sum", [])
    }
    for labels_of, counts in sorted(within.items()):
        so_far, buckets = 0.0, []
        for bound in [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]:
            so_far += counts.get(bound, 0)
            buckets.append((bound, so_far))
        latency.add_metric(list(labels_of), buckets, sum_value=sums.get(labels_of, 0.0))
    yield latency
