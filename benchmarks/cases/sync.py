"""G6–G9: the mirror takes a whole Hub in, then looks again and finds nothing new."""

from __future__ import annotations

import random
from typing import Any

from benchmarks import site
from benchmarks.bench import Bench
from benchmarks.gen import PAGE, STATUSES, Dataset, Repo
from benchmarks.measure import Result, Row, require

_MB = 2**20
_WATCHED = "'access_accessrequest', 'accounts_hubidentity', 'access_pastanswers', 'access_drift'"
_WRITTEN = (
    f"SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables WHERE relname IN ({_WATCHED})"  # noqa: S608, E501
)
_SAMPLES = 50
_ENOUGH = 100_000  # rows from which on what is written for each list no longer hides what is written for rows


def measure(bench: Bench) -> Result:
    """First sync and a round without changes at the full size, interleaved with the same done by COPY and upsert."""
    rows = bench.rows
    found: dict[str, list[float]] = {}

    def note(**figures: float) -> None:
        for name, figure in figures.items():
            found.setdefault(name, []).append(figure)

    template, pages = bench.connected(rows), bench.pages(rows)
    calls: dict[str, int] = {}
    with bench.cluster.fake_hub(pages) as hub_url:
        for number in range(bench.runs):
            bench.say(f"sync, run {number + 1} of {bench.runs}")
            for table in ("bare", "product"):
                note(**_floor(bench, table, template))
            database = bench.cluster.create_database("sync", template)
            site.begin_journal(hub_url)
            bench.cluster.sql(database, "CHECKPOINT")
            first = bench.product(database, "round", rows, kind="full", HUBGATE_HUB_URL=hub_url)
            check(bench, database, Dataset(rows))
            calls["full"] = _list_calls(hub_url)
            note(first=rows / first["seconds"], first_peak=first["peak_mb"], first_cpu=first["cpu"] / first["seconds"])
            bench.cluster.sql(database, "VACUUM ANALYZE", "CHECKPOINT")
            before = _state(bench, database)
            again = bench.product(database, "round", rows, kind="full", HUBGATE_HUB_URL=hub_url)
            after = _state(bench, database)
            note(same=rows / again["seconds"], written=after[0] - before[0], wal=(after[1] - before[1]) / _MB)
            check(bench, database, Dataset(rows))
            site.begin_journal(hub_url)
            bench.product(database, "round", rows, kind="poll", HUBGATE_HUB_URL=hub_url)
            calls["poll"] = _list_calls(hub_url)
    small = 100_000 if rows > 100_000 else rows // 2
    note(small_peak=_small(bench, small, "round")["peak_mb"])
    profile = [] if bench.quick else _small(bench, small, "profile")["lines"]
    bench.cluster.drop_database("sync")
    checks = ["rows per status", f"{_SAMPLES} rows by the oracle"]
    return Result("sync", _rows(bench, found, calls, small), checks=checks, profile=profile)


def _floor(bench: Bench, table: str, template: str) -> dict[str, float]:
    from benchmarks.floors.copy_upsert import BARE

    database = bench.cluster.create_database("sync", template)
    if table == "bare":
        bench.cluster.sql(database, BARE)
    bench.cluster.sql(database, "CHECKPOINT")
    found: dict[str, float] = {}
    for mode in ("fresh", "same"):
        options = ["--pages", str(bench.pages(bench.rows)), "--table", table, "--mode", mode]
        done = bench.floor("copy_upsert", database, *options)
        require(done["rows"] == bench.rows, f"the floor took {done['rows']} rows")
        found[f"{table}_{mode}"] = bench.rows / done["seconds"]
        bench.cluster.sql(database, "VACUUM ANALYZE", "CHECKPOINT")
    held = "floor_request" if table == "bare" else "access_accessrequest"
    require(bench.cluster.sql(database, f"SELECT count(*) FROM {held}") == [(bench.rows,)], f"the floor's {held}")
    return found


def _state(bench: Bench, database: str) -> tuple[int, int]:
    """Rows written so far to the tables of requests and people, and the place in the write-ahead log."""
    written = bench.cluster.sql(database, _WRITTEN)[0][0]
    return int(written), int(bench.cluster.sql(database, "SELECT pg_current_wal_lsn() - '0/0'")[0][0])


def _list_calls(hub_url: str) -> int:
    return sum(count for kind, count in site.journal(hub_url)["calls"].items() if kind.startswith("list "))


