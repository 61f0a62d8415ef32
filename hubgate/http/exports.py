"""Many lines as a file that is made while it is sent: CSV that no spreadsheet takes for formulas, or JSON lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

CSV = "csv"
JSON_LINES = "jsonl"
TYPES = {CSV: "text/csv; charset=utf-8", JSON_LINES: "application/x-ndjson"}
# What makes a spreadsheet compute a cell: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The lines of a CSV file in UTF-8, the mark before it by which spreadsheets know. None is an empty cell."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    yield writer.writerow([as_text(cell) for cell in header])
    for row in rows:
        yield writer.writerow([as_text(cell) for cell in row])


def json_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One JSON object a line. Times are in ISO 8601 with their zone."""
    for row in rows:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def as_text(cell: Any) -> str:
    """A cell that a spreadsheet shows and never computes: an apostrophe goes before what it would take for a
    formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> bytes:
        return line.encode("utf-8", "replace")
