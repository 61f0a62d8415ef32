"""Floor of a sync on SQLite: the same pages → orjson → upsert into a bare table with three indexes, 10,000 rows a
commit.

    python -m benchmarks.floors.sqlite_upsert --pages FOLDER --file FILE

Prints seconds, rows and the peak memory in MB as JSON.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from benchmarks.cluster import peak_mb
from benchmarks.floors.copy_upsert import CHUNK, read_rows

_TABLE = """
CREATE TABLE floor_request (
    id integer PRIMARY KEY, repo_id int NOT NULL, request_id text NOT NULL, user_id text NOT NULL,
    username text NOT NULL, fullname text NOT NULL, email text NOT NULL, status text NOT NULL,
    asked_at text NOT NULL, reviewed_at text, answers text NOT NULL,
    UNIQUE (repo_id, request_id), UNIQUE (repo_id, user_id)
);
CREATE INDEX floor_status ON floor_request (status, repo_id, asked_at, id);
"""
_UPSERT = """
INSERT INTO floor_request
    (repo_id, request_id, user_id, username, fullname, email, status, asked_at, reviewed_at, answers)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (repo_id, request_id) DO UPDATE SET
    status = excluded.status, asked_at = excluded.asked_at, reviewed_at = excluded.reviewed_at,
    answers = excluded.answers
WHERE status <> excluded.status OR asked_at <> excluded.asked_at OR answers <> excluded.answers
"""


def sync(folder: Path, file: Path) -> dict[str, Any]:
    """Take all pages in. Gives what was measured."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_TABLE}")
    names = [repo["name"] for repo in orjson.loads((folder / "index.json").read_bytes())["repos"]]
    ids = {name: number for number, name in enumerate(names)}
    began = time.perf_counter()
    held: list[tuple[Any, ...]] = []

    def store() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_UPSERT, held)
        connection.execute("COMMIT")
        held.clear()

    for repo_id, item in read_rows(folder, ids):
        user = item["user"]
        held.append(
            (repo_id, item["requestId"], user["_id"], user["user"], user["fullname"], user["email"], item["status"],
             item["timestamp"], item.get("reviewedAt"), orjson.dumps(item["fields"]).decode())
        )  # fmt: skip
        if len(held) == CHUNK:
            store()
    store()
    seconds = time.perf_counter() - began
    stored = connection.execute("SELECT count(*) FROM floor_request").fetchone()[0]
    connection.close()
    return {"seconds": seconds, "rows": stored, "peak_mb": peak_mb()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--file", type=Path, required=True)
    options = parser.parse_args()
    json.dump(sync(options.pages, options.file), sys.stdout)


if __name__ == "__main__":
    main()
