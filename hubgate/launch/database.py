"""The database's readiness, remembered from start to start: looking costs two seconds, and it seldom changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

_NOTE = "database.ready"


def is_ready(root: Path, data: Path, env: Mapping[str, str]) -> bool:
    """Whether `note_ready` was called for this very database with the migrations and packages that are here now."""
    note = data / _NOTE
    return note.exists() and note.read_text(encoding="utf-8") == _fingerprint(root, data, env)


def note_ready(root: Path, data: Path, env: Mapping[str, str]) -> None:
    """Remember that all migrations are applied and an operator exists."""
    (data / _NOTE).write_text(_fingerprint(root, data, env), encoding="utf-8")


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
