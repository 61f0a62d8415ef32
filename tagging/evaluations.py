"""Bias and safety results: read from a file or from a card's numbers, checked, and told apart. Pure."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TITLE_LIMIT = 200  # characters
NAME_LIMIT = 200
FINDING_LIMIT = 4_000
MOST_BYTES = 200 * 1024
MOST_RESULTS = 500
COLUMNS = ("group", "metric", "value")
WHOLE = "all"  # the group of a number that is about no group
_SHOWN_ERRORS = 5


@dataclass(frozen=True)
class Result:
    """One number: of a metric, for a group of people, things or datasets."""

    group: str
    metric: str
    value: float

    def as_dict(self) -> dict[str, Any]:
        """The result as it is stored."""
        return {"group": self.group, "metric": self.metric, "value": self.value}


class UnreadableError(Exception):
    """A file of results cannot be used; the message says what is wrong, where, and what to do."""


def read_file(content: bytes) -> list[Result]:
    """The results in a CSV file (columns group, metric, value, in any order; comma, semicolon or tab) or a JSON file (a
    list of objects with these members, by itself or under `results`). UnreadableError names the first lines that do
    not fit; nothing is left out in silence."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"The file is larger than {MOST_BYTES // 1024} kB. Sum it up: one number for each group.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError("The file is not UTF-8 text. Save it as CSV or JSON in UTF-8.") from None
    if not text.strip():
        raise UnreadableError("The file is empty.")
    rows = list(_json_rows(text) if text.lstrip()[0] in "[{" else _csv_rows(text))
    if len(rows) > MOST_RESULTS:
        raise UnreadableError(f"The file has {len(rows):,} results; at most {MOST_RESULTS} are taken.")
    if not rows:
        raise UnreadableError("The file has no result: one line for each group and metric.")
    results, problems = [], []
    for place, row in rows:
        found, problem = _result(row)
        if found is not None:
            results.append(found)
        else:
            problems.append(f"{place}: {problem}")
    problems += _repeated(results) if not problems else []
    if problems:
        more = f" And {len(problems) - _SHOWN_ERRORS} more." if len(problems) > _SHOWN_ERRORS else ""
        raise UnreadableError(" ".join(problems[:_SHOWN_ERRORS]) + more)
    return results


def of_card(rows: Iterable[Mapping[str, Any]]) -> list[Result]:
    """The numbers of a card (`CardResults`) as results; the dataset is the group. Of two with the same names the last
    stands."""
    found = {(row["metric"], row["dataset"] or WHOLE): float(row["value"]) for row in rows}
    return [Result(group, metric, value) for (metric, group), value in found.items()]


def digest_of(results: Sequence[Result], link: str, finding: str) -> str:
    """SHA-256 (hex) of what an evaluation says: the same thing is not attached twice."""
    said = [sorted((one.metric, one.group, one.value) for one in results), link, finding]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def by_metric(results: Iterable[Mapping[str, Any]]) -> dict[str, list[Result]]:
    """Stored results, metric by metric, in the order in which they were given."""
    found: dict[str, list[Result]] = {}
    for row in results:
        found.setdefault(row["metric"], []).append(Result(row["group"], row["metric"], float(row["value"])))
    return found


def spoken(metric: str, results: Sequence[Result]) -> str:
    """What a metric's numbers say in a sentence."""
    if len(results) == 1:
        return f"{metric} is {number(results[0].value)} for {results[0].group}."
    highest, lowest = max(results, key=lambda one: one.value), min(results, key=lambda one: one.value)
    if highest.value == lowest.value:
        return f"{metric} is {number(highest.value)} for all {len(results)} groups."
    apart = number(highest.value - lowest.value)
    return (
        f"{metric} lies between {number(lowest.value)} ({lowest.group}) and {number(highest.value)} ({highest.group}), "
        f"{apart} apart."
    )


def number(value: float) -> str:
    """A number with four digits that count, as people write it."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.3e}"


def _csv_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnreadableError(f"The file is no CSV: {error}.") from None
    filled = [(at, line) for at, line in enumerate(lines, start=1) if any(cell.strip() for cell in line)]
    head = [cell.strip().lower() for cell in filled[0][1]] if filled else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise UnreadableError(
            f"The first line has to name the columns group, metric and value; {_listed(missing)} is not there."
        )
    for at, line in filled[1:]:
        yield f"Line {at}", dict(zip(head, line, strict=False))


def _json_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableError(f"The file is no JSON{line}.") from None
    rows = data.get("results") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise UnreadableError(
            "The file has to hold a list of objects with group, metric and value, or it in “results”."
        )
    for at, row in enumerate(rows, start=1):
        yield f"Result {at}", row if isinstance(row, dict) else {}


def _result(row: Mapping[str, Any]) -> tuple[Result | None, str]:
    metric, group = _name(row.get("metric")), _name(row.get("group"))
    if not metric:
        return None, "it names no metric."
    if max(len(metric), len(group)) > NAME_LIMIT:
        return None, f"a name is longer than {NAME_LIMIT} characters."
    value = _value(row.get("value"))
    if value is None:
        return None, f"its value {str(row.get('value', ''))[:40]!r} is no number."
    return Result(group or WHOLE, metric, value), ""


def _name(given: Any) -> str:
    return re.sub(r"[\s\x00]+", " ", str(given)).strip() if isinstance(given, str | int | float) else ""


def _value(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        value = float(given.strip() if isinstance(given, str) else given)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _repeated(results: Sequence[Result]) -> list[str]:
    seen: set[tuple[str, str]] = set()
    twice = []
    for one in results:
        if (one.metric, one.group) in seen:
            twice.append(f"{one.metric} for {one.group} is there twice.")
        seen.add((one.metric, one.group))
    return twice


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
