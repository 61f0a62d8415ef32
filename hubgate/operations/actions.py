"""What processes say of themselves, and what an operator does about what failed."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

import hubgate
from access import actions as access
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Subject
from hubgate.counters import Key
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify import actions as notify
from hubgate.operations import events, queries, rights, rules
from hubgate.operations.models import Heartbeat, Tally
from hubgate.outbox import queue, registry
from repos import actions as repos
from repos.models import Namespace, Repository
from repos.subjects import of_namespace

MOST_MAILS = 200
_TICK = "tick"


def record_heartbeat(*, name: str, kind: str, host: str, pid: int) -> None:
    """Note that a process lives now."""
    now = timezone.now()
    if not Heartbeat.objects.filter(name=name).update(seen_at=now):
        facts = {"kind": kind, "host": host, "pid": pid, "version": hubgate.__version__, "seen_at": now}
        Heartbeat.objects.get_or_create(name=name, defaults=facts)


def end_heartbeat(*, name: str) -> None:
    """Forget a process that ends in order."""
    Heartbeat.objects.filter(name=name).delete()


def record_tick() -> None:
    """Note that a tick of beat has just been carried out, at most once in half the time between two."""
    now = timezone.now()
    if Heartbeat.objects.filter(name=_TICK, seen_at__gt=now - timedelta(seconds=rules.BEAT_EVERY_S / 2)).exists():
        return
    record_heartbeat(name=_TICK, kind=Heartbeat.Kind.TICK, host=socket.gethostname()[:80], pid=0)


def forget_silent() -> None:
    """Forget processes that were killed long ago."""
    longest = timezone.now() - timedelta(seconds=rules.FORGOTTEN_AFTER_S)
    Heartbeat.objects.filter(seen_at__lt=longest).delete()


def add_counts(counted: Mapping[Key, float]) -> None:
    """Add what a process counted to the counts of all, in one order, so that no two wait for each other in a circle."""
    if not counted:
        return
    named = {
        (name, ",".join(f"{key}={value}" for key, value in labels)[:200]): n for (name, labels), n in counted.items()
    }
    with transaction.atomic():
        missing = [
            (name, labels)
            for name, labels in sorted(named)
            if not Tally.objects.filter(name=name, labels=labels).update(total=F("total") + named[name, labels])
        ]
        Tally.objects.bulk_create([Tally(name=name, labels=labels) for name, labels in missing], ignore_conflicts=True)
        for name, labels in missing:
            Tally.objects.filter(name=name, labels=labels).update(total=F("total") + named[name, labels])


def retry_work(*, actor: Actor, kind: str, key: str = "") -> int:
    """Have work tried again now: one key, or all of a kind that is parked or failed before. Returns how many.
    NotFoundOrHiddenError for whom it does not concern, InvalidInputError for an unknown kind, WrongStateError where
    nothing is to be tried again."""
    rights.require(actor)
    if kind not in registry.names():
        raise InvalidInputError(f"There is no work of the kind {kind[:40]}.", fields={"kind": "There is no such kind."})
    with transaction.atomic(durable=True):
        number = int(queue.retry(kind, key)) if key else queue.retry_failed(kind)
        if not number:
            raise WrongStateError("Nothing is left to be tried again: it was done meanwhile.", code="nothing_to_retry")
        label = f"{registry.label(kind)} {key}".strip()
        subject = Subject("outbox", 0, label)
        log.record(actor, events.WORK_RETRIED, subject, data={"kind": kind, "key": key, "number": number})
    return number


def retry_mail(*, actor: Actor, delivery_id: int | None = None) -> int:
    """Send mail again that did not arrive: one, or all that servers refused (up to `MOST_MAILS`; what may have arrived
    is only sent again by itself). What namespaces do not mail any more stays. Returns how many. Errors as
    `retry_work`."""
    rights.require(actor)
    number = 0
    with transaction.atomic(durable=True):
        for delivery in queries.mails_to_retry(delivery_id, most=MOST_MAILS):
            notify.send_again(delivery_id=delivery, address="")
            number += 1
        if not number:
            raise WrongStateError(
                "No such mail is left to be sent again: it was sent or set aside, or its namespace mails no more.",
                code="nothing_to_retry",
            )
        subject = Subject("delivery", delivery_id or 0, "mail")
        log.record(actor, events.MAIL_RETRIED, subject, data={"number": number})
    return number


def retry_round(*, actor: Actor, namespace: str) -> None:
    """Have a namespace's repositories and their requests read again within seconds. NotFoundOrHiddenError where there
    is no such namespace, too."""
    rights.require(actor)
    with transaction.atomic(durable=True):
        found = Namespace.objects.filter(name__iexact=namespace[:128].replace("\0", "")).first()
        if found is None:
            raise NotFoundOrHiddenError("There is no such namespace.")
        now = timezone.now()
        repos.make_namespace_due(namespace_id=found.pk, now=now)
        ids = Repository.objects.filter(namespace=found, missing_since=None).values_list("pk", flat=True)
        access.make_due(list(ids), now)
        log.record(actor, events.ROUND_RETRIED, of_namespace(found))
