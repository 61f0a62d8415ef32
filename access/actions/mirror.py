"""What the Hub says of access requests, taken note of page by page: sets, never one row at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Q
from django.utils import timezone

from access import events, notices, rights, rules, states
from access.models import AccessRequest, ListWalk, OddRow, PastAnswers, RequestMirror
from access.subjects import of_request
from hubgate.accounts.actions import Person, people_named, record_people
from hubgate.accounts.models import HubIdentity
from hubgate.actors import HUB
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.hub.types import OddRow as OddItem
from hubgate.hub.types import RequestRow
from hubgate.notify import actions as notify
from hubgate.notify.actions import Notice
from repos import rules as repo_rules
from repos.models import Repository

LEASE = timedelta(minutes=10)
_WRITTEN = (
    "person", "hub_request_id", "status", "via", "asked_at", "email", "email_domain", "email_kind", "answers", "form",
    "search_text", "country", "organisations",
    "decided_at", "decided_by", "decided_by_label", "cause", "reason", "hub_status", "hub_seen_at",
    "hub_reviewed_at", "hub_digest", "missing_walks",
)  # fmt: skip


def ensure_mirrors() -> None:
    """See that each repository has its row in the plan of the mirror."""
    missing = Repository.objects.filter(request_mirror=None).values_list("pk", flat=True)
    RequestMirror.objects.bulk_create([RequestMirror(repository_id=pk) for pk in missing], ignore_conflicts=True)


def claim_mirror(*, now: datetime) -> RequestMirror | None:
    """Take the repository whose requests are due longest to be read and that nobody reads, for the length of a lease.
    Of those whose last reading failed only one is read at a time: a Hub that hangs takes one worker, not all of
    them."""
    reading = RequestMirror.objects.filter(leased_until__gte=now)
    with transaction.atomic(durable=True):
        mirror = (
            RequestMirror.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("repository__namespace")
            .filter(poll_due_at__lte=now, repository__missing_since=None)
            .filter(repository__namespace__token_state__in=["working", "read_only"])
            .exclude(repository__card_sha="", repository__namespace__mirrored_at=None)
            .filter(Q(leased_until=None) | Q(leased_until__lt=now))
            .filter(Q(error="") | ~Exists(reading.exclude(error="")))
            .order_by("poll_due_at")
            .first()
        )
        if mirror is not None:
            mirror.leased_until = now + LEASE
            mirror.save(update_fields=["leased_until"])
    return mirror


def record_mirror(
    *, mirror: RequestMirror, next_poll_at: datetime, next_compare_at: datetime | None, error: str = ""
) -> None:
    """End a reading: when the next is due, and what went wrong, if anything. Frees the lease if it is still ours."""
    facts: dict[str, Any] = {"poll_due_at": next_poll_at, "leased_until": None, "error": error}
    if next_compare_at is not None:
        facts |= {"compare_due_at": next_compare_at, "compared_at": timezone.now()}
    RequestMirror.objects.filter(pk=mirror.pk, leased_until=mirror.leased_until).update(**facts)


def record_walk(
    *,
    repository: Repository,
    status: str,
    read_at: datetime,
    complete: bool | None,
    rows: int,
    newest: datetime | None,
) -> None:
    """Take note of how a walk over one list went: `complete` is None for a poll of the newest rows only."""
    facts: dict[str, Any] = {"read_at": read_at}
    if newest is not None:
        facts["newest_asked_at"] = newest
    if complete is not None:
        facts |= {"complete": complete, "rows": rows, "error": "", "listed_at": read_at}
    ListWalk.objects.update_or_create(repository=repository, status=status, defaults=facts)


def record_broken_walk(*, repository: Repository, status: str, error: str) -> None:
    """Take note that a walk over one list broke off: until the next one ends, the list may be incomplete."""
    ListWalk.objects.update_or_create(repository=repository, status=status, defaults={"error": error})


@dataclass
class _Changes:
    """What one page changes."""

    fresh: list[AccessRequest] = field(default_factory=list)
    changed: list[AccessRequest] = field(default_factory=list)
    past: list[PastAnswers] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    news: list[AccessRequest] = field(default_factory=list)
    decided: list[AccessRequest] = field(default_factory=list)
    odd: list[OddItem] = field(default_factory=list)


def record_rows(
    *, repository: Repository, list_status: str, rows: Sequence[RequestRow], odd: Sequence[OddItem], read_at: datetime
) -> list[int]:
    """Take note of one page of one of the Hub's lists, in one transaction; `read_at` (UTC) is when that walk began.
    Rows that cannot be used are set aside. Returns the ids of the requests that the page showed."""
    with transaction.atomic(durable=True):
        _one_at_a_time(repository)
        people = record_people(_people(rows))
        names = people_named(row.username for row in rows if row.username and not row.user_id)
        held = _held(repository, rows, [*people.values(), *names.values()])
        forms = _Forms.of(repository)
        changes = _Changes(odd=list(odd))
        seen: list[int] = []
        for row in rows:
            person = people[row.user_id] if row.user_id else names.get((row.username or "").lower())
            request = held.find(row, person)
            if row.status not in states.HUB_LISTS:
                if request is not None and request.pk:
                    seen.append(request.pk)
                changes.odd.append(
                    _odd(row, f"The Hub gave the status {row.status[:40]!r}, which hubgate does not know.")
                )
                continue
            if request is None:
                request = _new(repository, row, person, forms, read_at)
                held.add(request)
                changes.fresh.append(request)
            elif request.pk:
                _take_in(request, held.without_foreign_id(row, request), person, forms, read_at, changes)
                seen.append(request.pk)
        _store(repository, list_status, changes)
        seen += [request.pk for request in changes.fresh]
    return seen


def record_absent(*, repository: Repository, seen: Iterable[int], read_at: datetime) -> None:
    """Take note of which requests no list showed in a walk that is proven complete over all four lists. A request is
    believed gone after two such walks; one that waited is then withdrawn (`product.md` §3)."""
    with transaction.atomic(durable=True):
        _one_at_a_time(repository)
        shown = set(seen)
        held = (
            AccessRequest.objects.select_for_update(of=("self",))
            .select_related("person", "repository")
            .filter(repository=repository)
            .exclude(hub_status=states.NONE)
            .filter(Q(hub_seen_at__lte=read_at) | Q(hub_seen_at=None))
            .filter(Q(pushed_at__lte=read_at - rules.ECHO) | Q(pushed_at=None))
            .order_by("pk")
        )
        gone = [request for request in held.iterator(chunk_size=2000) if request.pk not in shown]
        entries = []
        for request in gone:
            request.missing_walks += 1
            if request.missing_walks < rules.WALKS_TO_BELIEVE_GONE:
                continue
            before, request.hub_status, request.hub_digest = request.hub_status, states.NONE, ""
            request.hub_seen_at = read_at
            waiting = (
                states.wanted_push(request.status, before, asked_on_hub=request.via == request.Via.HUB) is not None
            )
            if not waiting:
                _decide(request, states.WITHDRAWN, read_at, cause="requester" if before == states.PENDING else "hub")
                entries.append(
                    Entry(events.WITHDRAWN, of_request(request), cause=request.cause, data={"before": before})
                )
        AccessRequest.objects.bulk_update(gone, _WRITTEN, batch_size=200)
        log.record_many(HUB, entries)


def _one_at_a_time(repository: Repository) -> None:
    """A poll and a push may read the same list at once: pages of one repository are taken in one after the other."""
    Repository.objects.select_for_update(no_key=True).values_list("pk").get(pk=repository.pk)


@dataclass(frozen=True)
class _Forms:
    """The form versions of a repository: (id, labels) newest first, and which labels ask for a country."""

    versions: list[tuple[int, list[str]]]
    country_labels: list[str]

    @classmethod
    def of(cls, repository: Repository) -> _Forms:
        found = list(repository.forms.only("fields").order_by("-number"))
        questions = [question for form in found for question in form.fields]
        return cls(
            [(form.pk, [question["label"] for question in form.fields]) for form in found],
            list(dict.fromkeys(question["label"] for question in questions if question["type"] in rules.COUNTRY_TYPES)),
        )


class _Held:
    """The requests that we hold already, by every key that a row may carry."""

    def __init__(self, requests: Iterable[AccessRequest]) -> None:
        self._by_request_id: dict[str, AccessRequest] = {}
        self._by_person: dict[int, AccessRequest] = {}
        for request in requests:
            self.add(request)

    def add(self, request: AccessRequest) -> None:
        if request.hub_request_id:
            self._by_request_id[request.hub_request_id] = request
        if request.person_id:
            self._by_person[request.person_id] = request

    def find(self, row: RequestRow, person: HubIdentity | None) -> AccessRequest | None:
        """By request id, else by person. A request of a person wins over a nameless one with the row's request id."""
        if person is not None and person.pk in self._by_person:
            return self._by_person[person.pk]
        return self._by_request_id.get(row.request_id) if row.request_id else None

    def without_foreign_id(self, row: RequestRow, request: AccessRequest) -> RequestRow:
        """The row, without its request id where another request of ours has that: somebody let in by name whom the Hub
        hid when they asked."""
        owner = self._by_request_id.get(row.request_id) if row.request_id else None
        return row if owner in (None, request) else row._replace(request_id=None)


