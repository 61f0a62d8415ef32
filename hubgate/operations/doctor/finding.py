"""What a check says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"
Findings = Iterator[tuple[str, str, str]]  # level, what was found, what to do


@dataclass(frozen=True)
class Finding:
    """`check` is the thing looked at, `level` one of `ok`, `warning`, `error`; `do` is empty where nothing is to do."""

    check: str
    level: str
    found: str
    do: str
