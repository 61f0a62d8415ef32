"""Proposals by readers, and the rulings on them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.hub.card import NFAA_TAG
from hubgate.hub.reasons import storable
from hubgate.notify import actions as notify
from repos.models import Repository
from repos.subjects import of_repository
from tagging import events, notices, rights, rules
from tagging.actions.tag import accept_same, clean_reason, locked, require_changes, write
from tagging.models import Proposal, Ruling, Tag

NO_EVIDENCE = "Say what you saw, and where: those who rule on it look there."


def propose(*, actor: Actor, repository_id: int, evidence: str, links: Sequence[str] = ()) -> Proposal:
    """Propose that the tag be set where it is not, or cleared where it is. NotFoundOrHiddenError, NotAllowedError (an
    author sets it), InvalidInputError (no evidence, too much of it, no web address), or WrongStateError where the
    actor's earlier proposal is open."""
    evidence, cleaned = _clean(evidence, links)
    with transaction.atomic(durable=True):
        repository = locked(actor, repository_id)
        rights.require(actor, "propose", repository)
        mine = Proposal.objects.filter(repository=repository, proposer_id=actor.user_id, status=Proposal.Status.OPEN)
        if (before := mine.first()) is not None:
            raise WrongStateError(
                "Your proposal for this repository is open already. Withdraw it to propose anew.",
                code="proposed_already",
                data={"proposal": before.pk},
            )
        tag = Tag.objects.filter(repository=repository, tag=NFAA_TAG).first()
        proposal = Proposal.objects.create(
            repository=repository,
            wants_set=not (tag.is_set if tag else bool(repository.nfaa)),
            evidence=evidence,
            links=cleaned,
            proposer_id=actor.user_id,
            proposer_label=actor.label[:200],
        )
        data = {"wanted": events.WORDS[proposal.wants_set]}
        log.record(actor, events.PROPOSED, of_repository(repository), cause="proposal", data=data)
        notify.send([notices.proposed(proposal, rights.rulers_of(repository))])
    return proposal


def rule(*, actor: Actor, proposal_id: int, accept: bool, reason: str) -> Ruling:
    """Accept a proposal, which sets or clears the tag, or decline it; the reason is public and the proposer is told.
    NotFoundOrHiddenError, NotAllowedError, InvalidInputError (no reason), or WrongStateError where it was closed
    meanwhile or hubgate only reads the namespace."""
    reason = clean_reason(reason)
    with transaction.atomic(durable=True):
        proposal, repository = _locked(actor, proposal_id)
        rights.require(actor, "rule", repository)
        _require_open(proposal)
        data = {"wanted": events.WORDS[proposal.wants_set], "reason": reason}
        proposal.status = Proposal.Status.ACCEPTED if accept else Proposal.Status.DECLINED
        proposal.closed_at = timezone.now()
        if accept:
            require_changes(repository)
            ruling = _accepted(actor, repository, proposal, reason)
        else:
            ruling = _ruling(actor, repository, proposal, Ruling.Outcome.KEPT, reason)
        proposal.save(update_fields=["status", "closed_at"])
        event = events.ACCEPTED if accept else events.DECLINED
        log.record(actor, event, of_repository(repository), cause="proposal", data=data)
        notify.send([notices.ruled(proposal, ruling)])
        if accept:
            accept_same(actor, ruling)
    return ruling


def withdraw(*, actor: Actor, proposal_id: int) -> None:
    """Take one's own proposal back. NotFoundOrHiddenError for those of others, WrongStateError where it was closed."""
    with transaction.atomic(durable=True):
        proposal, repository = _locked(actor, proposal_id)
        if proposal.proposer_id != actor.user_id:
            raise NotFoundOrHiddenError("There is no such proposal, or it is not yours.")
        _require_open(proposal)
        proposal.status, proposal.closed_at = Proposal.Status.WITHDRAWN, timezone.now()
        proposal.save(update_fields=["status", "closed_at"])
        notify.withdraw([notices.PROPOSED], "proposal", [proposal.pk])
        data = {"wanted": events.WORDS[proposal.wants_set]}
        log.record(actor, events.WITHDRAWN, of_repository(repository), cause="proposal", data=data)


def _clean(evidence: str, links: Sequence[str]) -> tuple[str, list[str]]:
    evidence = storable(evidence.replace("\r\n", "\n").replace("\x00", "")).strip()
    problems = {}
    if not evidence:
        problems["evidence"] = NO_EVIDENCE
    elif len(evidence) > rules.EVIDENCE_LIMIT:
        problems["evidence"] = (
            f"Shorten this: it has {len(evidence):,} characters, and {rules.EVIDENCE_LIMIT:,} are kept."
        )
    cleaned, wrong = rules.links_in("\n".join(links))
    if wrong:
        problems["links"] = wrong
    if problems:
        raise InvalidInputError(next(iter(problems.values())), fields=problems)
    return evidence, cleaned


def _locked(actor: Actor, proposal_id: int) -> tuple[Proposal, Repository]:
    """A proposal that the actor may read, and its repository; the repository's row is locked first, as by `decide`."""
    found = rights.proposals_visible_to(actor).filter(pk=proposal_id).values_list("repository_id", flat=True).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such proposal, or it is not for you to read.")
    repository = (
        Repository.objects.select_for_update(no_key=True, of=("self",)).select_related("namespace").get(pk=found)
    )
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("proposer", "repository__namespace")
        .get(pk=proposal_id)
    )
    return proposal, repository


def _require_open(proposal: Proposal) -> None:
    if proposal.status != Proposal.Status.OPEN:
        raise WrongStateError(f"This proposal is {proposal.status} already.", code="closed_meanwhile")


def _accepted(actor: Actor, repository: Repository, proposal: Proposal, reason: str) -> Ruling:
    tag = Tag.objects.filter(repository=repository, tag=proposal.tag).first()
    is_so = tag.is_set == proposal.wants_set if tag else repository.nfaa == proposal.wants_set
    if is_so:  # somebody set or cleared it meanwhile: there is nothing left to change
        outcome = Ruling.Outcome.SET if proposal.wants_set else Ruling.Outcome.CLEARED
        return _ruling(actor, repository, proposal, outcome, reason)
    cause = Ruling.Cause.PROPOSAL
    return write(actor, repository, is_set=proposal.wants_set, reason=reason, cause=cause, proposal=proposal)


def _ruling(actor: Actor, repository: Repository, proposal: Proposal, outcome: str, reason: str) -> Ruling:
    return Ruling.objects.create(
        repository=repository,
        outcome=outcome,
        cause=Ruling.Cause.PROPOSAL,
        reason=reason,
        proposal=proposal,
        made_by_id=actor.user_id,
        made_by_label=actor.label[:200],
    )
