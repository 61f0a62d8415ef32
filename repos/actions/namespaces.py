"""Connecting a namespace, and what its authors switch on and off."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hubgate.actors import SYSTEM, Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotAllowedError, WrongStateError
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos import events, notices, rights, rules, vault
from repos.models import Namespace, Role
from repos.rules import CHECK_TOKEN
from repos.subjects import of_namespace

_READS = (Namespace.Token.WORKING, Namespace.Token.READ_ONLY, Namespace.Token.NARROW)
_RECHECK_AFTER = timedelta(minutes=5)
_BROKEN = (Namespace.Token.DEAD, Namespace.Token.WRONG_ACCOUNT, Namespace.Token.NARROW)


def connect(
    *, actor: Actor, name: str, token: str, changes_enabled: bool = False, mail_requesters: bool = False
) -> Namespace:
    """Connect a namespace with a token, or give a connected one a new token. The Hub is asked about the token next;
    whoever connects becomes its author only when the token proves the right. `changes_enabled` and `mail_requesters`
    are how a new namespace starts. NotAllowedError where others run it already, InvalidInputError for a name or token
    of no known shape."""
    name, token = name.strip(), token.strip()
    if actor.user_id is None:
        raise NotAllowedError("Sign in before you connect a namespace.")
    if not rules.is_namespace_name(name):
        raise InvalidInputError(
            "That is not a namespace of the Hub.",
            fields={"name": "A name on the Hub has letters, digits, dots, dashes and underscores, such as aurora-lab."},
        )
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise InvalidInputError(
            "That is not a Hub token.",
            fields={"token": "A token is one word, such as hf_… Copy it from your settings on the Hub."},
        )
    with transaction.atomic(durable=True):
        namespace = Namespace.objects.select_for_update().filter(name__iexact=name).first()
        if namespace is None:
            namespace = Namespace(name=name, changes_enabled=changes_enabled, mail_requesters=mail_requesters)
            event = events.CONNECTED
        else:
            _require_free(actor, namespace)
            event = events.TOKEN_REPLACED
        namespace.token_sealed = vault.seal(token)
        namespace.token_state = Namespace.Token.CHECKING
        namespace.token_note = ""
        namespace.connected_by_id = actor.user_id
        namespace.save()
        log.record(actor, event, of_namespace(namespace))
        queue.enqueue(CHECK_TOKEN, [namespace.pk])
    return namespace


def check_token(*, actor: Actor, namespace: Namespace) -> None:
    """Ask the Hub again what the stored token may do."""
    with transaction.atomic(durable=True):
        rights.require(actor, "check_token", namespace)
        queue.enqueue(CHECK_TOKEN, [namespace.pk])


def recheck_token(*, namespace_id: int) -> None:
    """The Hub refused the stored token somewhere: ask it about the token itself, unless that is on its way or just
    done."""
    recent = timezone.now() - _RECHECK_AFTER
    with transaction.atomic():
        stale = Namespace.objects.filter(pk=namespace_id).exclude(token_checked_at__gt=recent)
        if stale.exists():
            queue.enqueue(CHECK_TOKEN, [namespace_id])


def record_token(*, namespace_id: int, state: str, note: str, account: str, proves: bool) -> None:
    """Take note of what the Hub said about a namespace's token. One that `proves` the right to run the namespace makes
    whoever stored it an author. A token that reads starts the mirror at once; one that stopped working is told to the
    authors once."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        namespace = Namespace.objects.select_for_update().get(pk=namespace_id)
        changed = namespace.token_state != state
        namespace.token_state, namespace.token_note = state, note
        namespace.token_account, namespace.token_checked_at = account, now
        if state in _READS:
            namespace.mirror_due_at = now
            namespace.mirror_error = ""
        if proves and namespace.connected_by_id:
            Role.objects.get_or_create(
                namespace=namespace,
                repository=None,
                user_id=namespace.connected_by_id,
                name=Role.Name.AUTHOR,
                ended_at=None,
            )
        namespace.save()
        if changed:
            log.record(SYSTEM, events.TOKEN_CHECKED, of_namespace(namespace), data={"state": state.replace("_", " ")})
        if changed and state in _BROKEN and namespace.mirrored_at is not None:
            notify.send([notices.token_broken(namespace, rights.authors_of(namespace))])


def switch_changes(*, actor: Actor, namespace: Namespace, on: bool) -> None:
    """Allow hubgate to change the Hub for this namespace, or stop it. WrongStateError where the token could not do
    it."""
    with transaction.atomic(durable=True):
        namespace = Namespace.objects.select_for_update().get(pk=namespace.pk)
        rights.require(actor, "switch_changes", namespace)
        if on and namespace.token_state != Namespace.Token.WORKING:
            raise WrongStateError(
                f"The token of {namespace.name} cannot change anything on the Hub. Store one that may write first.",
                code="token_cannot_write",
            )
        if namespace.changes_enabled == on:
            return
        namespace.changes_enabled = on
        namespace.save(update_fields=["changes_enabled"])
        event = events.CHANGES_SWITCHED_ON if on else events.CHANGES_SWITCHED_OFF
        log.record(actor, event, of_namespace(namespace))


def stop_all_changes(*, actor: Actor) -> list[str]:
    """Stop changing the Hub in all namespaces, as before a backup that was put back is compared with it; each author
    allows changes again. The operator's command line is the only caller, so that no right is asked for. Returns the
    names of those that were switched off."""
    with transaction.atomic(durable=True):
        found = list(Namespace.objects.select_for_update(no_key=True).filter(changes_enabled=True).order_by("pk"))
        Namespace.objects.filter(pk__in=[namespace.pk for namespace in found]).update(changes_enabled=False)
        log.record_many(actor, [log.Entry(events.CHANGES_SWITCHED_OFF, of_namespace(namespace)) for namespace in found])
    return [namespace.name for namespace in found]


def switch_mail(*, actor: Actor, namespace: Namespace, on: bool) -> None:
    """Have decisions mailed to requesters, or not."""
    with transaction.atomic(durable=True):
        namespace = Namespace.objects.select_for_update().get(pk=namespace.pk)
        rights.require(actor, "switch_mail", namespace)
        if namespace.mail_requesters == on:
            return
        namespace.mail_requesters = on
        namespace.save(update_fields=["mail_requesters"])
        log.record(actor, events.MAIL_SWITCHED_ON if on else events.MAIL_SWITCHED_OFF, of_namespace(namespace))


def _require_free(actor: Actor, namespace: Namespace) -> None:
    """A namespace whose token never worked has no author yet: anyone may bring a better token."""
    if rights.may(actor, "replace_token", namespace):
        return
    if rights.authors_of(namespace).exists():
        raise NotAllowedError(f"{namespace.name} is connected already. Ask one of its authors to let you in.")
