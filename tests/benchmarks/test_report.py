"""When a goal counts as met, and what the report says of it."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import report
from benchmarks.measure import Result, Row, percentile, spread


def test_a_goal_over_a_floor_holds_the_ratio_of_the_medians():
    row = Row("G6", "sync", "rows/s", [50.0, 60.0, 90.0], [100.0, 100.0, 400.0], "floor", at_least=0.60)
    assert row.value == 0.6
    assert row.met()
    row.figures = [50.0, 59.0, 90.0]
    assert not row.met()
    assert row.met(loosened=1.5)


def test_a_goal_without_a_floor_holds_the_median_itself():
    row = Row("G7", "written", "rows", [0.0, 0.0, 3.0], at_most=0)
    assert row.met()
    row.figures = [1.0]
    assert not row.met()
    assert not row.met(loosened=1.5)


def test_a_floor_that_spreads_too_wide_is_named():
    steady = Row("G6", "a", "rows/s", [1.0], [100.0, 110.0, 119.0], "steady", at_least=0.6)
    wild = Row("G6", "b", "rows/s", [1.0], [100.0, 110.0, 130.0], "wild", at_least=0.6)
    told = Row("", "c", "rows/s", [1.0], [1.0, 9.0], "not judged")
    assert Result("sync", [steady, wild, told]).unsteady() == ["wild 27%"]
    assert spread([2.0, 2.0]) == 0


def test_percentiles_are_figures_that_occurred():
    figures = [float(number) for number in range(1, 101)]
    assert percentile(figures, 0.5) == 50
    assert percentile(figures, 0.95) == 95
    assert percentile(figures, 0.99) == 99
    assert percentile([7.0], 0.99) == 7


def test_times_are_not_judged_where_only_counts_are():
    slow = Row("G6", "slow", "rows/s", [1.0], [100.0], "floor", at_least=0.6)
    many = Row("G9", "calls", "calls", [300.0], [100.0], "pages", at_most=1.02, counted=True)
    few = Row("G9", "calls", "calls", [140.0], [100.0], "pages", at_most=1.02, counted=True)
    results = [Result("sync", [slow, many, few])]
    assert report.missed(results, counted_only=True, loosened=1.5) == [many]
    assert report.missed(results, counted_only=False, loosened=1.0) == [slow, many, few]


def test_the_report_tells_figures_floors_goals_and_the_machine(tmp_path: Path):
    about = report.machine("15.0")
    options = {"rows": 5000, "runs": 2}
    row = Row("G6", "first sync", "rows/s", [1000.0, 1200.0], [2000.0, 2000.0], "COPY", at_least=0.6)
    result = Result("sync", [row], checks=["rows per status"], seconds=3)
    text = report.table(about, options, [result])
    assert "| G6 | first sync | 1,100 (1,000–1,200) rows/s | COPY: 2,000 (spread 0%) | ×0.55 | ≥ 0.6 | **no** |" in text
    assert "fewer than the five" in text
    assert about["commit"] in text
    report.write_json(tmp_path / "figures.json", about, options, [result])
    kept = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert kept["cases"][0]["rows"][0]["met"] is False
    assert kept["machine"]["cores"] == about["cores"]