def _people(rows: Sequence[RequestRow]) -> list[Person]:
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


def _held(repository: Repository, rows: Sequence[RequestRow], people: Sequence[HubIdentity]) -> _Held:
    mine = AccessRequest.objects.select_for_update(of=("self",)).filter(repository=repository)
    wanted = Q(hub_request_id__in=[row.request_id for row in rows if row.request_id]) | Q(
        person__in=[identity.pk for identity in people]
    )
    found = list(mine.filter(wanted).select_related("person").order_by("pk"))
    for request in found:
        request.repository = repository
    return _Held(found)


def _new(
    repository: Repository,
    row: RequestRow,
    person: HubIdentity | None,
    forms: _Forms,
    read_at: datetime,
) -> AccessRequest:
    request = AccessRequest(repository=repository, person=person, status=row.status, via=AccessRequest.Via.HUB)
    _copy(request, row, person, forms, read_at)
    if row.status != states.PENDING:
        _decide(request, row.status, row.reviewed_at or read_at, by=row.granted_by)
    return request


def _take_in(
    request: AccessRequest,
    row: RequestRow,
    person: HubIdentity | None,
    forms: _Forms,
    read_at: datetime,
    changes: _Changes,
) -> None:
    form_is_known = request.form_id is not None or not forms.versions
    if request.hub_digest == _digest(row) and request.missing_walks == 0 and form_is_known:
        return
    ours = rules.Ours(
        status=request.status,
        hub_status=request.hub_status,
        asked_on_hub=request.via == AccessRequest.Via.HUB,
        asked_at=request.asked_at,
        decided_at=request.decided_at,
        pushed_at=request.pushed_at,
    )
    theirs = rules.Theirs(row.status, row.requested_at, row.reviewed_at, read_at)
    reading = rules.read(ours, theirs)
    if reading is rules.Reading.ECHO:
        return
    before = request.status
    subject = of_request(request)
    again = rules.is_new_ask(ours, theirs)
    if again and request.answers:
        changes.past.append(
            PastAnswers(request=request, asked_at=request.asked_at, answers=request.answers, form_id=request.form_id)
        )
    if again:
        request.via = AccessRequest.Via.HUB
        changes.entries.append(Entry(events.ASKED_AGAIN, subject, data={"before": before}))
        if row.status == states.PENDING and reading in (rules.Reading.FOLLOW, rules.Reading.SUPERSEDED):
            changes.news.append(request)
    elif request.answers != row.fields and row.fields:
        changes.entries.append(Entry(events.ANSWERS_CHANGED, subject))
    _copy(request, row, person, forms, read_at)
    if reading in (rules.Reading.FOLLOW, rules.Reading.SUPERSEDED):
        asked = again and row.status == states.PENDING
        cause = "requester" if asked else "hub"
        _decide(request, row.status, row.reviewed_at or read_at, cause=cause, by=row.granted_by)
        if not again:
            event = events.SUPERSEDED if reading is rules.Reading.SUPERSEDED else events.HUB_CHANGED
            changes.entries.append(Entry(event, subject, cause="hub", data={"before": before, "after": row.status}))
            changes.decided.append(request)
    elif reading is rules.Reading.KEEP and not again:
        data = {"before": before, "after": row.status}
        changes.entries.append(Entry(events.HUB_SUPERSEDED, subject, cause="hub", data=data))
    changes.changed.append(request)


