"""What the Hub says of repositories and their cards, taken note of in sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hubgate import counters, leases
from hubgate.actors import HUB
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.hub.card import Card, advise
from hubgate.hub.types import RepoInfo
from hubgate.outbox import queue
from repos import events, rules
from repos.models import CardResults, FormVersion, Namespace, Repository
from repos.subjects import of_repository

LEASE = timedelta(seconds=30)
_LONGEST_HOLD_S = 3600.0
_MIRRORED = ("name", "gate", "private", "disabled", "tags", "sha", "hub_created_at", "hub_modified_at")
_SHARED_WITH_CARD = ("former_names", "missing_since", "namespace")


def claim_namespace(*, now: datetime) -> Namespace | None:
    """Take the namespace that is due longest and nobody mirrors, for the length of a lease."""
    with transaction.atomic(durable=True):
        namespace = (
            Namespace.objects.select_for_update(skip_locked=True)
            .filter(mirror_due_at__lte=now)
            .filter(token_state__in=[Namespace.Token.WORKING, Namespace.Token.READ_ONLY, Namespace.Token.NARROW])
            .filter(Q(mirror_leased_until=None) | Q(mirror_leased_until__lt=now))
            .order_by("mirror_due_at")
            .first()
        )
        if namespace is not None:
            namespace.mirror_leased_until = now + LEASE
            namespace.save(update_fields=["mirror_leased_until"])
    return namespace


def hold_namespace(namespace: Namespace) -> AbstractContextManager[None]:
    """Inside the block the lease is renewed; `namespace` knows until when."""

    def renew() -> bool:
        until = timezone.now() + LEASE
        mine = Namespace.objects.filter(pk=namespace.pk, mirror_leased_until=namespace.mirror_leased_until)
        if not mine.update(mirror_leased_until=until):
            return False
        namespace.mirror_leased_until = until
        return True

    what = f"the repositories of {namespace.name}"
    return leases.renewed(what, renew, every_s=LEASE.total_seconds() / 3, longest_s=_LONGEST_HOLD_S)


def record_round(
    *, namespace: Namespace, next_at: datetime, finished: bool, error: str = "", began_at: datetime | None = None
) -> None:
    """End a round over a namespace: when the next is due, whether all of it was read, what went wrong, if anything, and
    when it began (UTC). Frees the lease."""
    now = timezone.now()
    facts: dict[str, Any] = {"mirror_due_at": next_at, "mirror_leased_until": None, "mirror_error": error}
    if finished:
        facts["mirrored_at"] = now
    if began_at is not None:
        facts["mirror_seconds"] = max((now - began_at).total_seconds(), 0.0)
    result = "failed" if not finished else "partial" if error else "whole"
    counters.add("mirror_rounds", result=result)
    Namespace.objects.filter(pk=namespace.pk, mirror_leased_until=namespace.mirror_leased_until).update(**facts)


def record_repositories(
    *, namespace: Namespace, infos: Iterable[RepoInfo], read_at: datetime, complete: bool
) -> list[Repository]:
    """Take note of a namespace's repositories as one round showed them (`read_at`: when the round began, UTC). Those
    not shown are marked missing only where the round is proven `complete`; nothing is deleted. Returns the
    repositories shown."""
    shown = {info.hub_id: info for info in infos if info.hub_id}
    with transaction.atomic(durable=True):
        # All that may be written, locked in one order. Their ids stay, so that rows that refer to them may be written.
        touched = Q(hub_id__in=shown) | Q(namespace=namespace, missing_since=None) if complete else Q(hub_id__in=shown)
        held = list(Repository.objects.select_for_update(no_key=True).filter(touched).order_by("pk"))
        known = {repository.hub_id: repository for repository in held if repository.hub_id in shown}
        fresh = [_new(namespace, info, read_at) for hub_id, info in shown.items() if hub_id not in known]
        Repository.objects.bulk_create(fresh, batch_size=500)
        entries = [Entry(events.REPOSITORY_FOUND, of_repository(repository)) for repository in fresh]
        changed: list[Repository] = []
        for hub_id, repository in known.items():
            found = _take_in(namespace, repository, shown[hub_id])
            if found is not None:
                entries += found
                changed.append(repository)
        Repository.objects.bulk_update(changed, [*_MIRRORED, *_SHARED_WITH_CARD], batch_size=200)
        if complete:
            gone = [one for one in held if one.hub_id not in shown and one.seen_at <= read_at]
            entries += _mark_missing(gone, read_at)
        log.record_many(HUB, entries)
    return [*known.values(), *fresh]


def record_card(*, repository: Repository, sha: str, card: Card, source: str = "", ask_tag: bool = True) -> None:
    """Take note of a repository's card at a commit, read from `source`. A changed form becomes the next version; a card
    that cannot be read leaves the last good form, tag and licence in force and shows why. `ask_tag`: whether a changed
    content tag is to be held against our word on it."""
    errors, warnings = advise(source, card)
    with transaction.atomic(durable=True):
        repository = Repository.objects.select_for_update(of=("self",)).select_related("form").get(pk=repository.pk)
        entries: list[Entry] = []
        repository.card_sha = sha
        repository.card_errors = [asdict(note) for note in errors]
        repository.card_warnings = [asdict(note) for note in warnings]
        if card.readable:
            _keep_results(repository, sha, card)
            repository.license = (card.license or "")[:200]
            repository.card_asks_for_gate = bool(card.gated) or card.has_gate_form
            if repository.nfaa is not None and repository.nfaa != card.nfaa:
                word = "set" if card.nfaa else "not set"
                entries.append(Entry(events.TAG_CHANGED, of_repository(repository), data={"after": word}))
                if ask_tag:
                    queue.enqueue(rules.CONTENT_TAG, [repository.pk], scope=repository.pk)
            repository.nfaa = card.nfaa
            entries += _take_form(repository, sha, card)
        elif repository.form is None:
            entries.append(Entry(events.CARD_NEVER_READ, of_repository(repository)))
        else:
            data = {"number": repository.form.number}
            entries.append(Entry(events.CARD_UNREADABLE, of_repository(repository), data=data))
        repository.save()
        log.record_many(HUB, entries)


def _keep_results(repository: Repository, sha: str, card: Card) -> None:
    if card.results:
        results = [asdict(result) for result in card.results]
        CardResults.objects.update_or_create(repository=repository, defaults={"results": results, "card_sha": sha})
    else:
        CardResults.objects.filter(repository=repository).delete()


def _take_form(repository: Repository, sha: str, card: Card) -> list[Entry]:
    digest = card.form_digest()
    current = repository.form
    is_same = current is not None and (current.digest, current.eu_disallowed) == (digest, bool(card.eu_disallowed))
    if is_same:
        return []
    facts = card.as_dict()
    repository.form = FormVersion.objects.create(
        repository=repository,
        number=(current.number if current else 0) + 1,
        digest=digest,
        fields=facts["fields"],
        heading=card.heading,
        description=card.description,
        prompt=card.prompt,
        button=card.button,
        eu_disallowed=bool(card.eu_disallowed),
        card_sha=sha,
    )
    data = {"number": repository.form.number, "fields": len(card.fields)}
    return [Entry(events.FORM_CHANGED, of_repository(repository), data=data)]


def _new(namespace: Namespace, info: RepoInfo, read_at: datetime) -> Repository:
    return Repository(
        namespace=namespace, hub_id=info.hub_id or "", kind=rules.kind_of(info.kind), seen_at=read_at, **_facts(info)
    )


def _facts(info: RepoInfo) -> dict[str, Any]:
    return {
        "name": info.id,
        "gate": rules.gate_word(info.gated),
        "private": bool(info.private),
        "disabled": bool(info.disabled),
        "tags": list(info.tags),
        "sha": info.sha or "",
        "hub_created_at": info.created_at,
        "hub_modified_at": info.last_modified,
    }


def _take_in(namespace: Namespace, repository: Repository, info: RepoInfo) -> list[Entry] | None:
    """The events of a change, or None where nothing changed at all."""
    facts = _facts(info)
    if info.private is None:  # not said: what we knew stands
        facts["private"] = repository.private
    before = {name: getattr(repository, name) for name in facts}
    moved = repository.namespace_id != namespace.pk
    if before == facts and not moved and repository.missing_since is None:
        return None
    entries: list[Entry] = []
    for name, value in facts.items():
        setattr(repository, name, value)
    repository.namespace = namespace
    if before["name"] != facts["name"]:
        repository.former_names = [*repository.former_names, before["name"]]
        data = {"before": before["name"], "after": facts["name"]}
        entries.append(Entry(events.REPOSITORY_RENAMED, of_repository(repository), data=data))
    if repository.missing_since is not None:
        repository.missing_since = None
        entries.append(Entry(events.REPOSITORY_BACK, of_repository(repository)))
    if before["gate"] != facts["gate"]:
        data = {"before": before["gate"], "after": facts["gate"]}
        entries.append(Entry(events.GATE_CHANGED, of_repository(repository), data=data))
    if before["private"] != facts["private"]:
        words = {True: "private", False: "public"}
        data = {"before": words[before["private"]], "after": words[facts["private"]]}
        entries.append(Entry(events.VISIBILITY_CHANGED, of_repository(repository), data=data))
        if facts["private"]:
            queue.enqueue(rules.TURNED_PRIVATE, [f"{repository.pk}:{timezone.now():%Y%m%dT%H%M%S%f}"])
    if (before["gate"], before["private"]) != (facts["gate"], facts["private"]):
        queue.enqueue(rules.GATE, [repository.pk], scope=repository.pk)
    return entries


def _mark_missing(gone: Sequence[Repository], read_at: datetime) -> Sequence[Entry]:
    Repository.objects.filter(pk__in=[repository.pk for repository in gone]).update(missing_since=read_at)
    return [Entry(events.REPOSITORY_MISSING, of_repository(repository)) for repository in gone]
