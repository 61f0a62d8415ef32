"""An author sets or clears the tag of a repository."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.hub.card import NFAA_TAG
from hubgate.hub.reasons import storable
from hubgate.notify import actions as notify
from hubgate.outbox import queue
from repos import rules as repo_rules
from repos.models import Repository
from repos.rules import CONTENT_TAG
from repos.subjects import of_repository
from tagging import events, notices, rights, rules
from tagging.models import Proposal, Ruling, Tag

NO_REASON = "Give a reason: it is public, and whoever wonders about the tag reads it."


def decide(*, actor: Actor, repository_id: int, is_set: bool, reason: str) -> Ruling:
    """Set or clear the tag with a public reason; hubgate then changes the card on the Hub. Open proposals of the same
    are accepted with it. NotFoundOrHiddenError, NotAllowedError, InvalidInputError (no reason), or WrongStateError
    where hubgate only reads the namespace, the Hub no longer lists the repository, or the tag is so already."""
    reason = clean_reason(reason)
    with transaction.atomic(durable=True):
        repository = locked(actor, repository_id)
        rights.require(actor, "set" if is_set else "clear", repository)
        require_changes(repository)
        tag = Tag.objects.filter(repository=repository, tag=NFAA_TAG).first()
        _require_other(repository, tag, is_set)
        event = events.SET if is_set else events.CLEARED
        log.record(actor, event, of_repository(repository), cause="author", data={"reason": reason})
        ruling = write(actor, repository, is_set=is_set, reason=reason, cause=Ruling.Cause.AUTHOR)
        accept_same(actor, ruling)
    return ruling


def retry(*, actor: Actor, repository_id: int) -> None:
    """Try once more to change the card on the Hub. WrongStateError where nothing waits."""
    with transaction.atomic(durable=True):
        repository = locked(actor, repository_id)
        rights.require(actor, "retry", repository)
        require_changes(repository)
        if not queue.retry(CONTENT_TAG, repository.pk):
            raise WrongStateError("Nothing waits to be written into the card on the Hub.", code="nothing_to_push")
        log.record(actor, events.COMMIT_RETRIED, of_repository(repository))


def clean_reason(reason: str) -> str:
    """A public reason as it is kept. InvalidInputError where it is missing or far too long."""
    reason = storable(reason.replace("\r\n", "\n").replace("\x00", "")).strip()
    if not reason:
        raise InvalidInputError(NO_REASON, fields={"reason": NO_REASON})
    if len(reason) > rules.REASON_LIMIT:
        message = f"Shorten the reason: it has {len(reason):,} characters, and {rules.REASON_LIMIT:,} are kept."
        raise InvalidInputError(message, fields={"reason": message})
    return reason


def locked(actor: Actor, repository_id: int) -> Repository:
    """The repository, its row locked, so that rulings on it come one after another."""
    repository = (
        Repository.objects.select_for_update(no_key=True, of=("self",))
        .select_related("namespace")
        .filter(pk=repository_id)
        .first()
    )
    if repository is None or not rights.may(actor, "view", repository):
        raise NotFoundOrHiddenError("There is no such repository, or it is not for you to see.")
    return repository


def require_changes(repository: Repository) -> None:
    """WrongStateError where hubgate may not, or cannot, change the card."""
    if not repository.namespace.changes_enabled:
        raise WrongStateError(repo_rules.reading_only(repository.namespace.name), code="reading_only")
    if repository.missing_since is not None:
        raise WrongStateError(f"The Hub no longer lists {repository.name}: its card cannot be changed.", code="missing")


def write(
    actor: Actor, repository: Repository, *, is_set: bool, reason: str, cause: str, proposal: Proposal | None = None
) -> Ruling:
    """The ruling, our word on the tag and the work that carries it to the Hub. The repository's row is locked."""
    ruling = Ruling.objects.create(
        repository=repository,
        outcome=Ruling.Outcome.SET if is_set else Ruling.Outcome.CLEARED,
        cause=cause,
        reason=reason,
        proposal=proposal,
        made_by_id=actor.user_id,
        made_by_label=actor.label[:200],
    )
    Tag.objects.update_or_create(
        repository=repository, tag=NFAA_TAG, defaults={"is_set": is_set, "waits": True, "ruling": ruling}
    )
    queue.enqueue(CONTENT_TAG, [repository.pk], scope=repository.pk)
    return ruling


def accept_same(actor: Actor, ruling: Ruling) -> None:
    """Close what else is open and wanted just this: it is so now, and the proposers are told why."""
    now = timezone.now()
    wanted = ruling.outcome == Ruling.Outcome.SET
    same = Proposal.objects.select_for_update(of=("self",)).filter(
        repository=ruling.repository, tag=ruling.tag, status=Proposal.Status.OPEN, wants_set=wanted
    )
    for proposal in same.select_related("proposer", "repository__namespace").order_by("pk"):
        proposal.status, proposal.closed_at = Proposal.Status.ACCEPTED, now
        proposal.save(update_fields=["status", "closed_at"])
        data = {"wanted": events.WORDS[wanted]}
        log.record(actor, events.ACCEPTED, of_repository(ruling.repository), cause="author", data=data)
        notify.send([notices.ruled(proposal, ruling)])


def _require_other(repository: Repository, tag: Tag | None, is_set: bool) -> None:
    word = events.WORDS[is_set]
    if tag is not None and tag.is_set == is_set:
        waits = " hubgate is still writing it into the card on the Hub." if tag.waits else ""
        raise WrongStateError(f"“Not For All Eyes” is {word} already.{waits}", code="already_so")
    if tag is None and repository.nfaa == is_set:
        had = "has the tag already" if is_set else "has no such tag"
        raise WrongStateError(f"The card of {repository.name} {had}.", code="already_so")