def _copy(
    request: AccessRequest,
    row: RequestRow,
    person: HubIdentity | None,
    forms: _Forms,
    read_at: datetime,
) -> None:
    """What the Hub alone knows: who, when, what was answered, and its own status."""
    email = (row.email or request.email)[:320]
    mail = rules.mail_facts(email)
    request.person = person or request.person
    request.hub_request_id = row.request_id or request.hub_request_id
    request.asked_at = row.requested_at
    request.email, request.email_domain, request.email_kind = email, mail.domain[:255], mail.kind.value
    if request.form_id is None or request.answers != row.fields:
        request.form_id = rules.matching_form(forms.versions, row.fields)
    request.answers = row.fields
    request.country = rules.country_of(row.fields, forms.country_labels)
    request.organisations = rules.organisations_key(row.verified_orgs)
    request.search_text = rules.search_text(row.username or "", row.fullname or "", email, *row.fields.values())
    request.hub_status, request.hub_seen_at, request.hub_reviewed_at = row.status, read_at, row.reviewed_at
    request.hub_digest, request.missing_walks = _digest(row), 0


def _decide(request: AccessRequest, status: str, at: datetime, *, cause: str = "hub", by: str | None = None) -> None:
    """A decision that was not taken here."""
    request.status, request.cause, request.reason, request.decided_by = status, cause, "", None
    request.decided_at = None if status == states.PENDING else at
    request.decided_by_label = "" if status == states.PENDING else (f"{by} on the Hub" if by else HUB.label)


