"""The runner's sums and command lines."""

from __future__ import annotations

from pathlib import Path

from tests.runner import groups, totals

REPORT = """<?xml version="1.0"?><testsuites><testsuite name="sqlite" errors="1" failures="1" skipped="1" tests="5">
<testcase classname="a" name="one"/><testcase classname="a" name="two"/>
<testcase classname="a" name="three"><failure message="no"/></testcase>
<testcase classname="a" name="four"><skipped message="later"/></testcase>
<testcase classname="a" name="five"/><testcase classname="a" name="five"><error message="in the tear-down"/></testcase>
</testsuite></testsuites>"""


def test_totals_of_a_report(tmp_path: Path):
    (tmp_path / "report.xml").write_text(REPORT)
    assert totals.read(tmp_path / "report.xml").line() == "2 passed, 2 failed, 1 skipped"


def test_a_report_that_was_never_finished_is_a_failure(tmp_path: Path):
    assert totals.read(tmp_path / "none.xml").line() == "0 passed, 1 failed"
    (tmp_path / "cut.xml").write_text(REPORT[:100])
    assert totals.read(tmp_path / "cut.xml").failed == 1


def test_marks_of_the_command_line_narrow_the_groups_own(tmp_path: Path):
    line = groups.command(groups.GROUPS[2], tmp_path / "r.xml", ["tests/hub", "-m", "not slow", "-k", "x"], 1)
    assert line[line.index("-m", 3) + 1] == "(processes) and (not slow)"
    assert line[-3:] == ["tests/hub", "-k", "x"]
