"""Doors write nothing themselves: they call an action."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOORS = ("views", "api", "wire", "forms", "tasks", "templatetags")
WRITES = {"save", "update", "delete", "create", "get_or_create", "update_or_create", "execute", "executemany"}


def door_files() -> Iterator[Path]:
    """The files of every door of every app; the local Hub is a program of its own, with a store of its own."""
    for package in ("hubgate", "repos", "tagging", "access"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if set(parts) & set(DOORS) and "localhub" not in parts:
                yield path


def writes(source: str) -> list[str]:
    """Calls in the source that may write to the database, as "line: name"."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            on_super = isinstance(node.func.value, ast.Call) and ast.unparse(node.func.value.func) == "super"
            if (name in WRITES or name.startswith("bulk_")) and not on_super:
                found.append(f"{node.lineno}: {name}")
    return found


def test_no_door_writes():
    files = list(door_files())
    assert files
    found = {str(path.relative_to(ROOT)): writes(path.read_text()) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "request.save()",
        "AccessRequest.objects.filter(pk=1).update(status='accepted')",
        "queryset.delete()",
        "Model.objects.create(a=1)",
        "Model.objects.bulk_create(rows)",
        "cursor.execute('UPDATE t SET a = 1')",
    ],
)
def test_a_write_is_found(line: str):
    assert writes(line)
