"""Reading a page of access requests, beside bare `orjson.loads` of the same bytes; the fake Hub by itself."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

import orjson

from benchmarks.bench import Bench
from benchmarks.gen import PAGE, STATUSES, Dataset
from benchmarks.measure import Result, Row, require

_ROUNDS = 11


def measure(bench: Bench) -> Result:
    """Microseconds per row of parsing; rows a second that the fake Hub serves to one caller that does nothing else."""
    from hubgate.hub.rows import read_request_rows

    dataset = Dataset(10_000)
    body = max((page for _, pages in dataset.pages(dataset.repositories[0]) for page in pages), key=len)
    number = len(orjson.loads(body))
    rows, odd = read_request_rows(body, "accepted")
    require(len(rows) == number and not odd, f"{len(rows)} rows read of {number}, {len(odd)} set aside")
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(_ROUNDS * bench.runs):
        bare.append(_microseconds(lambda: orjson.loads(body), number))
        ours.append(_microseconds(lambda: read_request_rows(body, "accepted"), number))
    served = [_served(bench) for _ in range(bench.runs)]
    return Result(
        "parse",
        [
            Row("", f"reading a page, {len(body) // number} bytes a row", "µs/row", ours, bare, "orjson alone"),
            Row("", "the fake Hub by itself", "rows/s", served),
        ],
        checks=["every row read"],
    )


def _microseconds(work: Callable[[], object], rows: int) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6 / rows


def _served(bench: Bench) -> float:
    dataset = Dataset(bench.rows)
    with bench.cluster.fake_hub(bench.pages(bench.rows)) as hub_url:
        connection = http.client.HTTPConnection(hub_url.removeprefix("http://"), timeout=30)
        began, rows = time.perf_counter(), 0
        for repo in dataset.repositories:
            for status in STATUSES:
                path: str | None = f"/api/models/{repo.name}/user-access-request/{status}?limit={PAGE}"
                while path is not None:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    rows += answer.read().count(b'"requestId"')
                    link = answer.headers.get("Link", "")
                    path = link[1:].partition(">")[0].removeprefix(hub_url) if link else None
        seconds = time.perf_counter() - began
        connection.close()
    require(rows == bench.rows, f"the fake Hub served {rows} rows of {bench.rows}")
    return rows / seconds
