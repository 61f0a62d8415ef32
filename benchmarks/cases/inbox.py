"""G12–G14: a page of the inbox at any depth, of many repositories and of one; counts; views a second."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import load
from benchmarks.bench import Bench
from benchmarks.floors import keyset
from benchmarks.gen import PASSWORD
from benchmarks.measure import Result, Row, percentile, require
from benchmarks.site import Visitor
from benchmarks.statements import Statement, StatementLog, logged

_REACHES = ("wide", "narrow")
_DEPTHS = ("first", "middle", "end")
_TOLD = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VIEWS = 8  # of each page in a run; fewer in a quick one
_CURSOR = re.compile(r"cursor=(o\d+-\d+)")
_ROW = re.compile(r'id="row-(\d+)"')
_LIST = re.compile(r'^SELECT .*"access_accessrequest"\."asked_at".* ORDER BY .* LIMIT \d\d+$', re.DOTALL)
_COUNT = re.compile(r"^SELECT COUNT\(\*\) FROM \(SELECT .*\"access_accessrequest\"", re.DOTALL | re.IGNORECASE)
_FRAME = re.compile(r'"django_session"|"accounts_user"|^(BEGIN|COMMIT|SET|SAVEPOINT|RELEASE)|pg_catalog')


@dataclass(frozen=True)
class Place:
    """A page of the list: its address, and the ids that have to be on it, in their order."""

    path: str
    ids: list[int]
    floor: str  # the same page as raw SQL


def measure(bench: Bench) -> Result:
    """The same pages at a small size and at the full one: first with every statement logged, then for the whole view
    without."""
    views_each = 2 if bench.quick else _VIEWS
    small = 10_000 if bench.rows > 10_000 else bench.rows // 2
    sizes = {size: bench.loaded(size) for size in (small, bench.rows)}
    places: dict[tuple[int, str], dict[str, Place]] = {}
    sql: dict[tuple[int, str, str], list[float]] = {}
    floors: dict[tuple[str, str], list[float]] = {}
    views: dict[tuple[int, str, str], list[float]] = {}
    single: dict[tuple[int, str, str], list[float]] = {}
    counts: list[float] = []
    queries: list[float] = []
    statements: list[list[Statement]] = []
    for size, database in sizes.items():
        with logged(bench.cluster, database) as log, bench.web(database) as port:
            raw_sql = bench.cluster.connect(database)
            for reach in _REACHES:
                visitor = Visitor(port, reach, PASSWORD)
                places[size, reach] = _places(bench, database, reach, visitor)
                for depth, place in list(places[size, reach].items()) * bench.runs:
                    found = [_statements(log, visitor, place) for _ in range(views_each)]
                    listed = [_only(page, _LIST, "the list") for page in found]
                    sql.setdefault((size, reach, depth), []).append(statistics.median(listed))
                    if size == bench.rows:
                        raw = statistics.median(_floor(log, raw_sql, place.floor) for _ in range(views_each))
                        floors.setdefault((reach, depth), []).append(raw)
                        statements += found
                        counts += [item.ms for page in found for item in page if _COUNT.match(item.text)]
                        queries += [len([item for item in page if not _FRAME.search(item.text)]) for page in found]
                visitor.close()
            raw_sql.close()
    with bench.web(sizes[small]) as small_port, bench.web(sizes[bench.rows]) as port:
        for reach in _REACHES:
            visitors = {small: Visitor(small_port, reach, PASSWORD), bench.rows: Visitor(port, reach, PASSWORD)}
            for _ in range(bench.runs):
                looked: dict[tuple[int, str, str], list[float]] = {}
                for _ in range(views_each):
                    for size, visitor in visitors.items():
                        for depth, place in places[size, reach].items():
                            looked.setdefault((size, reach, depth), []).append(_look(visitor, place) * 1000)
                for key, found_ms in looked.items():
                    views.setdefault(key, []).append(statistics.median(found_ms))
                    single.setdefault(key, []).extend(found_ms)
    html, bare = _throughput(bench, sizes[bench.rows])
    rows = _rows(bench, small, sql, floors, views)
    slowest = max(percentile(found_ms, 0.95) for (size, _, _), found_ms in single.items() if size == bench.rows)
    rows.append(Row("G13", "HTML page, p95 with nobody else there, slowest of the six", "ms", [slowest], at_most=50))
    rows += _exact(bench, sizes[bench.rows])
    rows += _others(counts, queries, html, bare)
    return Result("inbox", rows, checks=["ids and order of every page"], profile=_slowest(statements))


def _places(bench: Bench, database: str, reach: str, visitor: Visitor) -> dict[str, Place]:
    repositories = repositories_of(bench, database, reach)
    waiting = bench.cluster.sql(database, keyset.EXACT.format(repositories=repositories))[0][0]
    first = visitor.get("/inbox/")
    shown = [int(pk) for pk in _ROW.findall(first.text)]
    cursor = _CURSOR.search(first.text)
    require(cursor is not None and 0 < len(shown) < waiting, f"the first page of {reach} leads to no second")
    places = {}
    for depth, offset in (("first", -1), ("middle", waiting // 2), ("end", waiting - len(shown) - 1)):
        path, at, pk = "/inbox/", "infinity", 0
        if offset >= 0:
            place = keyset.PLACE.format(repositories=repositories, offset=offset)
            at, pk = bench.cluster.sql(database, place)[0]
            micros = (at - _EPOCH) // timedelta(microseconds=1)
            path = f"/inbox/?cursor=o{micros}-{pk}"
        floor = keyset.PAGE.format(repositories=repositories, at=at, pk=pk)
        due = [row[0] for row in bench.cluster.sql(database, floor)]
        places[depth] = Place(path, due[: len(shown)], floor)
    require(places["first"].ids == shown, f"the first page of {reach} shows other requests than the newest")
    return places


def repositories_of(bench: Bench, database: str, reach: str) -> str:
    """The ids of somebody's repositories, with commas."""
    found = bench.cluster.sql(
        database,
        "SELECT repository.id FROM repos_repository repository"
        " JOIN repos_namespace namespace ON namespace.id = repository.namespace_id"
        " JOIN accounts_hubmembership membership ON lower(membership.namespace) = lower(namespace.name)"
        " JOIN accounts_hubidentity identity ON identity.id = membership.identity_id"
        f" WHERE identity.username = '{reach}' ORDER BY 1",
    )
    return ", ".join(str(pk) for (pk,) in found)


