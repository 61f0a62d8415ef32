"""A call to the Hub and its answer: budget, deadline, redirects and size, whatever the endpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx2
import orjson
from huggingface_hub.utils import HFValidationError, validate_repo_id

from hubgate.hub import budget as rules
from hubgate.hub.answers import error_of, is_trouble, request_id_of
from hubgate.hub.budget import BudgetStore, Lane, Wait
from hubgate.hub.circuit import CircuitStore, MemoryCircuitStore
from hubgate.hub.errors import BadAnswer, BrokenOff, HubError, HubUnreachable, RateLimited, RepoMoved, TimedOut
from hubgate.hub.rows import NotAPageError, read_json
from hubgate.hub.transport import Timeouts, client_for, deadline
from hubgate.hub.types import REPO_KINDS, OddRow, Page, RepoKind

USER_AGENT = "hubgate/0.1.0"
MAX_PAGE_BYTES = 64 * 2**20
MAX_ANSWER_BYTES = 16 * 2**20
MAX_ERROR_BYTES = 2**16
MAX_HOPS = 3

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx2.Headers
    body: bytes
    url: httpx2.URL


@dataclass(frozen=True, slots=True)
class Call:
    """One request to be sent: what it is about (`repo`: kind and id) and how much it may bring back."""

    method: str
    url: httpx2.URL
    repo: tuple[RepoKind, str] | None = None
    content: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    max_bytes: int = MAX_ANSWER_BYTES

    @property
    def facts(self) -> dict[str, Any]:
        return {"method": self.method, "path": self.url.path}

    @property
    def subject(self) -> str:
        """The repository that the call is about, or "" for the Hub at large."""
        return "/".join(self.repo) if self.repo else ""

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


class HubSession:
    """Sends calls for one token. Safe between threads; the connections are shared by the whole process."""

    def __init__(
        self,
        endpoint: str,
        token: str | None,
        budget: BudgetStore,
        *,
        lane: Lane = "background",
        timeouts: Timeouts | None = None,
        budget_key: str | None = None,
        circuit: CircuitStore | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._base = httpx2.URL(endpoint.rstrip("/"))
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise ValueError(f"The Hub's address must be a http or https URL, not {endpoint!r}.")
        if token is not None and (not token.isascii() or not token.isprintable() or not token.strip()):
            raise ValueError("The token holds characters that no token of the Hub has.")
        self._origin = _origin(self._base)
        self._headers = httpx2.Headers({"user-agent": USER_AGENT, "accept-encoding": "gzip", "accept": "*/*"})
        if token:
            self._headers["authorization"] = f"Bearer {token.strip()}"
        self._budget = budget
        self._budget_key = budget_key or _digest(token)
        self._circuit = circuit or MemoryCircuitStore()
        self._lane = lane
        self._timeouts = timeouts or Timeouts()
        self._now = now

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._origin} {'with a token' if self._with_token else 'anonymous'}>"

    @property
    def _with_token(self) -> bool:
        return "authorization" in self._headers

    def pages(
        self,
        url: httpx2.URL,
        repo: tuple[RepoKind, str] | None,
        limit: int,
        read: Callable[[bytes], tuple[list[Row], list[OddRow]]],
    ) -> Iterator[Page[Row]]:
        seen = set()
        next_url: httpx2.URL | None = url
        while next_url is not None:
            seen.add(str(next_url))
            call = Call("GET", next_url, repo, max_bytes=MAX_PAGE_BYTES)
            answer = self.send(call)
            _check_json_type(call, answer)
            try:
                rows, odd = read(answer.body)
            except NotAPageError as error:
                raise _bad_json(call, answer, error) from None
            link = answer.headers.get("link") and _next_link(answer.headers)
            next_url = self.same_origin(call, link) if link else None
            if next_url is not None and str(next_url) in seen:
                raise BadAnswer("The Hub's list leads back to a page that was read already.", **call.facts)
            count = len(rows) + len(odd)
            complete = next_url is None and count < limit
            yield Page(rows, odd, str(next_url) if next_url else None, count, complete, answer.headers.get("etag"))

    def send(self, call: Call) -> Answer:
        """The good answer to `call` (2xx or 304), redirects within the repository followed; or the error that it
        means."""
        try:
            return self._followed(call)
        except HubUnreachable as error:
            # A connection that breaks off says nothing of the next one.
            if error.retry_at is None and not isinstance(error, BrokenOff):
                error.retry_at = self._circuit.note(self._origin, call.subject, self._now(), ok=False)
            raise

    def _followed(self, call: Call) -> Answer:
        for _ in range(MAX_HOPS + 1):
            answer = self._send_once(call)
            if answer.status == 304 or 200 <= answer.status < 300:
                return answer
            if 300 <= answer.status < 400:
                call = self._redirected(call, answer)
                continue
            facts = (call.method, call.url.path, answer.status, answer.headers, answer.body)
            raise error_of(*facts, with_token=self._with_token)
        raise BadAnswer("The Hub redirects in circles.", **call.facts)

    def _send_once(self, call: Call) -> Answer:
        away_until = self._circuit.admit(self._origin, call.subject, self._now())
        if away_until is not None:
            raise HubUnreachable(
                "The Hub does not answer at present. hubgate asks every few seconds whether it is back, and goes on.",
                retry_at=away_until,
                **call.facts,
            )
        guess = rules.bucket_of_path(call.url.path)
        decision = self._budget.reserve(self._budget_key, guess, self._lane, self._now())
        if isinstance(decision, Wait):
            sentence = "The share of the Hub's rate limit for this work is spent; hubgate goes on when it is renewed."
            raise RateLimited(sentence, retry_at=decision.until, bucket=guess, held_back=True, **call.facts)
        answer = self._exchange(call)
        if not is_trouble(answer.status):
            self._circuit.note(self._origin, call.subject, self._now(), ok=True)
        bucket = rules.bucket_of_answer(answer.headers, answer.status, guess)
        if rules.teaches(answer.headers, answer.status):
            state = self._budget.record(self._budget_key, bucket, answer.headers, answer.status, self._now())
            if answer.status == 429:
                facts = {**call.facts, "status": 429, "request_id": request_id_of(answer.headers)}
                retry_at = state.paused_until or self._now()
                sentence = "The Hub's rate limit is reached."
                raise RateLimited(sentence, retry_at=retry_at, bucket=bucket, held_back=False, **facts)
        return answer

    def _exchange(self, call: Call) -> Answer:
        client = client_for(self._origin)
        headers = self._headers.copy()
        headers.update(call.headers)
        try:
            with (
                deadline(self._timeouts.total),
                client.stream(
                    call.method,
                    call.url,
                    content=call.content,
                    headers=headers,
                    timeout=self._timeouts.for_httpx(),
                ) as response,
            ):
                body = _read_body(call, response)
                return Answer(response.status_code, response.headers, body, call.url)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError):
            raise HubUnreachable("The Hub cannot be reached. hubgate tries again later.", **call.facts) from None
        except httpx2.TimeoutException:
            sentence = "The Hub did not answer in time. hubgate tries again later."
            raise TimedOut(sentence, outcome_unknown=call.is_write, **call.facts) from None
        except httpx2.DecodingError:
            raise BadAnswer("The Hub's answer is garbled.", outcome_unknown=call.is_write, **call.facts) from None
        except httpx2.TransportError:
            sentence = "The connection to the Hub broke off. hubgate tries again later."
            raise BrokenOff(sentence, outcome_unknown=call.is_write, **call.facts) from None

    def _redirected(self, call: Call, answer: Answer) -> Call:
        """The call that a redirect within the same repository asks for. A rename raises RepoMoved; the rest
        BadAnswer."""
        facts = {**call.facts, "status": answer.status}
        url = self.same_origin(call, answer.headers.get("location", ""))
        if call.repo is not None:
            kind, repo_id = call.repo
            new_id = _repo_in_path(kind, url.path[len(self._base.path.rstrip("/")) :])
            if new_id is not None and new_id != repo_id:
                raise RepoMoved(f"{repo_id} is called {new_id} on the Hub now.", new_id=new_id, **facts)
        if call.is_write or answer.status == 303:
            raise BadAnswer("The Hub redirects where an answer was due.", outcome_unknown=call.is_write, **facts)
        return Call(call.method, url, call.repo, headers=call.headers, max_bytes=call.max_bytes)

    def same_origin(self, call: Call, target: str) -> httpx2.URL:
        """`target` as a URL of the Hub's own origin; anything else raises BadAnswer, so that the token never leaves."""
        try:
            url = call.url.join(target)
        except httpx2.InvalidURL:
            raise BadAnswer("The Hub points to an address that is none.", **call.facts) from None
        if not target or _origin(url) != self._origin or url.userinfo:
            sentence = "The Hub points to another site, where hubgate does not follow with your token."
            raise BadAnswer(sentence, outcome_unknown=call.is_write, **call.facts)
        return url

    def json(self, call: Call, answer: Answer) -> Any:
        _check_json_type(call, answer)
        try:
            return read_json(answer.body)[0]
        except NotAPageError as error:
            raise _bad_json(call, answer, error) from None

    def url(self, path: str, params: Sequence[tuple[str, str]] = ()) -> httpx2.URL:
        url = httpx2.URL(str(self._base).rstrip("/") + path)
        return url.copy_merge_params(list(params)) if params else url

    def repo_call(
        self,
        method: str,
        kind: RepoKind,
        repo_id: str,
        rest: str,
        params: Sequence[tuple[str, str]] = (),
        content: dict[str, Any] | None = None,
    ) -> Call:
        check_kind(kind)
        check_repo_id(repo_id)
        url = self.url(f"/api/{kind}/{repo_id}{rest}", params)
        if content is None:
            return Call(method, url, (kind, repo_id))
        headers = (("content-type", "application/json"),)
        return Call(method, url, (kind, repo_id), content=orjson.dumps(content), headers=headers)


