"""Floor of a sync: pages → orjson → COPY into a temporary table → one upsert, 10,000 rows at a time, commit each.

    python -m benchmarks.floors.copy_upsert --pages FOLDER --table bare|product --mode fresh|same

`bare` is a table of requests with a primary key and three indexes; `product` is hubgate's own two tables with all their
indexes and keys (people first, then requests). `same` leaves out by an anti-join what is held already as it comes. The
database is `DATABASE_URL`. Prints seconds, rows and the peak memory in MB as JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg2

from benchmarks.cluster import peak_mb

CHUNK = 10_000
BARE = """
CREATE TABLE floor_request (
    id bigserial PRIMARY KEY, repo_id int NOT NULL, request_id text NOT NULL, user_id text NOT NULL,
    username text NOT NULL, fullname text NOT NULL, email text NOT NULL, status text NOT NULL,
    asked_at timestamptz NOT NULL, reviewed_at timestamptz, answers jsonb NOT NULL,
    UNIQUE (repo_id, request_id), UNIQUE (repo_id, user_id)
);
CREATE INDEX ON floor_request (status, repo_id, asked_at, id);
"""
_INCOMING = """
CREATE TEMP TABLE incoming (
    repo_id bigint, request_id text, user_id text, username text, fullname text, email text, avatar_url text,
    orgs jsonb, status text, asked_at timestamptz, reviewed_at timestamptz, answers jsonb, search_text text
)
"""
_BARE_COLUMNS = "repo_id, request_id, user_id, username, fullname, email, status, asked_at, reviewed_at, answers"
_BARE_UPSERT = f"""
INSERT INTO floor_request ({_BARE_COLUMNS})
SELECT {_BARE_COLUMNS} FROM incoming
ON CONFLICT (repo_id, request_id) DO UPDATE SET
    status = excluded.status, asked_at = excluded.asked_at, reviewed_at = excluded.reviewed_at,
    answers = excluded.answers, username = excluded.username, fullname = excluded.fullname, email = excluded.email
WHERE (floor_request.status, floor_request.asked_at, floor_request.reviewed_at, floor_request.answers)
    IS DISTINCT FROM (excluded.status, excluded.asked_at, excluded.reviewed_at, excluded.answers)
"""
_BARE_SAME = """
DELETE FROM incoming USING floor_request AS held
WHERE held.repo_id = incoming.repo_id AND held.request_id = incoming.request_id
  AND (held.status, held.asked_at, held.reviewed_at, held.answers, held.username, held.fullname, held.email)
      IS NOT DISTINCT FROM (incoming.status, incoming.asked_at, incoming.reviewed_at, incoming.answers,
                            incoming.username, incoming.fullname, incoming.email)
"""
_PEOPLE = """
INSERT INTO accounts_hubidentity (hub_id, username, fullname, avatar_url, is_pro, verified_orgs, first_seen_at)
SELECT DISTINCT ON (user_id) user_id, username, fullname, avatar_url, false, orgs, now() FROM incoming
ON CONFLICT (hub_id) DO UPDATE SET username = excluded.username, fullname = excluded.fullname
WHERE (accounts_hubidentity.username, accounts_hubidentity.fullname)
    IS DISTINCT FROM (excluded.username, excluded.fullname)
"""
_REQUESTS = {
    "repository_id": "i.repo_id",
    "person_id": "person.id",
    "hub_request_id": "i.request_id",
    "status": "i.status",
    "hub_status": "i.status",
    "via": "'hub'",
    "asked_at": "i.asked_at",
    "email": "i.email",
    "email_domain": "split_part(i.email, '@', 2)",
    "email_kind": "'free'",
    "answers": "i.answers",
    "search_text": "i.search_text",
    "country": "i.answers ->> 'Country'",
    "decided_at": "i.reviewed_at",
    "hub_reviewed_at": "i.reviewed_at",
    "hub_seen_at": "now()",
    "hub_digest": "md5(i.answers::text)",
    "created_at": "now()",
}
_PRODUCT_SAME = """
DELETE FROM incoming USING access_accessrequest AS held, accounts_hubidentity AS person
WHERE held.repository_id = incoming.repo_id AND held.hub_request_id = incoming.request_id AND person.id = held.person_id
  AND (held.hub_status, held.asked_at, held.hub_reviewed_at, held.answers, held.email, person.username, person.fullname)
      IS NOT DISTINCT FROM (incoming.status, incoming.asked_at, incoming.reviewed_at, incoming.answers, incoming.email,
                            incoming.username, incoming.fullname)
