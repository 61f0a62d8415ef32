"""G16: one decision on 10,000 requests, chosen and confirmed on the pages, carried out by a Celery worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from benchmarks.bench import Bench
from benchmarks.cases.decide import waiting_people
from benchmarks.cases.inbox import repositories_of
from benchmarks.floors import decisions
from benchmarks.gen import PASSWORD
from benchmarks.measure import Result, Row, require
from benchmarks.site import Visitor
from benchmarks.statements import Statement, StatementLog, logged, transactions

_MOST = 10_000
_WITHIN_S = 120
_FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def measure(bench: Bench) -> Result:
    """Raw SQL and hubgate in turn, each deciding other requests of the same database. The Hub cannot be reached: only
    what happens here is measured."""
    database = bench.cluster.create_database("bulk", bench.loaded(bench.rows))
    repositories = repositories_of(bench, database, "wide")
    each = min(_MOST, bench.rows // 50)
    commits: list[float] = []
    raw: list[float] = []
    chosen: list[float] = []
    confirmed: list[float] = []
    counts: list[float] = []
    connection = bench.cluster.connect(database)
    with logged(bench.cluster, database) as log, _pages(bench, database) as visitor:
        for _ in range(bench.runs):
            by_hand = [pk for pk, _ in waiting_people(bench, database, repositories, each)]
            bench.cluster.sql(database, "CHECKPOINT")
            raw.append(decisions.decide(connection, by_hand) * 1000)
            bench.cluster.sql(database, "VACUUM ANALYZE access_accessrequest", "CHECKPOINT")
            log.begin()
            chosen.append(_choose(visitor, bench, database, repositories, each))
            confirmed.append(_confirm(visitor, bench, database))
            work = _of_bulk(log)
            commits.append((work[-1].ended - work[0].ended) * 1000)
            counts.append(len([item for item in work if not item.text.startswith(_FRAME)]))
            _check(bench, database, each)
    connection.close()
    bench.cluster.drop_database("bulk")
    rows = [
        Row("G16", f"{each:,} decisions, the transaction of the worker", "ms", commits, raw, "raw SQL", at_most=1.5),
        Row("G16", "statements of that transaction", "", counts, at_most=12, counted=True),
        Row("G16", "confirming, click to answer", "ms", confirmed, at_most=2000),
        Row("G16", "choosing, click to answer", "ms", chosen, at_most=2000),
    ]
    return Result("bulk", rows, checks=["every request decided once, with its audit event and its push"])


@contextmanager
def _pages(bench: Bench, database: str) -> Iterator[Visitor]:
    with bench.workers(database, "http://127.0.0.1:1"), bench.web(database) as port:
        visitor = Visitor(port, "wide", PASSWORD)
        try:
            yield visitor
        finally:
            visitor.close()


def _choose(visitor: Visitor, bench: Bench, database: str, repositories: str, each: int) -> float:
    """Tick requests in the list, or all of it where as many wait as one decision takes."""
    fields: dict[str, str | list[str]] = {"verb": "accept", "query": "?" + urlencode({"status": "pending"})}
    if each == _MOST:
        fields["all"] = "1"
    else:
        fields["request"] = [str(pk) for pk, _ in waiting_people(bench, database, repositories, each)]
    answer = visitor.post("/bulk/", **fields)
    require(answer.status == 302, f"choosing answered {answer.status}: {answer.text[-500:]}")
    preview = visitor.get(answer.location)
    require(preview.status == 200, f"the preview answered {preview.status}")
    return (answer.seconds + preview.seconds) * 1000


def _confirm(visitor: Visitor, bench: Bench, database: str) -> float:
    key = bench.cluster.sql(database, "SELECT key FROM access_bulkdecision ORDER BY id DESC LIMIT 1")[0][0]
    answer = visitor.post(f"/bulk/{key}/start/")
    require(answer.status == 302, f"confirming answered {answer.status}: {answer.text[-500:]}")
    deadline = time.monotonic() + _WITHIN_S
    while bench.cluster.sql(database, f"SELECT state FROM access_bulkdecision WHERE key = '{key}'") != [("done",)]:
        require(time.monotonic() < deadline, "the bulk decision was not carried out")
        time.sleep(0.1)
    return answer.seconds * 1000


def _of_bulk(log: StatementLog) -> list[Statement]:
    found = [work for work in transactions(log.take()) if _decides(work)]
    require(len(found) == 1, f"{len(found)} transactions decided, not one")
    return found[0]


def _decides(work: list[Statement]) -> bool:
    texts = " ".join(item.text for item in work)
    return "audit_auditevent" in texts and "access_bulkrow" in texts and "outbox_outboxitem" in texts


def _check(bench: Bench, database: str, each: int) -> None:
    held = bench.cluster.sql(
        database,
        "SELECT count(*), count(*) FILTER (WHERE request.status = 'accepted'), count(DISTINCT event.subject_id),"
        " count(DISTINCT item.id) FROM access_bulkrow line"
        " JOIN access_bulkdecision bulk ON bulk.id = line.bulk_id"
        " JOIN access_accessrequest request ON request.id = line.request_id"
        ' JOIN audit_auditevent event ON event."group" = bulk."group" AND event.subject_id = request.id'
        " JOIN outbox_outboxitem item ON item.kind = 'access.push' AND item.key = request.id::text"
        " WHERE bulk.id = (SELECT max(id) FROM access_bulkdecision) AND line.outcome = 'decided'",
    )
    require(held == [(each, each, each, each)], f"rows, accepted, events, pushes: {held[0]}, {each} were chosen")
