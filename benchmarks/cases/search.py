"""G15: words looked for in what waits, with and without a repository chosen."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from benchmarks.bench import Bench
from benchmarks.cases.inbox import repositories_of
from benchmarks.gen import PASSWORD, SOLO, Dataset
from benchmarks.measure import Result, Row, percentile, require
from benchmarks.site import Visitor

_VIEWS = 6  # of each term in a run
_ROW = re.compile(r'id="row-(\d+)"')


def terms(dataset: Dataset) -> dict[str, str]:
    """What is looked for, by what it is. The person is one who waits for the first repository."""
    repo = next(repo for repo in dataset.repositories if repo.namespace == dataset.namespaces[0])
    place = next(place for place in range(repo.rows) if dataset.status(repo, place) == "pending")
    person = dataset.person(dataset.row(repo, place).person)
    return {
        "exact user name": person.username,
        "fragment of an e-mail address": person.email.partition("@")[0][-12:],
        "common part of a name": "jordan",
        "nothing matches": "qqzzqq",
        "two words": "jordan benchmark",
    }


def measure(bench: Bench) -> Result:
    """Whole views of the inbox for each term; two letters must not cost more than three."""
    database = bench.loaded(bench.rows)
    wide = repositories_of(bench, database, "wide")
    solo = bench.cluster.sql(database, f"SELECT id FROM repos_repository WHERE name LIKE '{SOLO}/%'")[0][0]
    rows: list[Row] = []
    with bench.web(database) as port:
        for name, term in {**terms(Dataset(bench.rows)), "two letters": "jo"}.items():
            seconds = _look(bench, port, "wide", {"status": "pending", "q": term})
            if name != "two letters":
                _check(bench, port, database, wide, term)
            rows.append(Row("G15", f"search in what waits, wide reviewer, p95: {name}", "ms", [seconds], at_most=100))
        seconds = _look(bench, port, "narrow", {"status": "pending", "q": "jordan", "repository": str(solo)})
        rows.append(Row("G15", "search in what waits in one repository, p95: common part of a name", "ms", [seconds],
                        at_most=100))  # fmt: skip
        seconds = _look(bench, port, "wide", {"status": "all", "q": "jordan"})
        rows.append(Row("G15", "search in all statuses, wide reviewer, p95: common part of a name", "ms", [seconds],
                        at_most=100))  # fmt: skip
    return Result("search", rows, checks=["newest matches, in order, by LIKE"])


def _look(bench: Bench, port: int, who: str, query: dict[str, str]) -> float:
    visitor = Visitor(port, who, PASSWORD)
    try:
        seconds = []
        for _ in range(2 if bench.quick else bench.runs * _VIEWS):
            answer = visitor.get(f"/inbox/?{urlencode(query)}")
            require(answer.status in (200, 422), f"the search for {query['q']!r} answered {answer.status}")
            seconds.append(answer.seconds * 1000)
        return percentile(seconds, 0.95)
    finally:
        visitor.close()


def _check(bench: Bench, port: int, database: str, repositories: str, term: str) -> None:
    visitor = Visitor(port, "wide", PASSWORD)
    shown = _ROW.findall(visitor.get(f"/inbox/?{urlencode({'status': 'pending', 'q': term})}").text)
    visitor.close()
    words = " AND ".join(f"search_text LIKE '%{word}%'" for word in term.lower().split())
    due = bench.cluster.sql(
        database,
        f"SELECT id FROM access_accessrequest WHERE status = 'pending' AND repository_id IN ({repositories})"
        f" AND {words}"
        " ORDER BY asked_at DESC, id DESC LIMIT 40",
    )
    require([int(pk) for pk in shown] == [pk for (pk,) in due][: len(shown) or 1], f"the search for {term!r}")
