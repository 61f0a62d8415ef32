"""What a page of the Hub's lists says of access requests, taken note of as a set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from access import events, notices, rights, rules, states
from access.actions.drift import record_drifts
from access.actions.mirror import facts
from access.actions.mirror.changes import Changes, take_in
from access.actions.mirror.facts import Forms
from access.models import AccessRequest, ListWalk, OddRow, PastAnswers
from access.subjects import of_request
from hubgate import rowsets
from hubgate.accounts.actions import Person, people_ids, people_named
from hubgate.actors import HUB
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.contention import begins_again
from hubgate.hub.types import OddRow as OddItem
from hubgate.hub.types import RequestRow
from hubgate.notify import actions as notify
from hubgate.notify.actions import Notice
from hubgate.outbox import queue
from hubgate.rowsets import Many
from repos.models import Repository
from repos.rules import AUTO


@begins_again
def record_rows(
    *, repository: Repository, list_status: str, rows: Sequence[RequestRow], odd: Sequence[OddItem], read_at: datetime
) -> list[int]:
    """Take note of one page of one of the Hub's lists; `read_at` (UTC) is when that walk began. Rows that did not
    change are neither written nor locked; the others are taken in within one transaction, or set aside where they
    cannot be used. Returns the ids of the requests that the page showed. The number of statements does not grow with
    the page."""
    digests = list(map(facts.digest_of, rows))
    same = _unchanged(repository, rows, digests)
    rest = [(row, digest) for row, digest in zip(rows, digests, strict=True) if digest not in same]
    seen = list(same.values())
    if rest or odd:
        with transaction.atomic(durable=True):
            one_at_a_time(repository)
            seen += _take_in(repository, list_status, rest, odd, read_at)
    return seen


def one_at_a_time(repository: Repository) -> None:
    """A poll and a push may read the same list at once: pages of one repository are taken in one after the other."""
    Repository.objects.select_for_update(no_key=True).values_list("pk").get(pk=repository.pk)


def _unchanged(repository: Repository, rows: Sequence[RequestRow], digests: Sequence[str]) -> dict[str, int]:
    """The request of each digest that is held just so: nothing is to be done for its row. A digest tells who asked, so
    no two rows of one page have the same unless they are the same."""
    mine = AccessRequest.objects.filter(repository=repository, missing_walks=0)
    if repository.form_id is not None:
        mine = mine.filter(form__isnull=False)
    by_id = [row.request_id for row in rows if row.request_id]
    by_person = [row.user_id for row in rows if row.user_id and not row.request_id]
    found: list[QuerySet[AccessRequest, tuple[str, int]]] = []
    if by_id:
        found.append(mine.filter(hub_request_id__one_of=Many(by_id)).values_list("hub_digest", "pk"))
    if by_person:
        found.append(mine.filter(person__hub_id__one_of=Many(by_person)).values_list("hub_digest", "pk"))
    held = {digest: pk for part in found for digest, pk in part}
    return {digest: held[digest] for digest in digests if digest in held}


def _take_in(
    repository: Repository,
    list_status: str,
    rows: Sequence[tuple[RequestRow, str]],
    odd: Sequence[OddItem],
    read_at: datetime,
) -> list[int]:
    people = people_ids(_people(row for row, _ in rows))
    names = people_named(row.username for row, _ in rows if row.username and not row.user_id)
    by_name = {name: identity.pk for name, identity in names.items()}
    held = _held(repository, [row for row, _ in rows], [*people.values(), *by_name.values()])
    forms = Forms.of(repository)
    changes = Changes(odd=list(odd))
    seen: list[int] = []
    now = timezone.now()
    for row, digest in rows:
        person_id = people[row.user_id] if row.user_id else by_name.get((row.username or "").lower())
        known, request = held.find(row, person_id)
        if row.status not in states.HUB_LISTS:
            if request is not None:
                seen.append(request.pk)
            changes.odd.append(_odd(row, f"The Hub gave the status {row.status[:40]!r}, which hubgate does not know."))
        elif request is not None:
            take_in(request, held.without_foreign_id(row, request), person_id, forms, read_at, changes)
            seen.append(request.pk)
        elif not known:
            held.add(row.request_id, person_id, None)
            changes.fresh.append(
                facts.fresh(
                    row,
                    repository_id=repository.pk,
                    person_id=person_id,
                    digest=digest,
                    forms=forms,
                    read_at=read_at,
                    now=now,
                )
            )
    return seen + _store(repository, list_status, changes)


class _Held:
    """The requests that we hold already, by every key that a row may carry; None stands for one that this page
    brought."""

    def __init__(self, requests: Iterable[AccessRequest]) -> None:
        self._by_request_id: dict[str, AccessRequest | None] = {}
        self._by_person: dict[int, AccessRequest | None] = {}
        for request in requests:
            self.add(request.hub_request_id, request.person_id, request)

    def add(self, request_id: str | None, person_id: int | None, request: AccessRequest | None) -> None:
        if request_id:
            self._by_request_id[request_id] = request
        if person_id:
            self._by_person[person_id] = request

    def find(self, row: RequestRow, person_id: int | None) -> tuple[bool, AccessRequest | None]:
        """Whether a row is of a request that is known, and which: by request id, else by person. A request of a person
        wins over a nameless one with the row's request id."""
        if person_id is not None and person_id in self._by_person:
            return True, self._by_person[person_id]
        if row.request_id and row.request_id in self._by_request_id:
            return True, self._by_request_id[row.request_id]
        return False, None

    def without_foreign_id(self, row: RequestRow, request: AccessRequest) -> RequestRow:
        """The row, without its request id where another request of ours has that: somebody let in by name whom the Hub
        hid when they asked."""
        if not row.request_id or self._by_request_id.get(row.request_id, request) is request:
            return row
        return row._replace(request_id=None)