def _look(visitor: Visitor, place: Place) -> float:
    answer = visitor.get(place.path)
    require(answer.status == 200, f"{place.path} answered {answer.status}")
    shown = [int(pk) for pk in _ROW.findall(answer.text)]
    require(shown == place.ids, f"{place.path} shows {shown}, due are {place.ids}")
    return answer.seconds


def _statements(log: StatementLog, visitor: Visitor, place: Place) -> list[Statement]:
    log.begin()
    _look(visitor, place)
    return log.take()


def _only(page: list[Statement], wanted: re.Pattern[str], name: str) -> float:
    found = [statement.ms for statement in page if wanted.match(statement.text)]
    require(found, f"no statement of the page looks like {name}: {[statement.text[:200] for statement in page]}")
    return max(found)


def _floor(log: StatementLog, connection: Any, statement: str) -> float:
    log.begin()
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()
    return max(item.ms for item in log.take() if "LEFT JOIN accounts_hubidentity" in item.text)


def _throughput(bench: Bench, database: str) -> tuple[list[float], list[float]]:
    """Views a second of the inbox, and of the bare view of the same rows, in turn."""
    env = bench.cluster.environment(database)
    namespace = bench.cluster.sql(database, "SELECT name FROM repos_namespace ORDER BY id LIMIT 1")[0][0]
    bare_path = f"/page/?namespace={namespace}"
    seconds = 1.0 if bench.quick else 3.0
    html: list[float] = []
    bare: list[float] = []
    with (
        bench.web(database) as port,
        bench.gunicorn(env, "benchmarks.floors.values_view:application", bare_path, "--workers", "2") as bare_port,
    ):
        visitor = Visitor(port, "wide", PASSWORD)
        for _ in range(bench.runs):
            bare.append(load.requests_per_second(bare_port, bare_path, seconds=seconds))
            html.append(load.requests_per_second(port, "/inbox/", cookies=visitor.cookies, seconds=seconds))
        visitor.close()
    return html, bare


def _exact(bench: Bench, database: str) -> list[Row]:
    """What exact figures cost in raw SQL: hubgate shows capped ones."""
    repositories = repositories_of(bench, database, "wide")
    rows = []
    with logged(bench.cluster, database) as log:
        for what, statement in (("exact count of what waits", keyset.EXACT), ("counts by status", keyset.FACETS)):
            found = []
            for _ in range(bench.runs):
                log.begin()
                bench.cluster.sql(database, statement.format(repositories=repositories))
                found.append(max(item.ms for item in log.take()))
            rows.append(Row("", f"raw SQL for comparison: {what}, wide reviewer", "ms", found))
    return rows


def _rows(bench: Bench, small: int, sql: Any, floors: Any, views: Any) -> list[Row]:
    full = bench.rows
    rows = []
    for reach in _REACHES:
        for depth in _DEPTHS:
            mine = sql[full, reach, depth]
            at = f"{small:,} rows"
            rows.append(Row("G12", f"SQL of the list, {reach} reviewer, {depth} page, {full:,} rows", "ms", mine,
                            sql[small, reach, depth], f"SQL at {at}", at_most=1.2))  # fmt: skip
            rows.append(Row("G12", f"the same by itself, {reach}, {depth}", "ms", mine, at_most=1.0))
            rows.append(Row("", f"the same beside a keyset over known repositories, {reach}, {depth}", "ms", mine,
                            floors[reach, depth], "keyset SQL"))  # fmt: skip
            rows.append(Row("G12", f"whole view, {reach} reviewer, {depth} page, {full:,} rows", "ms",
                            views[full, reach, depth], views[small, reach, depth], f"view at {at}",
                            at_most=1.2))  # fmt: skip
    return rows


def _slowest(pages: list[list[Statement]]) -> list[str]:
    """The statements that took most of the database's time, in milliseconds a page."""
    spent: dict[str, float] = {}
    for page in pages:
        for item in page:
            shape = re.sub(r"[0-9][0-9a-f:. +'-]*", "?", item.text)
            table = re.search(r'FROM "(\w+)"', shape)
            name = f"{shape.split('(')[0][:24].strip()} … FROM {table[1] if table else '?'} … {shape[-48:]}"
            spent[name] = spent.get(name, 0.0) + item.ms / len(pages)
    order = sorted(spent.items(), key=lambda entry: -entry[1])[:_TOLD]
    return [f"{ms:.2f} ms a page: {name}" for name, ms in order]


def _others(counts: list[float], queries: list[float], html: list[float], bare: list[float]) -> list[Row]:
    rows = [
        Row(
            "G13", "queries of an HTML page beside session and user", "queries", [max(queries)], at_most=4, counted=True
        ),
        Row("", "HTML pages a second beside a bare `.values()` view in JSON", "req/s", html, bare, "`.values()` view"),
    ]
    if counts:
        rows.append(Row("G14", "capped count, median", "ms", [statistics.median(counts)], at_most=1.0))
    return rows
