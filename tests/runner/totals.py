"""What the groups' reports add up to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Totals:
    """Numbers of tests. A test whose set-up or tear-down failed counts as failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    @property
    def ran(self) -> int:
        return self.passed + self.failed

    def line(self) -> str:
        """The closing line."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def read(report: Path) -> Totals:
    """The totals of one junit file. A missing or cut one counts as a failure: pytest did not come to its end."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return Totals(failed=1)
    total = Totals()
    outcomes: dict[tuple[str, str], Totals] = {}
    for case in root.iter("testcase"):
        key = (case.get("classname", ""), case.get("name", ""))
        if case.find("failure") is not None or case.find("error") is not None:
            outcomes[key] = Totals(failed=1)
        elif case.find("skipped") is not None:
            outcomes.setdefault(key, Totals(skipped=1))
        else:
            outcomes.setdefault(key, Totals(passed=1))
    for outcome in outcomes.values():
        total += outcome
    return total
