"""G18: from the click on "Accept" to the Hub, with gunicorn, a Celery worker, beat and Redis as in production."""

from __future__ import annotations

import random
import time
from typing import Any

from benchmarks import site
from benchmarks.bench import Bench
from benchmarks.cases.inbox import repositories_of
from benchmarks.gen import PASSWORD
from benchmarks.measure import Result, Row, percentile, require
from benchmarks.site import Visitor

_PAUSE_S = 0.05


def measure(bench: Bench) -> Result:
    """One person accepts requests all over their repositories, one after the other."""
    database = bench.cluster.create_database("decide", bench.loaded(bench.rows))
    clicks = 20 if bench.quick else 200 * min(bench.runs, 3)
    chosen = waiting_people(bench, database, repositories_of(bench, database, "wide"), clicks)
    answers: list[float] = []
    clicked: dict[str, float] = {}
    with (
        bench.cluster.fake_hub(bench.pages(bench.rows)) as hub_url,
        bench.workers(database, hub_url),
        bench.web(database, hub_url) as port,
    ):
        visitor = Visitor(port, "wide", PASSWORD)
        for pk, hub_id in chosen:
            clicked[hub_id] = time.monotonic()
            answer = visitor.accept(pk)
            require(answer.status in (200, 302), f"accepting {pk} answered {answer.status}: {answer.text[-500:]}")
            answers.append(answer.seconds * 1000)
            time.sleep(_PAUSE_S)
        visitor.close()
        sent = await_decided(hub_url, set(clicked), within_s=90)
        wait_until_done(bench, database, within_s=60)
    bench.cluster.drop_database("decide")
    to_hub = [(sent[hub_id] - at) * 1000 for hub_id, at in clicked.items()]
    return Result(
        "decide",
        [
            Row("G18", "click to POST at the Hub, p50", "ms", [percentile(to_hub, 0.5)], at_most=250),
            Row("G18", "click to POST at the Hub, p99", "ms", [percentile(to_hub, 0.99)], at_most=2000),
            Row("G18", f"click to answer, p99 of {clicks}", "ms", [percentile(answers, 0.99)], at_most=200),
            Row("", "click to answer, p50", "ms", [percentile(answers, 0.5)]),
        ],
        checks=["each accepted at the Hub exactly once", "nothing left in the outbox"],
    )


def waiting_people(bench: Bench, database: str, repositories: str, number: int) -> list[tuple[int, str]]:
    """Requests that wait in these repositories, and the Hub id of who asked: a random choice, always the same."""
    found = bench.cluster.sql(
        database,
        "SELECT request.id, person.hub_id FROM access_accessrequest request"
        " JOIN accounts_hubidentity person ON person.id = request.person_id"
        f" WHERE request.status = 'pending' AND request.repository_id IN ({repositories}) ORDER BY request.id",
    )
    require(len(found) >= number, f"{len(found)} wait where {number} are needed")
    seen: dict[str, int] = {}
    for pk, hub_id in random.Random(bench.rows).sample(found, len(found)):
        seen.setdefault(hub_id, pk)
        if len(seen) == number:
            break
    return [(pk, hub_id) for hub_id, pk in seen.items()]


def await_decided(hub_url: str, people: set[str], *, within_s: float) -> dict[str, float]:
    """When the Hub was told of each person. RuntimeError when one is missing after the time, or was told twice."""
    deadline = time.monotonic() + within_s
    while True:
        told: list[list[Any]] = [entry for entry in site.journal(hub_url)["decided"] if entry[1] in people]
        missing = people - {hub_id for _, hub_id, _ in told}
        if not missing:
            require(len(told) == len(people), f"the Hub was told {len(told)} times of {len(people)} people")
            require(all(status == "accepted" for _, _, status in told), "the Hub was told another status")
            return {hub_id: at for at, hub_id, _ in told}
        require(time.monotonic() < deadline, f"{len(missing)} of {len(people)} never reached the Hub")
        time.sleep(0.1)


def wait_until_done(bench: Bench, database: str, *, within_s: float) -> float:
    """Wait until no push is behind; gives the time (`time.monotonic`). RuntimeError when the time passes first."""
    behind = "SELECT count(*) FROM outbox_outboxitem WHERE kind = 'access.push' AND done < wanted"
    deadline = time.monotonic() + within_s
    while (left := bench.cluster.sql(database, behind)[0][0]) > 0:
        require(time.monotonic() < deadline, f"{left} pushes are still behind")
        time.sleep(0.1)
    return time.monotonic()
