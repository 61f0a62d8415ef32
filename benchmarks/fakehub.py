"""A Hub that costs next to nothing: pages rendered beforehand, one process, one thread, no framework.

    python -m benchmarks.fakehub --pages FOLDER --port N

It answers what hubgate asks for (HC §1.1, §4, §7, §9): repository lists, cards, whoami, the four lists with `Link` and
`RateLimit` headers, `handle` and `batch`. A decision moves the row between its lists. Every call is noted with the time
at which it had arrived in full (`time.monotonic`, one clock for all processes of a machine). `GET /_/journal` gives the
notes, `DELETE /_/journal` begins anew.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import mmap
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from benchmarks.gen import ACCOUNT, CARD, PAGE, STATUSES, Dataset, Repo, wire_time

QUOTA = 1_000_000
_WINDOW_S = 300
_PAGES, _INDEX = "pages.bin", "index.json"


def render(dataset: Dataset, folder: Path) -> None:
    """Write the pages of a data set for a fake Hub to serve."""
    index: dict[str, Any] = {"rows": dataset.rows, "repos": []}
    with (folder / _PAGES).open("wb") as out:
        for repo in dataset.repositories:
            lists: dict[str, list[tuple[int, int]]] = {}
            for status, pages in dataset.pages(repo):
                lists[status] = []
                for page in pages:
                    lists[status].append((out.tell(), len(page)))
                    out.write(page)
            index["repos"].append({"name": repo.name, "lists": lists})
    (folder / _INDEX).write_bytes(orjson.dumps(index))


@dataclass(frozen=True)
class Request:
    """One request that arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    body: bytes | memoryview
    status: int = 200
    kind: str = "application/json"
    next_url: str = ""