def _small(bench: Bench, rows: int, command: str) -> dict[str, Any]:
    """What a first sync of a smaller Hub finds: `round` its peak memory, `profile` where its time goes."""
    database = bench.cluster.create_database("sync", bench.connected(rows))
    with bench.cluster.fake_hub(bench.pages(rows)) as hub_url:
        found = bench.product(database, command, rows, kind="full", HUBGATE_HUB_URL=hub_url)
    check(bench, database, Dataset(rows))
    return found


def check(bench: Bench, database: str, dataset: Dataset) -> None:
    """What is held is what the Hub has: counts by status, and some rows in every detail."""
    held = dict(bench.cluster.sql(database, "SELECT status, count(*) FROM access_accessrequest GROUP BY 1"))
    due = {status: sum(counts[status] for counts in expected(dataset).values()) for status in STATUSES}
    require(held == {status: number for status, number in due.items() if number}, f"held {held}, the Hub has {due}")
    chosen = random.Random(dataset.rows)
    for _ in range(_SAMPLES):
        repo = chosen.choice(dataset.repositories)
        _check_row(bench, database, dataset, repo, chosen.randrange(repo.rows))


def _check_row(bench: Bench, database: str, dataset: Dataset, repo: Repo, place: int) -> None:
    row = dataset.row(repo, place)
    person = dataset.person(row.person)
    held = bench.cluster.sql(
        database,
        "SELECT person.hub_id, person.username, request.status, request.asked_at, request.hub_reviewed_at,"
        " request.answers, request.email, request.country FROM access_accessrequest request"
        " JOIN accounts_hubidentity person ON person.id = request.person_id"
        " JOIN repos_repository repository ON repository.id = request.repository_id"
        f" WHERE repository.name = '{repo.name}' AND request.hub_request_id = '{row.request_id}'",
    )
    country = row.answers["Country"]
    answers: Any = row.answers
    due = (person.hub_id, person.username, row.status, row.asked_at, row.reviewed_at, answers, person.email, country)
    require(held == [due], f"row {place} of {repo.name} is {held}, the Hub has {due}")


_expected: dict[int, dict[str, dict[str, int]]] = {}


def expected(dataset: Dataset) -> dict[str, dict[str, int]]:
    """How many requests of each status each repository has."""
    if dataset.rows not in _expected:
        counts: dict[str, dict[str, int]] = {}
        for repo in dataset.repositories:
            mine = counts[repo.name] = dict.fromkeys(STATUSES, 0)
            for place in range(repo.rows):
                mine[dataset.status(repo, place)] += 1
        _expected[dataset.rows] = counts
    return _expected[dataset.rows]


def _rows(bench: Bench, found: dict[str, list[float]], calls: dict[str, int], small: int) -> list[Row]:
    counts = expected(Dataset(bench.rows))
    full = sum(max(1, -(-number // PAGE)) for mine in counts.values() for number in mine.values())
    poll = len(counts)
    per = bench.rows / 100_000
    size = f"{bench.rows:,} rows"
    peak = max(found["first_peak"])
    return [
        Row("G6", f"first sync, {size}, against COPY + upsert into a bare table", "rows/s", found["first"],
            found["bare_fresh"], "COPY + upsert, bare table", at_least=0.60),
        Row("G6", f"first sync, {size}, against COPY + upsert into hubgate's own tables", "rows/s", found["first"],
            found["product_fresh"], "COPY + upsert, own tables", at_least=0.60),
        Row("G7", "round without changes, against an anti-join with a bare table", "rows/s", found["same"],
            found["bare_same"], "anti-join, bare table", at_least=0.60),
        Row("G7", "round without changes, against an anti-join with hubgate's own tables", "rows/s", found["same"],
            found["product_same"], "anti-join, own tables", at_least=0.60),
        Row("G7", "rows written in a round without changes", "rows", found["written"], at_most=0, counted=True),
        Row("G7", "write-ahead log per 100,000 rows of a round without changes", "MB",
            [wal / per for wal in found["wal"]], at_most=0.5 if bench.rows >= _ENOUGH else None, counted=True),
        Row("G8", f"peak memory of a first sync of {size}", "MB", [peak], at_most=150, counted=True),
        Row("G8", f"that, against {small:,} rows", "MB", [peak], found["small_peak"], f"{small:,} rows", at_most=1.2,
            counted=True),
        Row("G9", f"calls of a full round, Σ max(1, ⌈rows/1000⌉) = {full}", "calls", [calls["full"]], [full],
            "pages there are", at_most=1.02, counted=True),
        Row("G9", f"calls of a round over what waits, {poll} lists", "calls", [calls["poll"]], [poll],
            "lists there are", at_most=1.02, counted=True),
        Row("", "share of a first sync in which the mirror's process computes", "", found["first_cpu"]),
    ]  # fmt: skip
