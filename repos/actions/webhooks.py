"""The address for the Hub's webhooks of a namespace, and what a call there does: a reading becomes due sooner."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.outbox import queue
from repos import events, hints, rights
from repos.hints import Hint
from repos.models import HubWebhook, Namespace, Repository
from repos.rules import READ_HINTED
from repos.subjects import of_namespace

# The Hub has been seen to show a change 1.3 s after it was made (HC §1.3); and what comes meanwhile is one reading.
_SETTLE = timedelta(seconds=2)
# A repository that we do not know asks for a whole round; not more often than this.
_ROUND_APART = timedelta(seconds=30)
_HEARD_APART = timedelta(seconds=10)
_NOBODY = "0" * 64


@dataclass(frozen=True)
class NewWebhook:
    """What the author has to copy to the Hub. `secret` is not kept."""

    key: str
    secret: str


def make_webhook(*, actor: Actor, namespace: Namespace) -> NewWebhook:
    """Make an address and a secret for a namespace's webhook. Those made before are no longer taken."""
    made = NewWebhook(secrets.token_urlsafe(16), secrets.token_urlsafe(32))
    with transaction.atomic(durable=True):
        rights.require(actor, "webhook", namespace)
        HubWebhook.objects.update_or_create(
            namespace=namespace,
            defaults={
                "key": made.key,
                "secret_digest": _digest(made.secret),
                "made_by_id": actor.user_id,
                "made_at": timezone.now(),
                "heard_at": None,
            },
        )
        log.record(actor, events.WEBHOOK_MADE, of_namespace(namespace))
    return made


def remove_webhook(*, actor: Actor, namespace: Namespace) -> None:
    """Take no more calls for a namespace. Nothing to do where none were taken."""
    with transaction.atomic(durable=True):
        rights.require(actor, "webhook", namespace)
        removed, _ = HubWebhook.objects.filter(namespace=namespace).delete()
        if removed:
            log.record(actor, events.WEBHOOK_REMOVED, of_namespace(namespace))


def find_webhook(*, key: str, secret: str) -> HubWebhook | None:
    """The webhook with this key, if that is its secret. Compared in constant time, also for a key that nobody has."""
    found = HubWebhook.objects.select_related("namespace").filter(key=key).first()
    is_right = hmac.compare_digest(_digest(secret), found.secret_digest if found else _NOBODY)
    return found if is_right else None


def take_hint(*, webhook: HubWebhook, hint: Hint) -> None:
    """Make the reading of the named repository due, once however many hints come for it; the whole namespace's where
    it is not known. A repository of another namespace is nothing to us."""
    now = timezone.now()
    namespace = webhook.namespace
    with transaction.atomic(durable=True):
        HubWebhook.objects.filter(Q(heard_at=None) | Q(heard_at__lt=now - _HEARD_APART), pk=webhook.pk).update(
            heard_at=now
        )
        if not hint.kind or hint.name.partition("/")[0].lower() != namespace.name.lower():
            return
        known = Repository.objects.filter(namespace=namespace, kind=hint.kind, name=hint.name)
        pk = known.values_list("pk", flat=True).first()
        if pk is None:
            make_namespace_due(namespace_id=namespace.pk, now=now)
            return
        # One that waits already will read what this hint is about; to push it back again and again would starve it.
        if not queue.hold(READ_HINTED, [pk]):
            queue.enqueue(READ_HINTED, [pk], due_at=now + _SETTLE, lane=queue.BULK)
        hints.tell([pk], now + _SETTLE)


def make_namespace_due(*, namespace_id: int, now: datetime) -> None:
    """Have a whole round over a namespace begin soon, unless one begins before or has just ended."""
    namespace = Namespace.objects.filter(pk=namespace_id).values("mirrored_at").first()
    if namespace is None:
        return
    last = namespace["mirrored_at"]
    at = max(now + _SETTLE, last + _ROUND_APART) if last else now + _SETTLE
    Namespace.objects.filter(pk=namespace_id, mirror_due_at__gt=at).update(mirror_due_at=at)


def _digest(secret: str) -> str:
    """The secret is 256 random bits, so that a plain hash gives nothing away."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
