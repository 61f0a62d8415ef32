"""The report of a run: a table for people, JSON for later, and whether every goal was met."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.cluster import ROOT
from benchmarks.measure import Result, Row, spread

_PACKAGES = ("Django", "psycopg2-binary", "gunicorn", "celery", "orjson", "huggingface_hub")


def machine(postgres: str) -> dict[str, Any]:
    """What the figures were measured on, and with which versions."""
    cpu = next((line for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "model name: unknown")
    memory = next((line for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "MemTotal: 0 kB")
    return {
        "cpu": cpu.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory.split()[1]) / 2**20),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgres": postgres,
        "packages": {name: version(name) for name in _PACKAGES},
        "commit": _commit(),
        "load": os.getloadavg()[0],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_json(path: Path, about: dict[str, Any], options: dict[str, Any], results: Sequence[Result]) -> None:
    """Keep all figures."""
    cases = [
        {
            "case": result.case,
            "seconds": round(result.seconds, 1),
            "repeated": result.repeated,
            "unsteady": result.unsteady(),
            "checks": result.checks,
            "profile": result.profile,
            "rows": [row.as_dict() for row in result.rows],
        }
        for result in results
    ]
    path.write_text(json.dumps({"machine": about, "options": options, "cases": cases}, indent=1), encoding="utf-8")


def table(about: dict[str, Any], options: dict[str, Any], results: Sequence[Result]) -> str:
    """The report in Markdown: one line a figure, the machine, what was checked, where the time goes."""
    lines = [
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gb']} GB, Linux {about['kernel']}; Python"
        f" {about['python']}, PostgreSQL {about['postgres']}, "
        + ", ".join(f"{name} {number}" for name, number in about["packages"].items())
        + f"; commit {about['commit']}, {about['at']}, load at the start {about['load']:.1f}."
        " Load generator, servers and database share the cores.",
        f"{options['rows']:,} rows; {options['runs']} run{'s' if options['runs'] != 1 else ''}"
        + ("" if options["runs"] >= 5 else ", fewer than the five that a judgement on times needs")
        + ".",
        "",
        "| goal | figure | median (min–max) | floor | ratio | wanted | met |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        lines += [_line(row) for row in result.rows]
    lines.append("")
    for result in results:
        checked = f"; checked: {', '.join(result.checks)}" if result.checks else ""
        lines.append(f"- {result.case}: {result.seconds:.0f} s{checked}")
        if result.unsteady():
            lines.append(
                f"  - The floors were unsteady ({', '.join(result.unsteady())} of their median, after"
                f" {result.repeated} repetitions): the ratios to them say little. Run it on a quiet machine."
            )
        lines += [f"  - {line}" for line in result.profile]
    return "\n".join(lines)


def missed(results: Sequence[Result], *, counted_only: bool, loosened: float) -> list[Row]:
    """The rows whose goal is not met. `counted_only` leaves times out, which a busy machine spoils."""
    judged = [row for result in results for row in result.rows if row.judged and (row.counted or not counted_only)]
    return [row for row in judged if not row.met(loosened)]


def _line(row: Row) -> str:
    wanted = "" if not row.judged else f"≥ {row.at_least:g}" if row.at_least is not None else f"≤ {row.at_most:g}"
    met = "" if not row.judged else "yes" if row.met() else "**no**"
    floor = f"{row.floor_name}: {_figures(row.floor)} (spread {spread(row.floor):.0%})" if row.floor else ""
    note = f" ({row.note})" if row.note else ""
    ratio = f"×{row.value:.3g}" if row.floor else ""
    return (
        f"| {row.goal} | {row.what}{note} | {_figures(row.figures)} {row.unit} | {floor} | {ratio} | {wanted} | {met} |"
    )


def _figures(figures: Sequence[float]) -> str:
    middle = _figure(statistics.median(figures))
    return middle if len(set(figures)) == 1 else f"{middle} ({_figure(min(figures))}–{_figure(max(figures))})"


def _figure(figure: float) -> str:
    if figure == int(figure) or abs(figure) >= 1000:
        return f"{figure:,.0f}"
    return f"{figure:.3g}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"