def _store(repository: Repository, list_status: str, changes: _Changes) -> None:
    AccessRequest.objects.bulk_create(changes.fresh, batch_size=500)
    AccessRequest.objects.bulk_update(changes.changed, _WRITTEN, batch_size=200)
    PastAnswers.objects.bulk_create(changes.past, ignore_conflicts=True)
    asked = [
        Entry(
            events.ASKED,
            of_request(request),
            data={
                "asked_at": request.asked_at.isoformat(),
                "asked_on": f"{request.asked_at:%-d %b %Y}",
                "status": request.status,
            },
        )
        for request in changes.fresh
    ]
    log.record_many(HUB, [*asked, *changes.entries])
    _set_aside(repository, list_status, changes.odd)
    _tell(repository, changes)


def _set_aside(repository: Repository, list_status: str, odd: Sequence[OddItem]) -> None:
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


def _tell(repository: Repository, changes: _Changes) -> None:
    """History is not news: what happened before the namespace was connected is told to nobody."""
    notices.withdraw_stale([request.pk for request in [*changes.decided, *changes.news]])
    since = repository.namespace.connected_at
    fresh = [request for request in changes.fresh if request.status == states.PENDING]
    news = [request for request in [*fresh, *changes.news] if request.asked_at >= since]
    told = [request for request in changes.decided if request.decided_at and request.decided_at >= since]
    let_in = [
        request
        for request in changes.fresh
        if repository.gate == repo_rules.AUTO and request.status == states.ACCEPTED and request.asked_at >= since
    ]
    if not news and not told and not let_in:
        return
    reviewers = list(rights.reviewers_of(repository))
    found: list[Notice] = [notices.new_request(request, reviewers) for request in news]
    found += [notices.let_in(request, reviewers) for request in let_in]
    found += [notices.changed_on_hub(request, reviewers) for request in told]
    notify.send([*found, *(notices.decided(request) for request in told)])


def _odd(row: RequestRow, hint: str) -> OddItem:
    digest = hashlib.sha256(f"{row.request_id}|{row.user_id}|{row.status}".encode()).hexdigest()
    return OddItem("status_unknown", digest, hint)


def _digest(row: RequestRow) -> str:
    return hashlib.md5(repr(row).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
