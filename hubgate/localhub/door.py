"""`ControlDoor`: arranges a running local Hub for tests and benchmarks. What each call takes: `views/control.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx2

Json = dict[str, Any]


class DoorError(Exception):
    """The control door refused; the text says why."""


class ControlDoor:
    """The control door of the local Hub at `base_url` ("http://127.0.0.1:8001").

    >>> door = ControlDoor(url)
    >>> door.reset()
    >>> owner = door.person("aurora")["tokens"][0]  # doctest: +SKIP
    >>> door.repo("aurora/model", gated="manual", files={"README.md": "hello"})
    >>> door.requests("aurora/model", [{"user": "kim", "status": "pending"}])
    """

    def __init__(self, base_url: str, timeout: float = 120) -> None:
        self.base_url = base_url.rstrip("/")
        self._client = httpx2.Client(base_url=f"{self.base_url}/_control", timeout=timeout)

    def close(self) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One call of the door; `DoorError` when it refuses."""
        response = self._client.request(method, path, json=body)
        if response.status_code != 200:
            raise DoorError(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response.json()

    def ready(self) -> bool:
        """Whether the local Hub answers."""
        try:
            return bool(self._client.get("/ready").status_code == 200)
        except httpx2.TransportError:
            return False

    def reset(self, seed: str = "empty") -> None:
        """Everything afresh: store, journal, faults, switches, clock."""
        self.call("POST", "/reset", {"seed": seed})

    def person(self, name: str, *, tokens: Sequence[Json] = ({},), **values: Any) -> Json:
        """Makes a person, by default with one write token: {_id, name, tokens: [secret]}."""
        return dict(self.call("POST", "/people", {"people": [{"name": name, "tokens": list(tokens), **values}]})[0])

    def org(self, name: str, members: Mapping[str, str | None] | None = None, **values: Any) -> Json:
        """Makes an organisation with members by role: {_id, name}."""
        return dict(self.call("POST", "/orgs", {"orgs": [{"name": name, "members": dict(members or {}), **values}]})[0])

    def token(self, person: str, **values: Any) -> str:
        """Makes a token of a person, or changes the one with this `secret`; gives its secret."""
        return str(self.call("POST", "/tokens", {"tokens": [{"person": person, **values}]})[0]["token"])

    def repo(self, repo: str, **values: Any) -> Json:
        """Makes a repository or changes it: {_id, id, sha}."""
        return dict(self.call("POST", "/repos", {"repos": [{"repo": repo, **values}]})[0])

    def commit(self, repo: str, files: Mapping[str, Any], **values: Any) -> str:
        """Changes some files; gives the new commit's id."""
        return str(self.call("POST", "/commits", {"repo": repo, "files": dict(files), **values})["sha"])

    def delete_repo(self, repo: str, type: str = "model") -> None:
        self.call("POST", "/repos/delete", {"repo": repo, "type": type})

    def move_repo(self, repo: str, to: str, type: str = "model") -> None:
        self.call("POST", "/repos/move", {"repo": repo, "type": type, "to": to})

    def requests(self, repo: str, rows: Sequence[Json], type: str = "model") -> list[Json]:
        """Puts requests into a state: [{user, requestId, userId}]."""
        return list(self.call("POST", "/requests", {"repo": repo, "type": type, "requests": list(rows)}))

    def generate(self, repo: str, count: int, **values: Any) -> None:
        """Makes many requests at once; see `arrange.generate`."""
        self.call("POST", "/requests/generate", {"repo": repo, "count": count, **values})

    def delete_requests(self, repo: str, users: Sequence[str] | None = None, type: str = "model") -> int:
        chosen = {} if users is None else {"users": list(users)}
        return int(self.call("POST", "/requests/delete", {"repo": repo, "type": type, **chosen})["count"])

    def rows(self, repo: str, type: str = "model") -> list[Json]:
        """All requests of a repository with the reasons given, oldest row first."""
        return list(self.call("GET", f"/requests?{urlencode({'repo': repo, 'type': type})}"))

    def row(self, repo: str, user: str, type: str = "model") -> Json | None:
        return next((row for row in self.rows(repo, type) if row["user"] == user), None)

    def settings(self, **values: Any) -> Json:
        """Switches: requestIds, lag, clockOffset (seconds), quotas."""
        return dict(self.call("PUT", "/settings", values))

    def journal(self, after: int = 0, *, method: str = "", path: str = "") -> list[Json]:
        """Calls since a sequence number, those with this method and this text in their path."""
        entries = self.call("GET", f"/journal?after={after}")
        return [one for one in entries if (not method or one["method"] == method) and path in one["path"]]

    def clear_journal(self) -> None:
        self.call("DELETE", "/journal")

    def fault(self, kind: str, **values: Any) -> Json:
        """Adds a fault rule; see `faults.py` for the kinds."""
        return dict(self.call("POST", "/faults", {"kind": kind, **values}))

    def faults(self) -> list[Json]:
        return list(self.call("GET", "/faults"))

    def clear_faults(self) -> None:
        self.call("DELETE", "/faults")
