"""The Hub, one method per endpoint that hubgate uses (HC §1.1, §4, §7).

Every call ends within its timeouts, asks the shared budget first and never sleeps: what cannot go out now raises
`RateLimited` with the time for another try. The token goes to the Hub's own origin only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from hubgate.hub import commits, repositories
from hubgate.hub.answers import is_web_page
from hubgate.hub.errors import BadAnswer, Refused, RepoMoved
from hubgate.hub.reasons import REASON_LIMIT, storable, utf16_len
from hubgate.hub.rows import OddItemError, read_request_rows
from hubgate.hub.session import Call, HubSession, check_kind, check_repo_id
from hubgate.hub.tokens import read_whoami
from hubgate.hub.types import (
    REQUEST_STATUSES,
    BatchResult,
    Card,
    CommitInfo,
    GateMode,
    Page,
    RepoInfo,
    RepoKind,
    RequestRow,
    RequestStatus,
    RequestTarget,
    WhoAmI,
)

PAGE_LIMIT = 1000
BATCH_LIMIT = 100
MAX_CARD_BYTES = 2 * 2**20
REASON_KEYS = {"rejected": "rejectionReason", "reset": "resetReason"}


class HubClient(HubSession):
    """The Hub at `endpoint` for the holder of `token` (None: anonymous). Safe between threads; connections are shared.

    `lane` is "people" for what somebody waits for, else "background". `budget_key` names the budget that the calls
    count in, when several tokens are of one account; without it each token has its own. `now` gives the time, aware.
    """

    def whoami(self) -> WhoAmI:
        """The account behind the token (HC §7). The Hub limits this call strictly: keep the answer."""
        call = Call("GET", self.url("/api/whoami-v2"))
        content = self.json(call, self.send(call))
        try:
            return read_whoami(content)
        except ValueError as error:
            raise BadAnswer(f"The Hub's answer on the token makes no sense. {error}", **call.facts) from None

    def repo_info(self, kind: RepoKind, repo_id: str, *, with_card: bool = True) -> RepoInfo:
        """A repository as it is now (HC §4). A renamed one is followed: compare the `id` that comes back."""
        call = self.repo_call("GET", kind, repo_id, "", repositories.info_params(kind, with_card=with_card))
        try:
            answer = self.send(call)
        except RepoMoved as moved:
            call = self.repo_call("GET", kind, moved.new_id, "", repositories.info_params(kind, with_card=with_card))
            answer = self.send(call)
        try:
            return repositories.read_repo(self.json(call, answer), kind)
        except OddItemError as error:
            raise BadAnswer(f"The Hub's answer on {repo_id} cannot be used: {error}.", **call.facts) from None

    def list_repos(self, kind: RepoKind, author: str, *, limit: int = PAGE_LIMIT) -> Iterator[Page[RepoInfo]]:
        """All repositories of a namespace that the token can see, page by page (HC §4)."""
        check_kind(kind)
        check_repo_id(author)
        url = self.url(f"/api/{kind}", repositories.list_params(kind, author, limit))
        return self.pages(url, None, limit, lambda body: repositories.read_repo_rows(body, kind))

    def card(
        self,
        kind: RepoKind,
        repo_id: str,
        revision: str = "main",
        *,
        etag: str | None = None,
        max_bytes: int = MAX_CARD_BYTES,
    ) -> Card | None:
        """README.md at `revision`, which a gate never hides (HC §1.7); None where there is none.

        With `etag` the Hub need not send what the caller has. Longer than `max_bytes` raises BadAnswer.
        """
        prefix = "" if kind == "models" else f"/{kind}"
        check_kind(kind)
        check_repo_id(repo_id)
        path = f"{prefix}/{repo_id}/resolve/{quote(revision, safe='')}/README.md"
        headers = (("if-none-match", etag),) if etag else ()
        call = Call("GET", self.url(path), (kind, repo_id), headers=headers, max_bytes=max_bytes)
        try:
            answer = self.send(call)
        except Refused as refused:
            if refused.code == "EntryNotFound":
                return None
            raise
        if answer.status != 304 and is_web_page(answer.headers):
            raise BadAnswer(f"A web page came instead of the card of {repo_id}.", status=answer.status, **call.facts)
        text = None if answer.status == 304 else answer.body.decode("utf-8", "replace")
        return Card(text, answer.headers.get("etag"), answer.headers.get("x-repo-commit"), answer.status == 304)

    def access_requests(
        self,
        kind: RepoKind,
        repo_id: str,
        status: RequestStatus,
        *,
        after: datetime | None = None,
        limit: int = PAGE_LIMIT,
        resume: str | None = None,
    ) -> Iterator[Page[RequestRow]]:
        """The list `status`, page by page (HC §1.1 A1). `after` leaves out older requests; `limit` is 10 to 1,000.

        A walk that broke off with a temporary error goes on with the last page's `next_url` as `resume`.
        """
        if status not in REQUEST_STATUSES:
            raise ValueError(f"The Hub has no list {status!r}.")
        if not 10 <= limit <= PAGE_LIMIT:
            raise ValueError(f"The Hub gives pages of 10 to {PAGE_LIMIT} rows, not {limit}.")
        params = [("limit", str(limit))]
        if after is not None:
            params.append(("after", after.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")))
        call = self.repo_call("GET", kind, repo_id, f"/user-access-request/{status}", params)
        url = self.same_origin(call, resume) if resume else call.url
        return self.pages(url, (kind, repo_id), limit, lambda body: read_request_rows(body, status))

    def handle(
        self, kind: RepoKind, repo_id: str, target: RequestTarget, status: RequestStatus, *, reason: str | None = None
    ) -> None:
        """Move one request to `status` (HC §1.1 A2). `NoSuchRequest` may also mean that it is there already.

        A reason goes with a rejection or a reset only, and must fit (`reasons.fit_reason`)."""
        self._write(kind, repo_id, "handle", {**target.to_wire(), **_decision(status, reason)})

    def batch(
        self,
        kind: RepoKind,
        repo_id: str,
        targets: Sequence[RequestTarget],
        status: RequestStatus,
        *,
        reason: str | None = None,
    ) -> tuple[BatchResult, ...]:
        """Move up to 100 requests to `status` with one reason (HC §1.1 A3); results in the order given.

        A request that is there already counts as done. People must be known: a request id alone goes by `handle`.
        """
        if not 1 <= len(targets) <= BATCH_LIMIT:
            raise ValueError(f"A batch holds 1 to {BATCH_LIMIT} requests, not {len(targets)}.")
        wires = [target._replace(request_id=None).to_wire() for target in targets]
        call, content = self._write(kind, repo_id, "batch", {**_decision(status, reason), "requests": wires})
        if not isinstance(content, list) or len(content) != len(targets):
            raise _unknown(call, "The Hub's answer to the batch does not name each request.")
        results = []
        for target, wire, item in zip(targets, wires, content, strict=True):
            if not isinstance(item, dict) or any(item.get(key, value) != value for key, value in wire.items()):
                raise _unknown(call, "The Hub's answer to the batch is in another order than the batch.")
            error = item.get("error")
            results.append(BatchResult(target, item.get("ok") is True, error if isinstance(error, str) else None))
        return tuple(results)

    def grant(self, kind: RepoKind, repo_id: str, target: RequestTarget) -> None:
        """Let a person in who need not have asked (HC §1.1 A4). Raises AlreadyThere for somebody who is in."""
        self._write(kind, repo_id, "grant", target._replace(request_id=None).to_wire())

    def update_settings(
        self, kind: RepoKind, repo_id: str, *, gated: GateMode | None = None, private: bool | None = None
    ) -> None:
        """Set the gate of a repository (False, "auto" or "manual") or whether it is private, or both (HC §2). What is
        not given stays; requests are kept whatever is set. Safe to repeat."""
        if gated not in (None, False, "auto", "manual") or (gated == 0 and gated is not False):
            raise ValueError(f"A gate is False, 'auto' or 'manual', not {gated!r}.")
        content: dict[str, Any] = {}
        if gated is not None:
            content["gated"] = gated
        if private is not None:
            content["visibility"] = "private" if private else "public"
        if not content:
            raise ValueError("The Hub is told at least one setting.")
        call = self.repo_call("PUT", kind, repo_id, "/settings", content=content)
        answer = self.json(call, self.send(call))
        if not isinstance(answer, dict) or any(answer.get(name) != value for name, value in content.items()):
            raise _unknown(call, "The Hub does not confirm the settings that it was sent.")

    def auth_check(self, kind: RepoKind, repo_id: str, *, write: bool = False) -> None:
        """Return if the token's account may read (or write) the files; else raise what the Hub says (HC §1.6)."""
        call = self.repo_call("GET", kind, repo_id, "/auth-check/write" if write else "/auth-check")
        answer = self.send(call)
        if is_web_page(answer.headers):
            raise BadAnswer("A web page came instead of the Hub's data.", status=answer.status, **call.facts)

    def read_file(
        self, kind: RepoKind, repo_id: str, path: str, revision: str = "main", *, max_bytes: int = MAX_CARD_BYTES
    ) -> tuple[bytes, str]:
        """The bytes of a small file at `revision` and the id of the commit that they come from (HC §8.2).

        A file that is kept elsewhere (LFS) is not followed and, like one longer than `max_bytes`, raises BadAnswer;
        EntryNotFound and RevisionNotFound say what is not there. README.md is read through every gate (HC §1.7)."""
        check_kind(kind)
        check_repo_id(repo_id)
        prefix = "" if kind == "models" else f"/{kind}"
        place = f"/resolve/{quote(revision, safe='')}/{quote(commits.checked_path(path))}"
        call = Call("GET", self.url(f"{prefix}/{repo_id}{place}"), (kind, repo_id), max_bytes=max_bytes)
        answer = self.send(call)
        sha = answer.headers.get("x-repo-commit")
        if not sha or is_web_page(answer.headers):
            sentence = f"Something else came instead of {path} of {repo_id}."
            raise BadAnswer(sentence, status=answer.status, **call.facts)
        return answer.body, sha

    def commit(
        self,
        kind: RepoKind,
        repo_id: str,
        *,
        revision: str = "main",
        parent: str | None,
        summary: str,
        description: str = "",
        files: Mapping[str, bytes],
        create_pr: bool = False,
    ) -> CommitInfo:
        """Write whole files in one commit (HC §3), or with `create_pr` open a pull request with it from `parent`.

        `parent` is the id of the commit that the files were read from: if the branch has moved on, ParentMoved is
        raised and nothing is written; None writes over whatever is there. A commit that was cut off may stand
        (`outcome_unknown`): read the file before trying again."""
        call = commits.build_call(
            self.repo_call("POST", kind, repo_id, f"/commit/{quote(revision, safe='')}"),
            commits.body(summary, description, parent, files),
            create_pr=create_pr,
        )
        info = commits.read_info(self.json(call, self.send(call)), wants_pull_request=create_pr)
        if info is None:
            raise _unknown(call, "The Hub does not name the commit that it was sent.")
        return info

    def _write(self, kind: RepoKind, repo_id: str, verb: str, content: dict[str, Any]) -> tuple[Call, Any]:
        call = self.repo_call("POST", kind, repo_id, f"/user-access-request/{verb}", content=content)
        return call, self.json(call, self.send(call))


def _decision(status: RequestStatus, reason: str | None) -> dict[str, str]:
    if status not in REQUEST_STATUSES:
        raise ValueError(f"The Hub has no status {status!r}.")
    if reason is None:
        return {"status": status}
    if status not in REASON_KEYS:
        raise ValueError("The Hub takes a reason only with a rejection or a reset.")
    if utf16_len(reason) > REASON_LIMIT:
        raise ValueError(f"The reason is longer than the {REASON_LIMIT} characters that the Hub takes.")
    return {"status": status, REASON_KEYS[status]: storable(reason)}


def _unknown(call: Call, sentence: str) -> BadAnswer:
    return BadAnswer(sentence, status=200, outcome_unknown=True, **call.facts)
