"""G17: ten thousand decisions of one repository on their way to the Hub, and single ones between them."""

from __future__ import annotations

import threading
import time
from typing import Any

from benchmarks import site
from benchmarks.bench import Bench
from benchmarks.cases.decide import await_decided, wait_until_done, waiting_people
from benchmarks.gen import PASSWORD, Dataset
from benchmarks.measure import Result, Row, percentile, require
from benchmarks.site import Visitor

_BATCH = 100  # HC §1.1 A3
_MOST = 10_000
_PAUSE_S = 0.25
_WRITES = ("batch", "handle", "grant")


def measure(bench: Bench) -> Result:
    """The pushes are put into the outbox at once; meanwhile somebody goes on accepting, there and elsewhere."""
    dataset = Dataset(bench.rows)
    big = dataset.repositories[0]
    database = bench.cluster.create_database("push", bench.loaded(bench.rows))
    here, there = (
        bench.cluster.sql(database, f"SELECT string_agg(id::text, ',') FROM repos_repository WHERE name {test}")[0][0]
        for test in (f"= '{big.name}'", f"<> '{big.name}' AND name LIKE '{big.namespace}/%'")
    )
    waiting = sum(dataset.status(big, place) == "pending" for place in range(big.rows))
    pushes = min(_MOST, waiting // 2 // _BATCH * _BATCH)
    people = waiting_people(bench, database, here, pushes + min(200, waiting - pushes))
    taken = {hub_id for _, hub_id in people}
    singles = [pair for pair in waiting_people(bench, database, there, 400) if pair[1] not in taken]
    # one here, one elsewhere, and so on
    clicks = [pair for pairs in zip(people[pushes:], singles, strict=False) for pair in pairs]
    with (
        bench.cluster.fake_hub(bench.pages(bench.rows)) as hub_url,
        bench.workers(database, hub_url),
        bench.web(database, hub_url) as port,
    ):
        clicker = _Clicker(port, clicks)
        clicker.start()
        ids = bench.cluster.folder / "push-ids"
        ids.write_text("\n".join(str(pk) for pk, _ in people[:pushes]), encoding="utf-8")
        enqueued = bench.product(database, "enqueue", bench.rows, file=str(ids), HUBGATE_HUB_URL=hub_url)
        told = await_decided(hub_url, {hub_id for _, hub_id in people[:pushes]}, within_s=600)
        clicked = clicker.finish()
        meanwhile = {hub_id for hub_id, at in clicked.items() if at >= enqueued["at"] - 1}
        sent = await_decided(hub_url, set(clicked), within_s=120)
        wait_until_done(bench, database, within_s=120)
        calls = site.journal(hub_url)["calls"]
    bench.cluster.drop_database("push")
    rest = len(clicked)
    writes = sum(calls.get(kind, 0) for kind in _WRITES)
    reads = sum(number for kind, number in calls.items() if kind.startswith("list "))
    late = [sent[hub_id] - clicked[hub_id] for hub_id in meanwhile]
    least = -(-pushes // _BATCH)
    kinds = f"{writes} in all, {rest} of them single decisions, {reads} lists read"
    last = max(told.values()) - enqueued["at"]
    rows = [
        Row("G17", f"calls for {pushes:,} decisions of one kind", "calls", [writes - rest], [least], "batches of 100",
            at_most=1.02, counted=True, note=kinds),
        Row("G17", f"from the commit (with it) to the last of {pushes:,} at the Hub", "s", [last], at_most=60.0),
    ]  # fmt: skip
    if late:
        rows.append(Row("G17", "single decision meanwhile, click to the Hub, p95", "s", [percentile(late, 0.95)],
                        at_most=5.0, note=f"{len(late)} of them"))  # fmt: skip
    return Result("push", rows, checks=["each decision at the Hub exactly once", "nothing left in the outbox"])


class _Clicker(threading.Thread):
    """Somebody who goes on accepting until told to stop."""

    def __init__(self, port: int, chosen: list[tuple[int, str]]) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._chosen = chosen
        self._over = threading.Event()
        self._clicked: dict[str, float] = {}
        self._error: Exception | None = None

    def run(self) -> None:
        """Click, wait a little, click on the next."""
        try:
            visitor = Visitor(self._port, "whole", PASSWORD)
            for pk, hub_id in self._chosen:
                if self._over.is_set():
                    return
                at = time.monotonic()
                answer = visitor.accept(pk)
                require(answer.status in (200, 302), f"accepting {pk} answered {answer.status}")
                self._clicked[hub_id] = at
                time.sleep(_PAUSE_S)
        except Exception as error:  # told to who waits for the thread
            self._error = error

    def finish(self) -> dict[str, Any]:
        """Stop; gives when each person was accepted."""
        self._over.set()
        self.join()
        if self._error is not None:
            raise self._error
        return self._clicked
