"""Floor of a decision on many requests: one UPDATE, its audit events and its outbox items, in one transaction."""

from __future__ import annotations

import json
import time
from typing import Any

from benchmarks.measure import require

_UPDATE = """
UPDATE access_accessrequest request SET
    status = 'accepted', reason = '', cause = 'reviewer', decided_at = now(), decided_by_label = 'a benchmark',
    before = jsonb_build_object('status', status, 'cause', cause, 'reason', reason, 'decided_at', decided_at)
WHERE id = ANY(%s) AND status = 'pending'
RETURNING id, repository_id
"""
_AUDIT = (
    "at", "event", "actor_kind", "actor_label", "subject_type", "subject_id", "subject_label", "repository_id", "cause",
    "data", '"group"',
)  # fmt: skip
_OUTBOX = "kind", "key", "scope", "wanted", "done", "claimed", "due_at", "lease", "attempts", "last_error"


def decide(connection: Any, ids: list[int]) -> float:
    """Accept these requests; gives the seconds up to and with the commit. RuntimeError when one did not wait."""
    from psycopg2.extras import execute_values

    began = time.perf_counter()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM access_accessrequest WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
        cursor.execute(_UPDATE, [ids])
        found = cursor.fetchall()
        cursor.execute("SELECT now(), gen_random_uuid()")
        now, group = cursor.fetchone()
        data = json.dumps({"before": "pending", "reason": "", "person": "somebody"})
        events = [
            (
                now,
                "access.accepted",
                "person",
                "a benchmark",
                "access_request",
                pk,
                "a request",
                repo,
                "reviewer",
                data,
                group,
            )
            for pk, repo in found
        ]
        items = [("access.push", str(pk), str(repo), 1, 0, 0, now, "", 0, "") for pk, repo in found]
        audit = f"INSERT INTO audit_auditevent ({', '.join(_AUDIT)}) VALUES %s"  # noqa: S608
        execute_values(cursor, audit, events, page_size=5000)
        outbox = f"INSERT INTO outbox_outboxitem ({', '.join(_OUTBOX)}) VALUES %s"  # noqa: S608
        execute_values(cursor, outbox, items, page_size=5000)
    seconds = time.perf_counter() - began
    require(len(found) == len(ids), f"the floor decided {len(found)} of {len(ids)}")
    return seconds
