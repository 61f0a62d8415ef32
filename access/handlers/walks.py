"""Reading the Hub's lists of access requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from access import actions, queries, states
from access.idset import IdSet
from access.models import ListWalk, RequestMirror
from hubgate.errors import WrongStateError
from hubgate.hub import tokens
from hubgate.hub.client import HubClient
from hubgate.hub.errors import BadAnswer, BrokenOff, HubError, NoRights, RateLimited, TokenRejected
from hubgate.hub.tokens import ErrorContext
from hubgate.hub.types import REQUEST_STATUSES, Page, RequestRow, RequestStatus
from repos import actions as repo_actions
from repos import rules as repo_rules
from repos.hub import client_of
from repos.models import Repository

_OVERLAP = timedelta(seconds=2)
_PAGE_RETRIES = 3
_TELL_EVERY_S = 2.0

BetweenPages = Callable[[], None]


def _go_on() -> None:
    """Nobody waits between two pages."""


def poll(client: HubClient, repository: Repository) -> None:
    """Read what is new in the pending list since the newest request seen. Proves nothing about rows that do not
    come."""
    walk = ListWalk.objects.filter(repository=repository, status=states.PENDING).first()
    newest = walk.newest_asked_at if walk else None
    after = newest - _OVERLAP if newest else None
    read_at = timezone.now()
    for page in _pages(client, repository, "pending", after=after):
        actions.record_rows(
            repository=repository, list_status=states.PENDING, rows=page.rows, odd=page.odd, read_at=read_at
        )
        newest = max([row.requested_at for row in page.rows] + ([newest] if newest else []), default=None)
    actions.record_walk(
        repository=repository, status=states.PENDING, read_at=read_at, complete=None, rows=0, newest=newest
    )


def read_list(
    client: HubClient,
    repository: Repository,
    status: RequestStatus,
    *,
    seen: IdSet | None = None,
    between_pages: BetweenPages = _go_on,
) -> tuple[IdSet, bool, datetime]:
    """Walk one list to its end, page by page, in constant memory; `between_pages` is called where others may come in.
    Returns the ids of the requests it showed (added to `seen`), whether the walk is proven complete (HC §1.2,
    `performance.md` §3), and when it began (UTC). Raises HubError, with the pages so far taken in and the walk marked
    as broken off."""
    read_at = timezone.now()
    seen = IdSet() if seen is None else seen
    rows, complete, odd = 0, False, 0
    newest: datetime | None = None
    told_at = time.monotonic()
    try:
        for page in _pages(client, repository, status):
            shown = actions.record_rows(
                repository=repository, list_status=status, rows=page.rows, odd=page.odd, read_at=read_at
            )
            seen.update(shown)
            rows += page.raw_count
            odd += len(page.odd)
            complete = page.complete_hint
            newest = max([row.requested_at for row in page.rows] + ([newest] if newest else []), default=None)
            if page.next_url and time.monotonic() > told_at + _TELL_EVERY_S:
                actions.record_progress(repository=repository, status=status, rows=rows)
                told_at = time.monotonic()
            between_pages()
    except HubError as error:
        sentence = tokens.explain(error, ErrorContext(repository.namespace.name, repository.name))
        actions.record_broken_walk(repository=repository, status=status, error=sentence)
        raise
    actions.record_walk(
        repository=repository, status=status, read_at=read_at, complete=complete, rows=rows, newest=newest
    )
    return seen, complete and not odd, read_at


def _pages(
    client: HubClient, repository: Repository, status: RequestStatus, *, after: datetime | None = None
) -> Iterator[Page[RequestRow]]:
    """The pages of a list. One that comes broken is asked for again where it is, so that a long list is read to its end
    although some of its pages fail; a Hub that is down or hangs is not asked again."""
    kind = repo_rules.plural_of(repository.kind)
    resume: str | None = None
    failures = 0
    while True:
        try:
            for page in client.access_requests(kind, repository.name, status, after=after, resume=resume):
                yield page
                resume, failures = page.next_url, 0
            return
        except (BadAnswer, BrokenOff):
            failures += 1
            if failures > _PAGE_RETRIES:
                raise


def compare(client: HubClient, repository: Repository, *, between_pages: BetweenPages = _go_on) -> None:
    """Read all four lists. Only where each walk is proven complete do missing rows mean anything."""
    seen = IdSet()
    proven, began = True, timezone.now()
    for status in REQUEST_STATUSES:
        _, complete, _ = read_list(client, repository, status, seen=seen, between_pages=between_pages)
        proven = proven and complete
    if proven:
        actions.record_absent(repository=repository, seen=seen, read_at=began)


def read_due(mirror: RequestMirror, *, between_pages: BetweenPages = _go_on) -> None:
    """Poll a repository's pending list, or read all its lists where that is due. An error ends this reading, not the
    next."""
    with actions.hold_mirror(mirror):
        _read(mirror, between_pages)


def _read(mirror: RequestMirror, between_pages: BetweenPages) -> None:
    repository, now = mirror.repository, timezone.now()
    pace = queries.pace(repository.namespace)
    next_poll = now + pace.poll
    next_compare: datetime | None = None
    error = ""
    try:
        client = client_of(repository.namespace)
        if mirror.compare_due_at <= now:
            compare(client, repository, between_pages=between_pages)
            next_compare = now + pace.compare
        else:
            poll(client, repository)
    except WrongStateError as refusal:
        error = refusal.message
    except HubError as problem:
        error = tokens.explain(problem, ErrorContext(repository.namespace.name, repository.name))
        if isinstance(problem, RateLimited):
            next_poll = max(problem.retry_at, next_poll)
        elif isinstance(problem, TokenRejected | NoRights):
            repo_actions.recheck_token(namespace_id=repository.namespace_id)
    except Exception as fault:  # ours: to be seen on the page and in the log, and the next reading comes all the same
        error = f"hubgate failed while it read the requests ({type(fault).__name__}). Its log says more."
        raise
    finally:
        actions.record_mirror(mirror=mirror, next_poll_at=next_poll, next_compare_at=next_compare, error=error)
