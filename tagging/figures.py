"""The plots of an evaluation's numbers. Pure: numbers in, drawings and tables out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hubgate.http.plots import Bar, Figure, bars
from tagging.evaluations import by_metric, number, spoken


def figures(results: Iterable[Mapping[str, Any]], *, key: str) -> list[Figure]:
    """A plot for each metric, the groups one under the other. Shares of one are drawn against one. `key` begins the ids
    of the plots on the page."""
    found = []
    for place, (metric, rows) in enumerate(by_metric(results).items()):
        is_share = all(0 <= row.value <= 1 for row in rows)
        finding = spoken(metric, rows)
        drawn = [Bar(row.group, row.value, number(row.value)) for row in rows]
        found.append(
            Figure(
                f"{key}-{place}",
                metric,
                finding,
                bars(drawn, finding, whole=1 if is_share else 0),
                ["Group", metric],
                [[row.group, number(row.value)] for row in rows],
            )
        )
    return found