def _people(rows: Iterable[RequestRow]) -> list[Person]:
    return [
        Person(
            hub_id=row.user_id,
            username=(row.username or row.user_id)[:128],
            fullname=(row.fullname or "")[:512],
            avatar_url=(row.avatar_url or "")[:1024],
            is_pro=row.is_pro,
            verified_orgs=row.verified_orgs,
        )
        for row in rows
        if row.user_id
    ]


def _held(repository: Repository, rows: Sequence[RequestRow], people: Sequence[int]) -> _Held:
    mine = AccessRequest.objects.filter(repository=repository).values_list("pk", flat=True)
    ids: set[int] = set()
    if by_id := [row.request_id for row in rows if row.request_id]:
        ids.update(mine.filter(hub_request_id__one_of=Many(by_id)))
    if people:
        ids.update(mine.filter(person__pk__one_of=Many(list(people))))
    if not ids:
        return _Held([])
    locked = AccessRequest.objects.select_for_update(of=("self",)).filter(pk__one_of=Many(list(ids)))
    found = list(locked.select_related("person").order_by("pk"))
    for request in found:
        request.repository = repository
    return _Held(found)


def _store(repository: Repository, list_status: str, changes: Changes) -> list[int]:
    """Write what changed. Returns the ids of the new requests."""
    ids = _insert(changes.fresh)
    rowsets.update(AccessRequest, facts.WRITTEN, [facts.written(request) for request in changes.changed])
    PastAnswers.objects.bulk_create(changes.past, ignore_conflicts=True)
    since = repository.namespace.connected_at
    asked_at = facts.FRESH.index("asked_at") - 1
    new_ids = [pk for pk, values in zip(ids, changes.fresh, strict=True) if values[asked_at] >= since]
    asked = _read(repository, new_ids)
    log.record_many(HUB, [*map(_asked, asked), *changes.entries])
    record_drifts(changes.drifts)
    for request in changes.owed:
        due_at = rules.push_due_at(request.status, request.decided_at or request.asked_at)
        queue.enqueue(states.PUSH, [request.pk], due_at=due_at, scope=repository.pk)
    _count_history(repository, list_status, len(ids) - len(new_ids))
    _set_aside(repository, list_status, changes.odd)
    _tell(repository, asked, changes)
    return ids


def _insert(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    if not rows:
        return []
    ids = list(rowsets.take_ids(AccessRequest, len(rows)))
    rowsets.insert(AccessRequest, facts.FRESH, [(pk, *values) for pk, values in zip(ids, rows, strict=True)])
    return ids


def _read(repository: Repository, ids: Sequence[int]) -> list[AccessRequest]:
    if not ids:
        return []
    found = list(AccessRequest.objects.filter(pk__one_of=Many(list(ids))).select_related("person").order_by("pk"))
    for request in found:
        request.repository = repository
    return found


def _asked(request: AccessRequest) -> Entry:
    return Entry(
        events.ASKED,
        of_request(request),
        data={
            "asked_at": request.asked_at.isoformat(),
            "asked_on": f"{request.asked_at:%-d %b %Y}",
            "status": request.status,
        },
    )


def _count_history(repository: Repository, list_status: str, number: int) -> None:
    """Requests from before the namespace was connected have no event each: the walk tells how many it found."""
    if number and not ListWalk.objects.filter(repository=repository, status=list_status).update(
        untold=F("untold") + number
    ):
        ListWalk.objects.create(repository=repository, status=list_status, untold=number)


def _set_aside(repository: Repository, list_status: str, odd: Sequence[OddItem]) -> None:
    if not odd:
        return
    now = timezone.now()
    rows = {
        item.digest: OddRow(
            repository=repository,
            list_status=list_status,
            digest=item.digest[:64],
            reason=item.reason[:300],
            hint=item.hint[:200],
            first_seen_at=now,
            last_seen_at=now,
        )
        for item in odd
    }
    OddRow.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["repository", "digest"], update_fields=["last_seen_at"]
    )


def _tell(repository: Repository, asked: Sequence[AccessRequest], changes: Changes) -> None:
    """History is not news: what happened before the namespace was connected is told to nobody."""
    if changes.decided or changes.news:
        notices.withdraw_stale([request.pk for request in [*changes.decided, *changes.news]])
    since = repository.namespace.connected_at
    news = [request for request in asked if request.status == states.PENDING]
    news += [request for request in changes.news if request.asked_at >= since]
    told = [request for request in changes.decided if request.decided_at and request.decided_at >= since]
    let_in = [request for request in asked if repository.gate == AUTO and request.status == states.ACCEPTED]
    if not news and not told and not let_in:
        return
    reviewers = list(rights.reviewers_of(repository))
    found: list[Notice] = [notices.new_request(request, reviewers) for request in news]
    found += [notices.let_in(request, reviewers) for request in let_in]
    notify.send([*found, *(notices.decided(request) for request in told)])


def _odd(row: RequestRow, hint: str) -> OddItem:
    digest = hashlib.sha256(f"{row.request_id}|{row.user_id}|{row.status}".encode()).hexdigest()
    return OddItem("status_unknown", digest, hint)
