"""What a case finds: figures beside their floor, and whether a goal is met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

STEADY = 0.20  # a floor that spreads wider than this share of its median says nothing


@dataclass
class Row:
    """One line of the report. `figures` are single measurements, or percentiles of runs; `floor` what they are divided
    by, measured in turn with them. The goal holds the ratio (or, without a floor, the median figure) to `at_least` or
    `at_most`; a row with neither is told and not judged. `counted` marks figures that do not depend on how busy the
    machine is: calls, rows, queries, memory."""

    goal: str
    what: str
    unit: str
    figures: list[float]
    floor: list[float] = field(default_factory=list)
    floor_name: str = ""
    at_least: float | None = None
    at_most: float | None = None
    counted: bool = False
    note: str = ""

    @property
    def value(self) -> float:
        """What the goal speaks of."""
        middle = statistics.median(self.figures)
        return middle / statistics.median(self.floor) if self.floor else middle

    @property
    def judged(self) -> bool:
        """Whether there is a goal for it."""
        return self.at_least is not None or self.at_most is not None

    def met(self, loosened: float = 1.0) -> bool:
        """Whether the goal is reached, or missed by no more than the factor `loosened`."""
        enough = self.at_least is None or self.value >= self.at_least / loosened
        return enough and (self.at_most is None or self.value <= self.at_most * loosened)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "value": self.value, "met": self.met() if self.judged else None}


@dataclass
class Result:
    """All that one case found. `profile` is where the time goes, a line each."""

    case: str
    rows: list[Row]
    checks: list[str] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)
    seconds: float = 0.0
    repeated: int = 0

    def unsteady(self) -> list[str]:
        """Floors that spread too wide for their ratio to mean anything, with their spread."""
        widest: dict[str, float] = {}
        for row in self.rows:
            if row.floor and row.judged:
                widest[row.floor_name] = max(spread(row.floor), widest.get(row.floor_name, 0.0))
        return [f"{name} {share:.0%}" for name, share in widest.items() if share > STEADY]


def spread(figures: Sequence[float]) -> float:
    """The range of the figures as a share of their median."""
    middle = statistics.median(figures)
    return (max(figures) - min(figures)) / middle if middle else 0.0


def percentile(figures: Sequence[float], share: float) -> float:
    """The figure below which `share` (0…1) of the figures lie, by nearest rank."""
    ordered = sorted(figures)
    return ordered[max(0, math.ceil(round(share * len(ordered), 9)) - 1)]


def require(condition: object, sentence: str) -> None:
    """A case whose result is wrong has no time: RuntimeError with what is wrong."""
    if not condition:
        raise RuntimeError(f"The result is wrong, so its time does not count: {sentence}")