"""
_ZERO = {
    "boolean": "false",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
    "text": "''",
    "character varying": "''",
}


def read_rows(folder: Path, ids: dict[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every item of the pages that the fake Hub serves, with its repository's id."""
    index = orjson.loads((folder / "index.json").read_bytes())
    with (folder / "pages.bin").open("rb") as pages:
        for repo in index["repos"]:
            for places in repo["lists"].values():
                for start, length in places:
                    pages.seek(start)
                    for item in orjson.loads(pages.read(length)):
                        yield ids[repo["name"]], item


def line_of(repo_id: int, item: dict[str, Any]) -> str:
    """An item as a line of COPY."""
    user, fields = item["user"], item["fields"]
    words = f"{user['user']} {user['fullname']} {user['email']} {' '.join(fields.values())}".lower()
    cells = (
        str(repo_id), item["requestId"], user["_id"], user["user"], user["fullname"], user["email"],
        user["avatarUrl"], orjson.dumps(user["verifiedOrgNames"]).decode(), item["status"], item["timestamp"],
        item.get("reviewedAt") or "\\N", orjson.dumps(fields).decode(), words,
    )  # fmt: skip
    return "\t".join(cells)


def product_upsert(cursor: Any) -> str:
    """The INSERT into hubgate's table of requests; columns of it that the floor does not know get an empty value."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'access_accessrequest'"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
    )
    rest = {name: _ZERO.get(kind, "0") for name, kind in cursor.fetchall() if name not in _REQUESTS}
    wanted = {**_REQUESTS, **rest}
    return f"""
        INSERT INTO access_accessrequest ({", ".join(wanted)})
        SELECT {", ".join(wanted.values())}
        FROM incoming AS i JOIN accounts_hubidentity AS person ON person.hub_id = i.user_id
        ON CONFLICT (repository_id, hub_request_id) WHERE hub_request_id IS NOT NULL DO UPDATE SET
            status = excluded.status, hub_status = excluded.hub_status, asked_at = excluded.asked_at,
            answers = excluded.answers, hub_reviewed_at = excluded.hub_reviewed_at
        WHERE (access_accessrequest.hub_status, access_accessrequest.asked_at, access_accessrequest.answers)
            IS DISTINCT FROM (excluded.hub_status, excluded.asked_at, excluded.answers)
    """  # noqa: S608


def sync(folder: Path, table: str, mode: str) -> dict[str, Any]:
    """Take all pages in. Gives what was measured."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = connection.cursor()
    if table == "bare":
        names = [repo["name"] for repo in orjson.loads((folder / "index.json").read_bytes())["repos"]]
        ids = {name: number for number, name in enumerate(names)}
        statements = [_BARE_UPSERT] if mode == "fresh" else [_BARE_SAME, _BARE_UPSERT]
    else:
        cursor.execute("SELECT name, id FROM repos_repository")
        ids = dict(cursor.fetchall())
        upsert = product_upsert(cursor)
        statements = [_PEOPLE, upsert] if mode == "fresh" else [_PRODUCT_SAME, _PEOPLE, upsert]
    cursor.execute(_INCOMING)
    connection.commit()
    began, rows = time.perf_counter(), 0
    lines: list[str] = []

    def store() -> None:
        cursor.execute("TRUNCATE incoming")
        cursor.copy_expert("COPY incoming FROM STDIN", io.StringIO("\n".join(lines).replace("\\u", "\\\\u")))
        for statement in statements:
            cursor.execute(statement)
        connection.commit()
        lines.clear()

    for repo_id, item in read_rows(folder, ids):
        lines.append(line_of(repo_id, item))
        rows += 1
        if len(lines) == CHUNK:
            store()
    store()
    seconds = time.perf_counter() - began
    connection.close()
    return {"seconds": seconds, "rows": rows, "peak_mb": peak_mb()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--table", choices=("bare", "product"), required=True)
    parser.add_argument("--mode", choices=("fresh", "same"), required=True)
    options = parser.parse_args()
    json.dump(sync(options.pages, options.table, options.mode), sys.stdout)


if __name__ == "__main__":
    main()
