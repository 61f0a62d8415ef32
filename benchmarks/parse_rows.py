"""Our reading of a page of access requests against bare `orjson.loads` of the same bytes, interleaved in one run.

    .venv/bin/python -m benchmarks.parse_rows [rounds]

Prints microseconds per row (medians) and the ratio. A page has 1,000 rows of about 460 bytes, as the Hub sends them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import orjson

from hubgate.hub.rows import read_request_rows

ROWS = 1000


def page(rows: int) -> bytes:
    return orjson.dumps([_item(number) for number in range(rows)])


def _item(number: int) -> dict[str, object]:
    return {
        "requestId": f"{number:024x}",
        "user": {
            "_id": f"{number + 7:024x}",
            "avatarUrl": f"/avatars/{number:032x}.svg",
            "isPro": False,
            "fullname": f"Riley Park {number}",
            "user": f"jordan-{number}",
            "type": "user",
            "verifiedOrgNames": [],
            "email": f"jordan{number}@example.org",
        },
        "timestamp": "2026-10-05T11:22:33.456Z",
        "reviewedAt": "2026-10-05T11:22:33.456Z",
        "status": "accepted",
        "fields": {"Affiliation": f"University of {number}", "Country": "FR", "I agree": "on"},
    }


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 101
    body = page(ROWS)
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        bare.append(seconds(lambda: orjson.loads(body)))
        ours.append(seconds(lambda: read_request_rows(body, "accepted")))
    per_row = 1e6 / ROWS
    floor, full = statistics.median(bare) * per_row, statistics.median(ours) * per_row
    print(f"rows {ROWS}, bytes per row {len(body) // ROWS}, rounds {rounds}")
    print(f"orjson alone   {floor:6.2f} µs per row")
    print(f"with our rows  {full:6.2f} µs per row")
    print(f"our share      {full - floor:6.2f} µs per row, ratio {full / floor:.2f}")


if __name__ == "__main__":
    main()
