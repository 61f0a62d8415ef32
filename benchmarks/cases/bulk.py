"""G16: the raw SQL of a decision on 10,000 requests, which a decision through the pages will be held against."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.cases.decide import waiting_people
from benchmarks.cases.inbox import repositories_of
from benchmarks.floors import decisions
from benchmarks.measure import Result, Row

_MOST = 10_000


def measure(bench: Bench) -> Result:
    """Each run decides other requests of the same database."""
    database = bench.cluster.create_database("bulk", bench.loaded(bench.rows))
    repositories = repositories_of(bench, database, "wide")
    each = min(_MOST, bench.rows // 50)
    chosen = [pk for pk, _ in waiting_people(bench, database, repositories, each * bench.runs)]
    connection = bench.cluster.connect(database)
    seconds = []
    for number in range(bench.runs):
        bench.cluster.sql(database, "CHECKPOINT")
        seconds.append(decisions.decide(connection, chosen[number * each : (number + 1) * each]) * 1000)
    connection.close()
    bench.cluster.drop_database("bulk")
    return Result("bulk", [Row("", f"raw SQL for comparison: {each:,} decisions in one commit", "ms", seconds)],
                  checks=["every request was decided"])  # fmt: skip
