"""Attaching evaluations to a repository, and taking them off."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.hub.reasons import storable
from repos.models import CardResults, Repository
from repos.subjects import of_repository
from tagging import events, rights, rules
from tagging.actions.tag import locked
from tagging.evaluations import FINDING_LIMIT, TITLE_LIMIT, Result, digest_of, of_card
from tagging.models import Evaluation

NO_TITLE = "Give it a title: what was measured."
NOTHING_FOUND = "Give a file with numbers, or a link to a Space with the finding in words."
NO_FINDING = "Say in words what was found there: a link alone tells the reader nothing."


def attach(
    *,
    actor: Actor,
    repository_id: int,
    about: str,
    title: str,
    finding: str = "",
    link: str = "",
    results: Sequence[Result] = (),
) -> Evaluation:
    """Attach numbers (with a finding and a link where there are), or a link with the finding in words.
    NotFoundOrHiddenError, NotAllowedError, InvalidInputError naming each field, or WrongStateError where the same is
    attached already."""
    title, finding, link = _line(title), _prose(finding), link.strip()
    problems = {}
    if not title:
        problems["title"] = NO_TITLE
    elif len(title) > TITLE_LIMIT:
        problems["title"] = f"Shorten the title: it has {len(title):,} characters, and {TITLE_LIMIT} are kept."
    if len(finding) > FINDING_LIMIT:
        problems["finding"] = f"Shorten this: it has {len(finding):,} characters, and {FINDING_LIMIT:,} are kept."
    if about not in Evaluation.About.values:
        problems["about"] = "Say what it is about: bias, safety, or something else."
    if link and (wrong := rules.link_problem(link)):
        problems["link"] = wrong
    if not results and not link:
        problems["file"] = NOTHING_FOUND
    elif not results and not finding:
        problems["finding"] = NO_FINDING
    if problems:
        raise InvalidInputError(next(iter(problems.values())), fields=problems)
    with transaction.atomic(durable=True):
        repository = _locked(actor, repository_id)
        source = Evaluation.Source.FILE if results else Evaluation.Source.SPACE
        return _write(actor, repository, about, source, title, finding, link, results, repository.sha)


def attach_card(*, actor: Actor, repository_id: int, about: str) -> Evaluation:
    """Attach the numbers of the card's `model-index` as they are now: what the card says later does not change it.
    NotFoundOrHiddenError, NotAllowedError, InvalidInputError, or WrongStateError where there is none or the same is
    attached already."""
    if about not in Evaluation.About.values:
        sentence = "Say what it is about: bias, safety, or something else."
        raise InvalidInputError(sentence, fields={"about": sentence})
    with transaction.atomic(durable=True):
        repository = _locked(actor, repository_id)
        held = CardResults.objects.filter(repository=repository).first()
        results = of_card(held.results) if held else []
        if held is None or not results:
            raise WrongStateError("The card has no numbers in its model-index.", code="no_results")
        title = f"Results in the card at commit {held.card_sha[:8]}" if held.card_sha else "Results in the card"
        return _write(actor, repository, about, Evaluation.Source.CARD, title, "", "", results, held.card_sha)


def remove(*, actor: Actor, evaluation_id: int) -> Evaluation:
    """Take an evaluation off its repository; the history keeps that it was there. NotFoundOrHiddenError or
    NotAllowedError."""
    with transaction.atomic(durable=True):
        found = (
            Evaluation.objects.filter(pk=evaluation_id, removed_at=None).values_list("repository", flat=True).first()
        )
        if found is None:
            raise NotFoundOrHiddenError("There is no such evaluation.")
        repository = _locked(actor, found)
        evaluation = Evaluation.objects.select_for_update().get(pk=evaluation_id)
        if evaluation.removed_at is None:
            evaluation.removed_at = timezone.now()
            evaluation.save(update_fields=["removed_at"])
            log.record(actor, events.REMOVED, of_repository(repository), data={"title": evaluation.title})
    return evaluation


def _locked(actor: Actor, repository_id: int) -> Repository:
    repository = locked(actor, repository_id)
    rights.require(actor, "attach", repository)
    return repository


def _write(
    actor: Actor,
    repository: Repository,
    about: str,
    source: str,
    title: str,
    finding: str,
    link: str,
    results: Sequence[Result],
    commit: str,
) -> Evaluation:
    digest = digest_of(results, link, finding)
    same = Evaluation.objects.filter(repository=repository, digest=digest, removed_at=None).first()
    if same is not None:
        raise WrongStateError(f"The same is attached already, as “{same.title}”.", code="already_attached")
    made = Evaluation.objects.create(
        repository=repository,
        about=about,
        source=source,
        title=title[:TITLE_LIMIT],
        finding=finding,
        link=link,
        results=[one.as_dict() for one in results],
        digest=digest,
        commit_sha=commit,
        made_by_id=actor.user_id,
        made_by_label=actor.label[:200],
    )
    log.record(actor, events.ATTACHED, of_repository(repository), data={"title": made.title, "source": source})
    return made


def _line(text: str) -> str:
    return " ".join(storable(text.replace("\x00", "")).split())


def _prose(text: str) -> str:
    return storable(text.replace("\r\n", "\n").replace("\x00", "")).strip()