def _read_body(call: Call, response: httpx2.Response) -> bytes:
    limit = call.max_bytes if response.is_success else MAX_ERROR_BYTES
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > limit:
            if not response.is_success:
                break
            sentence = f"The Hub's answer is longer than {limit} bytes."
            raise BadAnswer(sentence, status=response.status_code, outcome_unknown=call.is_write, **call.facts)
        chunks.append(chunk)
    return b"".join(chunks)


def _check_json_type(call: Call, answer: Answer) -> None:
    content_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        sentence = f"The Hub answered with {content_type or 'something unnamed'} where JSON was due."
        raise BadAnswer(sentence, status=answer.status, outcome_unknown=call.is_write, **call.facts)


def _bad_json(call: Call, answer: Answer, error: Exception) -> HubError:
    sentence = f"The Hub's answer cannot be read. {error}"
    return BadAnswer(sentence, status=answer.status, outcome_unknown=call.is_write, **call.facts)


def _next_link(headers: httpx2.Headers) -> str | None:
    return httpx2.Response(200, headers=headers).links.get("next", {}).get("url")


def _repo_in_path(kind: RepoKind, path: str) -> str | None:
    """The repository that an API or resolve path is about, or None where it is about something else."""
    parts = path.strip("/").split("/")
    if parts[:2] == ["api", kind] and len(parts) >= 3:
        parts = parts[2:]
    elif parts[0] == "api":
        return None
    elif kind != "models":
        if parts[0] != kind:
            return None
        parts = parts[1:]
    elif "resolve" not in parts:
        return None
    for end in (2, 1):
        candidate = "/".join(parts[:end])
        rest = parts[end : end + 1]
        if len(parts) >= end and rest in (
            [],
            ["resolve"],
            ["revision"],
            ["user-access-request"],
            ["auth-check"],
            ["settings"],
            ["commit"],
        ):
            try:
                validate_repo_id(candidate)
            except HFValidationError:
                return None
            return candidate
    return None


def check_kind(kind: str) -> None:
    if kind not in REPO_KINDS:
        raise ValueError(f"The Hub has no repositories of the kind {kind!r}.")


def check_repo_id(repo_id: str) -> None:
    """Raises ValueError (the Hub client's own) for an id that the Hub cannot have; it never reaches a path."""
    validate_repo_id(repo_id)


def _origin(url: httpx2.URL) -> str:
    port = f":{url.port}" if url.port is not None else ""
    return f"{url.scheme}://{url.host.lower()}{port}"


def _digest(token: str | None) -> str:
    return hashlib.sha256(token.strip().encode()).hexdigest()[:32] if token else "anonymous"
