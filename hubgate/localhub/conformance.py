"""Runs conformance cases: `python -m hubgate.localhub.conformance FILE… [--target local-hub]`.

For each case the state of `pre` is arranged through the control door, `steps` are fired, then the request, and the
answer is compared. Prints the ids that failed with the reason and `N passed, M failed`; exit status 1 if any failed, 2
if a file cannot be read or the target is unknown.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from hubgate.localhub import clock, fixtures
from hubgate.localhub.comparison import Answer, Context, differences
from hubgate.localhub.door import ControlDoor, DoorError
from hubgate.localhub.process import running

TARGETS = ("local-hub",)
KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}
AGE = timedelta(hours=2)
PEOPLE = {"owner": fixtures.OWNER, "requester": fixtures.REQUESTER}


class Unreadable(Exception):
    """A case file that cannot be run; the text says which and why."""


def load(path: Path) -> list[dict[str, Any]]:
    """The cases of a file: a JSON array of objects with `id`, `method`, `path` and `expect`."""
    try:
        cases = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Unreadable(f"{path}: is no JSON: {error}") from None
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise Unreadable(f"{path}: must hold an array of cases")
    for number, case in enumerate(cases, 1):
        missing = [key for key in ("id", "method", "path", "expect") if key not in case]
        if missing or "status" not in case.get("expect", {}):
            raise Unreadable(
                f"{path}: case {case.get('id', number)}: {', '.join(missing) or 'expect.status'} is missing"
            )
    return cases


class Runner:
    """Runs cases against the local Hub behind a door."""

    def __init__(self, door: ControlDoor) -> None:
        self.door = door
        self.client = httpx2.Client(base_url=door.base_url, timeout=30, follow_redirects=False)

    def close(self) -> None:
        self.client.close()

    def run(self, case: Mapping[str, Any]) -> list[str]:
        """What is wrong with the answer to a case; empty when it passed."""
        self.door.reset("conformance")
        people = self.door.call("POST", "/people", {"people": [{"name": name} for name in PEOPLE.values()]})
        ids = {f"{role}._id": person["_id"] for role, person in zip(PEOPLE, people, strict=True)}
        steps = case.get("steps") or ()
        repo, kind = target(case["path"])
        for one in dict.fromkeys(target(request["path"]) for request in (*steps, case)):
            ids |= self._arrange(case.get("pre") or {}, *one)
        context = Context(self.door.base_url, _files(repo), self._entries(repo, kind), time.time())
        for step in steps:
            self._send(step, ids)
            context.last_step = time.time()
        return differences(_filled(case["expect"], ids), self._send(case, ids), context)

    def _arrange(self, pre: Mapping[str, Any], repo: str, kind: str) -> dict[str, str]:
        """Arranges a case's `pre` in the repository that it names; gives the request ids by role."""
        known = next((one for one in fixtures.REPOS if one["repo"] == repo), None)
        if not repo or repo in fixtures.ABSENT or (known is None and not pre):
            return {}
        if kind != "model" or pre:
            self._repository(pre, repo, kind, known or fixtures.REPOS[0])
        made = datetime.now(UTC) - AGE
        ids = {}
        for role, key in (("requester", "requester"), ("owner", "owner_entry")):
            status = pre.get(key) or "none"
            if status == "none":
                continue
            entry = {"user": PEOPLE[role], "status": status, "timestamp": clock.wire(made)}
            if status != "pending":
                entry["reviewedAt"] = clock.wire(made + AGE / 2)
            if status == "accepted":
                entry["grantedBy"] = fixtures.OWNER
            ids[f"{role}.requestId"] = self.door.requests(repo, [entry], kind)[0]["requestId"]
        return ids

    def _repository(self, pre: Mapping[str, Any], repo: str, kind: str, base: Mapping[str, Any]) -> None:
        owner = repo.partition("/")[0]
        if owner not in (fixtures.OWNER, fixtures.REQUESTER, fixtures.OTHER):
            self.door.org(owner)
        values: dict[str, Any] = {"type": kind, "gated": pre.get("gated", base["gated"]), "files": dict(base["files"])}
        if pre.get("private") is not None:
            values["private"] = pre["private"]
        if pre.get("card_fields"):
            lines = json.dumps({"license": "mit", "extra_gated_fields": pre["card_fields"]}, ensure_ascii=False)
            values["files"]["README.md"] = f"---\n{lines}\n---\n\n# {repo.partition('/')[2]}\n"
        self.door.repo(repo, **values)

    def _entries(self, repo: str, kind: str) -> dict[str, dict[str, Any]]:
        """What lists say of the arranged repository's requests now, by user name; nothing if it is not there."""
        try:
            rows = self.door.rows(repo, kind)
        except DoorError:
            return {}
        return {row["user"]: {key: value for key, value in row.items() if value is not None} for row in rows}

    def _send(self, request: Mapping[str, Any], ids: Mapping[str, str]) -> Answer:
        headers = {"Authorization": request["auth"]} if request.get("auth") else _bearer(request.get("as", "anonymous"))
        body = _filled(request.get("body"), ids)
        encoding = request.get("body_encoding", "none" if body is None else "json")
        options: dict[str, Any] = {}
        if encoding == "json":
            options["json"] = body
        elif encoding == "form":
            options["data"] = body
        elif encoding == "raw":
            options["content"] = str(body).encode()
        elif encoding != "none":
            raise Unreadable(f"unknown body_encoding {encoding!r}")
        response = self.client.request(request["method"], _filled(request["path"], ids), headers=headers, **options)
        return Answer(
            response.status_code, {key.lower(): value for key, value in response.headers.items()}, response.content
        )


