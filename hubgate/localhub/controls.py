"""What the control door switches, kept in the memory of the one worker process: a restart starts with the defaults."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

# The Hub's largest documented quotas (HC §9), so that only a test that lowers them meets a 429.
QUOTAS = {"api": 100_000, "resolvers": 500_000, "pages": 10_000}


@dataclass
class Controls:
    # Where callers reach this process: what is said outside an answer (webhooks) names addresses by it.
    origin: str = "http://127.0.0.1:8001"
    request_ids: bool = True
    lag: float = 0.0
    quotas: dict[str, int] = field(default_factory=lambda: dict(QUOTAS))
    # repo id → person id → (row as it was, or None; monotonic time until which lists show it)
    lagging: dict[int, dict[int, tuple[Any, float]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def remember(self, repo_id: int, person_id: int, before: Any) -> None:
        """Notes the row as lists are to show it while the lag lasts. A second write keeps the older row."""
        if self.lag <= 0:
            return
        with self.lock:
            people = self.lagging.setdefault(repo_id, {})
            current = people.get(person_id)
            if current is None or current[1] <= time.monotonic():
                people[person_id] = (before, time.monotonic() + self.lag)

    def shown_late(self, repo_id: int) -> dict[int, Any]:
        """Rows of a repository that lists still show in an older state, by person."""
        if repo_id not in self.lagging:
            return {}
        with self.lock:
            moment = time.monotonic()
            people = {key: kept for key, kept in self.lagging[repo_id].items() if kept[1] > moment}
            self.lagging[repo_id] = people
            return {key: row for key, (row, _) in people.items()}

    def restore(self) -> None:
        fresh = Controls()
        self.request_ids, self.lag, self.quotas, self.lagging = fresh.request_ids, fresh.lag, fresh.quotas, {}


CONTROLS = Controls()
