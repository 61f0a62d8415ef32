"""The database's readiness, remembered from start to start: looking costs two seconds, and it seldom changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

READY = "database.ready"
DEMO = "demo.ready"


def is_ready(root: Path, data: Path, env: Mapping[str, str]) -> bool:
    """Whether `note_ready` was called for this very database with the migrations and packages that are here now."""
    return read_note(READY, root, data, env) is not None


def note_ready(root: Path, data: Path, env: Mapping[str, str]) -> None:
    """Remember that all migrations are applied and an operator exists."""
    write_note(READY, root, data, env, "")


def read_note(name: str, root: Path, data: Path, env: Mapping[str, str]) -> str | None:
    """What `write_note` was given for this very database with the migrations and packages that are here now."""
    note = data / name
    if not note.exists():
        return None
    fingerprint, _, text = note.read_text(encoding="utf-8").partition("\n")
    return text if fingerprint == _fingerprint(root, data, env) else None


def write_note(name: str, root: Path, data: Path, env: Mapping[str, str], text: str) -> None:
    """Remember that something was done to this very database, and a text about it."""
    (data / name).write_text(f"{_fingerprint(root, data, env)}\n{text}", encoding="utf-8")


def _fingerprint(root: Path, data: Path, env: Mapping[str, str]) -> str:
    """Changes with the migrations, the packages that bring some, and the database, as when a file is put back."""
    migrations = sorted(str(path.relative_to(root)) for path in root.glob("*/migrations/*.py"))
    migrations += sorted(str(path.relative_to(root)) for path in root.glob("hubgate/*/migrations/*.py"))
    sqlite = data / "hubgate.sqlite3"
    parts = [
        (root / "requirements.lock").read_text(encoding="utf-8"),
        *migrations,
        env.get("DATABASE_URL") or (str(sqlite.stat().st_ino) if sqlite.exists() else "no database"),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