class Lists:
    """The four lists of a repository in which something was decided."""

    def __init__(self, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
        self._items: dict[str, dict[str, Any]] = {}
        self._status: dict[str, str] = {}
        for status, item in rows:
            self._items[item["user"]["_id"]] = item
            self._status[item["user"]["_id"]] = status
        self._ids = {item["user"]["user"]: hub_id for hub_id, item in self._items.items()}
        self._cut: dict[str, list[dict[str, Any]]] = {}

    def of(self, status: str) -> list[dict[str, Any]]:
        """The items of one list."""
        if status not in self._cut:
            self._cut[status] = [item for hub_id, item in self._items.items() if self._status[hub_id] == status]
        return self._cut[status]

    def move(self, who: str, status: str) -> bool:
        """Put the row of a person (Hub id or user name) into a list; False where there is none."""
        hub_id = who if who in self._items else self._ids.get(who)
        if hub_id is None:
            return False
        self._status[hub_id] = status
        item = {**self._items[hub_id], "status": status, "reviewedAt": wire_time(datetime.now(UTC))}
        if status == "pending":
            del item["reviewedAt"]
        self._items[hub_id] = item
        self._cut.clear()
        return True


class FakeHub:
    """The data, and what was done with it."""

    def __init__(self, folder: Path, origin: str) -> None:
        index = orjson.loads((folder / _INDEX).read_bytes())
        self._origin = origin
        with (folder / _PAGES).open("rb") as pages:
            self._bytes = memoryview(mmap.mmap(pages.fileno(), 0, access=mmap.ACCESS_READ))
        self._places: dict[str, dict[str, list[tuple[int, int]]]] = {
            repo["name"]: repo["lists"] for repo in index["repos"]
        }
        dataset = Dataset(index["rows"])
        self._repos = {repo.name: repo for repo in dataset.repositories}
        self._namespaces = dataset.namespaces
        self._moved: dict[str, Lists] = {}  # by repository, once something was decided there
        self._since: dict[tuple[str, str, str], bytes] = {}
        self._used = 0
        self._renewed = time.monotonic()
        self.journal: list[tuple[float, str, str, int]] = []  # arrived, kind of call, what it was about, status
        self.decided: list[tuple[float, str, str]] = []  # arrived, person's Hub id, status

    def headers(self) -> str:
        """The budget after one more call, as the Hub words it (HC §9)."""
        now = time.monotonic()
        if now - self._renewed > _WINDOW_S:
            self._used, self._renewed = 0, now
        self._used += 1
        left = int(_WINDOW_S - (now - self._renewed)) + 1
        budget = f'RateLimit: "api";r={QUOTA - self._used};t={left}\r\n'
        return f'{budget}RateLimit-Policy: "fixed window";"api";q={QUOTA};w={_WINDOW_S}\r\n'

    def answer(self, request: Request) -> Reply:
        """The reply to a request that has just arrived."""
        arrived = time.monotonic()
        parts = unquote(request.path).strip("/").split("/")
        if parts[0] == "_":
            return self._own(request)
        kind, about, reply = self._route(request, parts, arrived)
        self.journal.append((arrived, kind, about, reply.status))
        return reply

    def _own(self, request: Request) -> Reply:
        if request.method == "DELETE":
            self.journal.clear()
            self.decided.clear()
        calls = Counter(kind for _, kind, _, _ in self.journal)
        return Reply(orjson.dumps({"calls": calls, "journal": self.journal, "decided": self.decided}))

    def _route(self, request: Request, parts: list[str], arrived: float) -> tuple[str, str, Reply]:
        if parts[:2] == ["api", "whoami-v2"]:
            return "whoami", "", Reply(orjson.dumps(self._whoami()))
        if parts[:1] == ["api"] and len(parts) == 2:
            return "repositories", parts[1], Reply(orjson.dumps(self._repositories(parts[1], request)))
        if len(parts) >= 5 and parts[2] == "resolve":
            return "card", "/".join(parts[:2]), Reply(CARD.encode(), kind="text/markdown; charset=utf-8")
        name = "/".join(parts[2:4])
        if parts[:2] != ["api", "models"] or name not in self._repos:
            return "unknown", request.path, _error(404, "Repository not found")
        if len(parts) == 4:
            return "info", name, Reply(orjson.dumps(_info(self._repos[name])))
        if parts[4:5] == ["user-access-request"] and len(parts) == 6:
            verb = parts[5]
            if request.method == "GET" and verb in STATUSES:
                return f"list {verb}", name, self._list(name, verb, request.query)
            if request.method == "POST" and verb in ("handle", "batch", "grant"):
                return verb, name, self._decide(name, verb, orjson.loads(request.body), arrived)
        return "unknown", request.path, _error(404, "Not found")

    def _list(self, name: str, status: str, query: dict[str, list[str]]) -> Reply:
        number, after = int(query.get("page", ["0"])[0]), query.get("after", [""])[0]
        if after:
            return Reply(self._newer(name, status, after))
        if name in self._moved:
            items = self._moved[name].of(status)
            body: bytes | memoryview = orjson.dumps(items[number * PAGE : (number + 1) * PAGE])
            more = len(items) > (number + 1) * PAGE
        else:
            places = self._places[name][status]
            start, length = places[number]
            body, more = self._bytes[start : start + length], number + 1 < len(places)
        link = f"{self._origin}/api/models/{name}/user-access-request/{status}?limit={PAGE}&page={number + 1}"
        return Reply(body, next_url=link if more else "")

    def _newer(self, name: str, status: str, after: str) -> bytes:
        """The rows asked since, which are at the beginning of a list; one page, as nobody asks here meanwhile."""
        key = (name, status, after)
        if name in self._moved:
            return orjson.dumps([item for item in self._moved[name].of(status) if item["timestamp"] >= after])
        if key not in self._since:
            start, length = self._places[name][status][0]
            items = orjson.loads(self._bytes[start : start + length])
            self._since[key] = orjson.dumps([item for item in items if item["timestamp"] >= after])
        return self._since[key]

    def _decide(self, name: str, verb: str, wanted: dict[str, Any], arrived: float) -> Reply:
        status = "accepted" if verb == "grant" else wanted["status"]
        targets = wanted["requests"] if verb == "batch" else [wanted]
        lists = self._lists(name)
        results = []
        for target in targets:
            moved = lists.move(str(target.get("userId") or target.get("user")), status)
            results.append({**target, "ok": True} if moved else {**target, "ok": False, "error": "request_not_found"})
            self.decided.append((arrived, str(target.get("userId") or target.get("user")), status))
        if verb == "batch":
            return Reply(orjson.dumps(results))
        if not results[0]["ok"]:
            return _error(404, "No access request found matching your criteria")
        return Reply(b"{}")

    def _lists(self, name: str) -> Lists:
        if name not in self._moved:
            self._moved[name] = Lists(
                (status, item)
                for status, places in self._places[name].items()
                for start, length in places
                for item in orjson.loads(self._bytes[start : start + length])
            )
        return self._moved[name]

    def _repositories(self, kind: str, request: Request) -> list[dict[str, Any]]:
        if kind != "models":
            return []
        author = request.query.get("author", [""])[0]
        return [_info(repo) for repo in self._repos.values() if repo.namespace == author]

    def _whoami(self) -> dict[str, Any]:
        return {
            "type": "user",
            "id": "5" * 24,
            "name": ACCOUNT,
            "fullname": "Bench Owner",
            "isPro": True,
            "orgs": [{"type": "org", "name": name, "roleInOrg": "admin"} for name in self._namespaces],
            "auth": {"type": "access_token", "accessToken": {"displayName": "write", "role": "write"}},
        }


def _info(repo: Repo) -> dict[str, Any]:
    at = "2026-01-01T00:00:00.000Z"
    return {
        "_id": repo.hub_id,
        "id": repo.name,
        "author": repo.namespace,
        "gated": "manual",
        "private": False,
        "disabled": False,
        "sha": repo.sha,
        "tags": [],
        "createdAt": at,
        "lastModified": at,
    }


def _error(status: int, text: str) -> Reply:
    return Reply(orjson.dumps({"error": text}), status=status)


class Connection(asyncio.Protocol):
    """HTTP/1.1 with a Content-Length, kept alive."""

    def __init__(self, hub: FakeHub) -> None:
        self._hub = hub
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A caller is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer all requests that have come in full."""
        self._held += data
        while (head_end := self._held.find(b"\r\n\r\n")) >= 0:
            lines = self._held[:head_end].decode("latin-1").split("\r\n")
            lengths = [int(line[15:]) for line in lines if line[:15].lower() == "content-length:"]
            end = head_end + 4 + (lengths[0] if lengths else 0)
            if len(self._held) < end:
                return
            body, self._held = self._held[head_end + 4 : end], self._held[end:]
            method, target, _ = lines[0].split(" ", 2)
            url = urlsplit(target)
            self._send(self._hub.answer(Request(method, url.path, parse_qs(url.query), body)))

    def _send(self, reply: Reply) -> None:
        head = f"HTTP/1.1 {reply.status} .\r\nContent-Type: {reply.kind}\r\nContent-Length: {len(reply.body)}\r\n"
        head += self._hub.headers()
        if reply.next_url:
            head += f'Link: <{reply.next_url}>; rel="next"\r\n'
        self._transport.writelines([head.encode("latin-1"), b"\r\n", reply.body])


async def serve(folder: Path, port: int) -> None:
    """Serve until killed."""
    hub = FakeHub(folder, f"http://127.0.0.1:{port}")
    gc.freeze()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(hub), "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.pages, options.port))


if __name__ == "__main__":
    main()