def target(path: str) -> tuple[str, str]:
    """The repository that a path names and its type: ("owner/name", "model"); ("", "model") if it names none."""
    parts = path.partition("?")[0].strip("/").split("/")
    if parts[0] == "api":
        if len(parts) >= 4 and parts[1] in KINDS:
            return "/".join(parts[2:4]), KINDS[parts[1]]
        return "", "model"
    if parts[0] in ("datasets", "spaces"):
        return ("/".join(parts[1:3]), KINDS[parts[0]]) if len(parts) >= 3 else ("", "model")
    return ("/".join(parts[:2]), "model") if len(parts) >= 2 else ("", "model")


def _bearer(role: str) -> dict[str, str]:
    if role == "anonymous":
        return {}
    if role not in fixtures.TOKENS:
        raise Unreadable(f"unknown `as` {role!r}; known are anonymous, {', '.join(sorted(fixtures.TOKENS))}")
    return {"Authorization": f"Bearer {fixtures.TOKENS[role]}"}


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    """`{{requester._id}}` and its kin replaced by what was arranged."""
    if isinstance(value, str):
        for name, text in ids.items():
            value = value.replace("{{" + name + "}}", text)
        return value
    if isinstance(value, list):
        return [_filled(item, ids) for item in value]
    if isinstance(value, dict):
        return {_filled(key, ids): _filled(item, ids) for key, item in value.items()}
    return value


def _files(repo: str) -> dict[str, bytes]:
    """The contents of a fixture repository's files."""
    files = next((one["files"] for one in fixtures.REPOS if one["repo"] == repo), fixtures.REPOS[0]["files"])
    return {path: bytes(spec["zeros"]) if isinstance(spec, dict) else spec.encode() for path, spec in files.items()}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="conformance", description="Runs recorded exchanges against the local Hub.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--target", default=TARGETS[0], help=f"what is tried: {', '.join(TARGETS)} (default)")
    options = parser.parse_args(arguments)
    if options.target not in TARGETS:
        sys.stderr.write(f"Unknown target {options.target!r}; known are: {', '.join(TARGETS)}\n")
        return 2
    try:
        cases = [case for file in options.files for case in load(file)]
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    failed = 0
    with tempfile.TemporaryDirectory(prefix="localhub-") as folder, running(Path(folder)) as door:
        runner = Runner(door)
        try:
            for case in cases:
                try:
                    wrong = runner.run(case)
                except (Unreadable, httpx2.TransportError) as error:
                    wrong = [str(error)]
                if wrong:
                    failed += 1
                    sys.stdout.write(f"FAILED {case['id']}\n" + "".join(f"    {reason}\n" for reason in wrong))
        finally:
            runner.close()
    sys.stdout.write(f"{len(cases) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
