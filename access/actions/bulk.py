"""Bulk decisions: many requests frozen as they were seen, decided in one transaction, one result for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from access import ends, events, messages, notices, rights, rules, states
from access.actions.bulk_values import Repositories, before, ends_by_repository, time_by_repository
from access.actions.decide import NO_END, clean_reason
from access.actions.places import over_capacity
from access.ends import USUAL, Wish
from access.models import AccessRequest, BulkDecision, BulkRow
from access.queries import Filter, matching
from access.queries.bulk import BULK_LIMIT, get_bulk, repositories_of
from access.subjects import label, of_request
from hubgate import rows
from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Entry, Subject
from hubgate.contention import begins_again
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.http.relative_time import exact
from hubgate.notify import actions as notify
from hubgate.notify import queries as notify_queries
from hubgate.outbox import queue

REASON_LIMIT = 2_000  # kept with each request, in its history and in what the person is told
PREVIEW_LASTS = timedelta(days=1)
NOTHING_CHOSEN = "Choose at least one request, then what to do with it."
_FACTS = (
    "status", "via", "cause", "reason", "email", "ends_at", "asked_at", "decided_at", "decided_by_label", "hub_status",
    "repository_id", "person__username", "person__fullname", "person__user_id",
)  # fmt: skip


@begins_again
def prepare(
    *,
    actor: Actor,
    key: UUID,
    verb: str,
    wanted: Filter | None = None,
    request_ids: Sequence[int] = (),
    query: str = "",
) -> BulkDecision:
    """Freeze what the actor chose, each request with the status it has now: all that `wanted` lets through, newest
    first and at most `BULK_LIMIT`, or those of `request_ids`. Nothing is decided. `key` names the wish, so that
    the same one comes back for it; `query` is the list it came from. InvalidInputError where nothing is chosen."""
    if verb not in states.REVIEWER_VERBS:
        raise InvalidInputError("Choose what to do with the requests: accept, reject, reset or put back.")
    if wanted is None and not request_ids:
        raise InvalidInputError(NOTHING_CHOSEN)
    if len(request_ids) > BULK_LIMIT:
        raise InvalidInputError(f"Choose at most {BULK_LIMIT:,} requests at a time.")
    with transaction.atomic(durable=True):
        bulk, fresh = BulkDecision.objects.get_or_create(
            key=key,
            defaults={
                "group": uuid4(),
                "user_id": actor.user_id,
                "user_label": actor.label,
                "verb": verb,
                "query": query,
            },
        )
        if not fresh:
            return get_bulk(actor, key)
        chosen = matching(actor, wanted or Filter(status=""))
        if wanted is None:
            chosen = chosen.filter(pk__in=request_ids)
        bulk.total = freeze(bulk, chosen.order_by("-asked_at", "-pk")[:BULK_LIMIT])
        if not bulk.total:
            raise InvalidInputError("No request matches any more. Load the list anew and choose again.")
        bulk.save(update_fields=["total"])
    return bulk


@begins_again
def start(*, actor: Actor, key: UUID, reason: str = "", ends_at: Wish = USUAL) -> BulkDecision:
    """Have a prepared bulk decision carried out by a worker; a second start changes nothing. Access that it gives ends
    as `ends_at` wishes, or sooner where a repository allows less. InvalidInputError for a reason that is missing where
    one is due, or too long, and for an end that cannot be."""
    with transaction.atomic(durable=True):
        bulk = BulkDecision.objects.select_for_update().get(pk=get_bulk(actor, key).pk)
        if bulk.state != BulkDecision.State.PREVIEW:
            return bulk
        bulk.reason = clean_bulk_reason(bulk.verb, reason)
        bulk.state, bulk.started_at = BulkDecision.State.WAITING, timezone.now()
        if bulk.verb != states.ACCEPT and ends_at != USUAL:
            raise InvalidInputError(NO_END, fields={"ends_at": NO_END})
        bulk.ends_as_usual = ends_at.usual
        bulk.ends_at = None if ends_at.usual else ends.end_of(ends_at, ends.Length(), bulk.started_at)
        bulk.save(update_fields=["reason", "state", "started_at", "ends_as_usual", "ends_at"])
        queue.enqueue(states.BULK, [bulk.pk])
    return bulk


def clean_bulk_reason(verb: str, reason: str) -> str:
    """The reason as it is kept with every request of a bulk decision. InvalidInputError as `clean_reason`."""
    if verb not in (states.REJECT, states.RESET_VERB):
        return ""
    reason = clean_reason(verb, reason)
    if len(reason) > REASON_LIMIT:
        message = f"Shorten the reason: it has {len(reason):,} characters, and {REASON_LIMIT:,} are kept for each."
        raise InvalidInputError(message, fields={"reason": message})
    return reason


@begins_again
def carry_out(*, bulk_id: int) -> None:
    """Decide what waits of a bulk decision, in one transaction with a fixed number of statements; those who cannot be
    decided are left alone and told apart. Safe to repeat: what is done stays done, what was cancelled stays so."""
    bulk = BulkDecision.objects.select_related("user").filter(pk=bulk_id).first()
    if bulk is None or bulk.state not in (BulkDecision.State.WAITING, BulkDecision.State.RUNNING):
        return
    actor = _actor(bulk)
    repositories = repositories_of(actor, bulk.pk)
    todo = BulkRow.objects.filter(bulk=bulk, outcome=BulkRow.Outcome.WAITING)
    target = next(status for (verb, _), status in states.MOVES.items() if verb == bulk.verb)
    with transaction.atomic(durable=True):
        seen = {row_id: (pk, status) for pk, row_id, status in todo.values_list("pk", "request_id", "seen_status")}
        found = _locked(todo, repositories)
        decided, refused = _sorted(actor, bulk, found, seen, repositories)
        now = timezone.now()  # not before the plans are held: a stage that was just opened began earlier
        mine = BulkDecision.objects.filter(
            pk=bulk.pk, state__in=[BulkDecision.State.WAITING, BulkDecision.State.RUNNING]
        )
        if not mine.update(state=BulkDecision.State.DONE, ended_at=now):
            return
        rows.update(
            BulkRow,
            ("outcome", "code", "sentence"),
            (
                (seen[item.pk][0], BulkRow.Outcome.REFUSED, code, _sentence(item, code, repositories))
                for item, code in refused
            ),
        )
        until = ends_by_repository(bulk, target, repositories, now)
        AccessRequest.objects.filter(pk__in=todo.values("request_id")).update(
            before=before(),
            ends_at=time_by_repository(until),
            remind_at=time_by_repository({pk: ends.next_reminder(end, now) for pk, end in until.items()}),
            status=target,
            reason=bulk.reason,
            cause=bulk.cause,
            decided_at=now,
            decided_by=actor.user_id,
            decided_by_label=actor.label,
        )
        todo.update(outcome=BulkRow.Outcome.DECIDED)
        was = {item.pk: item.status for item in decided}
        for item in decided:
            item.status, item.reason, item.cause = target, bulk.reason, bulk.cause
            item.decided_at, item.decided_by_label = now, actor.label
            item.ends_at = until.get(item.repository_id)
        log.record_many(actor, _events(bulk, decided, was, refused, repositories), group=bulk.group)
        scopes: dict[int | str, int | str] = {item.pk: item.repository_id for item in decided}
        queue.enqueue_scoped(states.PUSH, scopes, due_at=rules.push_due_at(target, now), lane=queue.BULK)
        notices.withdraw_stale(item.pk for item in decided)
        mail_after = now + rules.MAIL_WAIT
        notify.send((notices.decided(item, mail_after=mail_after) for item in decided), lane=queue.BULK)


@begins_again
def cancel(*, actor: Actor, key: UUID) -> BulkDecision:
    """Stop a bulk decision. What waits is not decided; what was decided and has not gone out to the Hub is put back to
    what it was, as if it had not been; what the Hub knows stays, and so does what somebody decided since.
    WrongStateError where nothing of it can be stopped any more."""
    with transaction.atomic(durable=True):
        bulk = BulkDecision.objects.select_for_update().get(pk=get_bulk(actor, key).pk)
        stopped = BulkRow.objects.filter(bulk=bulk, outcome=BulkRow.Outcome.WAITING).update(
            outcome=BulkRow.Outcome.CANCELLED, sentence="Not decided: you cancelled first."
        )
        restored = _put_back(actor, bulk) if bulk.ended_at else 0
        if not stopped and not restored:
            raise WrongStateError(
                "Nothing of it can be stopped any more: all of it is on the Hub, or decided anew since.",
                code="nothing_to_cancel",
            )
        bulk.state = BulkDecision.State.CANCELLED
        bulk.save(update_fields=["state"])
    return bulk


def sweep_previews(*, now: datetime) -> None:
    """Forget previews that nobody confirmed within a day."""
    old = BulkDecision.objects.filter(state=BulkDecision.State.PREVIEW, created_at__lt=now - PREVIEW_LASTS)
    old.delete()


def freeze(bulk: BulkDecision, chosen: QuerySet[AccessRequest]) -> int:
    """Keep each chosen request with the status it has now, by one statement. Returns how many."""
    try:
        sql, parameters = chosen.values_list("pk", "status").query.sql_with_params()
    except EmptyResultSet:  # somebody who decides nowhere
        return 0
    table = connection.ops.quote_name(BulkRow._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (bulk_id, request_id, seen_status, outcome, code, sentence)"  # noqa: S608
            f" SELECT %s, chosen.*, %s, '', '' FROM ({sql}) AS chosen",
            [bulk.pk, BulkRow.Outcome.WAITING, *parameters],
        )
        return int(cursor.rowcount)


def _actor(bulk: BulkDecision) -> Actor:
    """Who decides: nobody with any right, once the account is gone or closed."""
    if bulk.user is None or not bulk.user.is_active:
        return Actor(kind="user", label=bulk.user_label)
    return actor_of(bulk.user)


def _locked(todo: QuerySet[BulkRow], repositories: Repositories) -> list[AccessRequest]:
    """The requests, locked in the order of their ids, in which everybody locks who locks several. Each shares its
    repository with the others, so that ten thousand take little room."""
    found = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("person")
        .only(*_FACTS)
        .filter(pk__in=todo.values("request_id"))
        .order_by("pk")
    )
    requests = list(found)
    for item in requests:
        item.repository = repositories[item.repository_id][0]
    return requests


def _sorted(
    actor: Actor,
    bulk: BulkDecision,
    found: Iterable[AccessRequest],
    seen: dict[int, tuple[int, str]],
    repositories: Repositories,
) -> tuple[list[AccessRequest], list[tuple[AccessRequest, rules.Refusal]]]:
    decided: list[AccessRequest] = []
    refused: list[tuple[AccessRequest, rules.Refusal]] = []
    for item in found:
        repository, may = repositories[item.repository_id]
        code = rules.bulk_refusal(
            bulk.verb,
            seen[item.pk][1],
            item.status,
            may=may,
            changes_enabled=repository.namespace.changes_enabled,
            # A recall takes access from everybody, its maker too.
            own=bulk.cause != rules.RECALL and rights.is_own(actor, item),
        )
        if code is None:
            decided.append(item)
        else:
            refused.append((item, code))
    if bulk.verb != states.ACCEPT:
        return decided, refused
    full = over_capacity(decided)
    refused += [(item, rules.Refusal.STAGE_FULL) for item in decided if item.pk in full]
    return [item for item in decided if item.pk not in full], refused


def _sentence(item: AccessRequest, code: rules.Refusal, repositories: Repositories) -> str:
    repository, _ = repositories[item.repository_id]
    return messages.not_decided(
        code,
        status=item.status,
        who=item.decided_by_label or ("the requester" if item.cause == "requester" else "somebody"),
        when=exact(item.decided_at) if item.decided_at else "",
        repository=repository.name,
        namespace=repository.namespace.name,
    )


def _events(
    bulk: BulkDecision,
    decided: Iterable[AccessRequest],
    was: dict[int, str],
    refused: Sequence[tuple[AccessRequest, rules.Refusal]],
    repositories: Repositories,
) -> Iterator[Entry]:
    """One event for each decision, and one for all tries that were refused."""
    for item in decided:
        data = {"before": was[item.pk], "reason": bulk.reason, "person": label(item)}
        if item.ends_at is not None:
            data["ends_at"] = item.ends_at.isoformat()
        yield Entry(events.OF_STATUS[item.status], of_request(item), bulk.cause, data)
    if refused:
        counts: dict[rules.Refusal, int] = {}
        for _, code in refused:
            counts[code] = counts.get(code, 0) + 1
        namespaces = {repository.namespace_id for repository, _ in repositories.values()}
        subject = Subject(
            "bulk",
            bulk.pk,
            f"{bulk.total:,} requests at once",
            namespace_id=namespaces.pop() if len(namespaces) == 1 else None,
        )
        why = ", ".join(f"{number:,} {code.replace('_', ' ')}" for code, number in counts.items())
        tried = {"verb": bulk.verb.replace("_", " "), "count": len(refused), "why": why}
        yield Entry(events.BULK_REFUSED, subject, data=tried)


def _put_back(actor: Actor, bulk: BulkDecision) -> int:
    """Restore what the bulk decision replaced where its push has not begun. Returns how many."""
    decided = BulkRow.objects.filter(bulk=bulk, outcome=BulkRow.Outcome.DECIDED)
    standing = AccessRequest.objects.filter(
        decided_at=bulk.ended_at, decided_by=bulk.user_id, before__isnull=False
    ).exclude(hub_status=F("status"))
    found = list(
        standing.select_for_update(of=("self",))
        .select_related("person")
        .only(*_FACTS, "before")
        .filter(pk__in=decided.values("request_id"))
        .order_by("pk")
    )
    free = queue.hold(states.PUSH, [item.pk for item in found])
    found = [item for item in found if str(item.pk) in free]
    if not found:
        return 0
    repositories = repositories_of(actor, bulk.pk)
    undone = found[0].status
    accounts = set(
        User.objects.filter(pk__in={(item.before or {})["decided_by"] for item in found}).values_list("pk", flat=True)
    )
    for item in found:
        item.repository = repositories[item.repository_id][0]
        _restore(item, accounts)
    rows.update(
        AccessRequest,
        (
            "status", "cause", "reason", "decided_at", "decided_by", "decided_by_label", "before", "ends_at",
            "remind_at",
        ),
        (
            (
                item.pk,
                item.status,
                item.cause,
                item.reason,
                item.decided_at,
                item.decided_by_id,
                item.decided_by_label,
                None,
                item.ends_at,
                ends.next_reminder(item.ends_at, timezone.now()),
            )
            for item in found
        ),
    )  # fmt: skip
    ids = dict(decided.filter(request__in=[item.pk for item in found]).values_list("request_id", "pk"))
    rows.update(
        BulkRow,
        ("outcome", "sentence"),
        (
            (ids[item.pk], BulkRow.Outcome.CANCELLED, f"Put back to {item.status}: the Hub had not been told.")
            for item in found
        ),
    )
    log.record_many(
        actor,
        (
            Entry(
                events.UNDONE,
                of_request(item),
                "reviewer",
                {"before": undone, "after": item.status, "undone_reason": bulk.reason, "person": label(item)},
            )
            for item in found
        ),
        group=bulk.group,
    )
    scopes: dict[int | str, int | str] = {item.pk: item.repository_id for item in found}
    queue.enqueue_scoped(states.PUSH, scopes, lane=queue.BULK)
    notices.withdraw_stale(item.pk for item in found)
    notices.resume_asking([item.pk for item in found if item.status == states.PENDING])
    _tell_restored(found, undone, bulk)
    return len(found)


def _restore(item: AccessRequest, accounts: set[int]) -> None:
    before: dict[str, Any] = item.before or {}
    item.status, item.cause, item.reason = before["status"], before["cause"], before["reason"]
    item.decided_at = datetime.fromisoformat(before["decided_at"]) if before["decided_at"] else None
    # An account may be gone by now: its name stays.
    item.decided_by_id = before["decided_by"] if before["decided_by"] in accounts else None
    item.decided_by_label = before["decided_by_label"]
    ended = before.get("ends_at")
    item.ends_at = datetime.fromisoformat(ended) if ended else None


def _tell_restored(found: Sequence[AccessRequest], undone: str, bulk: BulkDecision) -> None:
    """Who was told of the decision already learns what stands now; who was not is told of an earlier decision that
    the one undone may have kept from going out."""
    now = timezone.now()
    told = notify_queries.told_since(f"access.{undone}", "request", [item.pk for item in found], bulk.ended_at or now)
    again = [notices.decided(item, mail_after=now, at=now) for item in found if item.pk in told]
    earlier = [
        notices.decided(item, mail_after=now + rules.MAIL_WAIT)
        for item in found
        if item.pk not in told and item.cause == "reviewer" and item.decided_at
    ]
    notify.send([*again, *earlier], lane=queue.BULK)
