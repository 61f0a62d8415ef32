"""Our word on a tag on its way to the card on the Hub. Safe to repeat at any point: the card is read first, and where
it says so already no commit is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from hubgate.errors import WrongStateError
from hubgate.hub import tokens
from hubgate.hub.card import NFAA_TAG, read_card
from hubgate.hub.card_edit import CardEditError, clear_tag, set_tag
from hubgate.hub.client import HubClient
from hubgate.hub.errors import EntryNotFound, HubError, ParentMoved, RateLimited, RepoMoved, TokenRejected
from hubgate.hub.tokens import ErrorContext
from hubgate.outbox.registry import Done, Later, Outcome, Parked
from repos import actions as repo_actions
from repos import rules as repo_rules
from repos.hub import client_of
from repos.models import Repository
from tagging import actions, rules
from tagging.models import Tag

CARD = "README.md"
_TRIES = 2  # a commit that met another one is rebased once
_TOKEN_WAIT = timedelta(minutes=5)


def carry_tags(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Bring the card of each repository (keys are ids) to our word, or follow the Hub's where ours had arrived."""
    outcomes: dict[str, Outcome] = {key: Done() for key in keys}
    found = Tag.objects.select_related("repository__namespace", "ruling")
    for tag in found.filter(repository__in=[int(key) for key in keys], tag=NFAA_TAG):
        outcomes[str(tag.repository_id)] = _carry(tag)
    refused = {int(key): outcome.error for key, outcome in outcomes.items() if isinstance(outcome, Parked)}
    actions.record_refused(sentences=refused)
    return outcomes


def _carry(tag: Tag) -> Outcome:
    repository = tag.repository
    try:
        client = client_of(repository.namespace, lane="people")
        return _agree(client, tag)
    except WrongStateError as error:
        return Parked(error.message)
    except HubError as error:
        return _outcome(error, repository)


def _agree(client: HubClient, tag: Tag) -> Outcome:
    repository = tag.repository
    for _ in range(_TRIES):
        card, sha = _read(client, repository)
        if not tag.waits:
            _follow(tag, card, sha)
            return Done()
        try:
            edited = set_tag(card, tag.tag) if tag.is_set else clear_tag(card, tag.tag)
        except CardEditError as error:
            return Parked(error.message)
        if edited == card:
            actions.record_agreed(tag=tag)
            _take_note(repository, card, sha)
            return Done()
        if not repository.namespace.changes_enabled:
            return Parked(repo_rules.reading_only(repository.namespace.name))
        try:
            commit = client.commit(
                repo_rules.plural_of(repository.kind),
                repository.name,
                parent=sha,
                summary=rules.summary(is_set=tag.is_set, tag=tag.tag),
                description=tag.ruling.reason,
                files={CARD: edited},
            )
        except ParentMoved:
            continue
        actions.record_committed(tag=tag, commit=commit)
        _take_note(repository, edited, commit.sha)
        return Done()
    return Parked(
        f"Somebody else committed to {repository.name} each time that hubgate was about to, so nothing was written. "
        "See what goes on there, then try again."
    )


def _read(client: HubClient, repository: Repository) -> tuple[bytes, str | None]:
    """The card as it is now and the commit that it stands at; nothing where there is no card."""
    kind = repo_rules.plural_of(repository.kind)
    try:
        return client.read_file(kind, repository.name, CARD, "main")
    except EntryNotFound:
        return b"", client.repo_info(kind, repository.name, with_card=False).sha


def _follow(tag: Tag, card: bytes, sha: str | None) -> None:
    seen = read_card(card)
    if seen.nfaa is not None:
        actions.record_hub_word(tag=tag, is_set=seen.nfaa)
    _take_note(tag.repository, card, sha)


def _take_note(repository: Repository, card: bytes, sha: str | None) -> None:
    """Have the repository's page say what the card says, without waiting for the mirror."""
    seen = read_card(card)
    if sha and seen.nfaa is not None and seen.nfaa != repository.nfaa:
        source = card.decode("utf-8", "replace")
        repo_actions.record_card(repository=repository, sha=sha, card=seen, source=source, ask_tag=False)


def _outcome(error: HubError, repository: Repository) -> Outcome:
    context = ErrorContext(namespace=repository.namespace.name, repo_id=repository.name)
    sentence = tokens.explain(error, context)
    if isinstance(error, RateLimited):
        return Later(sentence, error.retry_at)
    if isinstance(error, TokenRejected):
        return Later(sentence, timezone.now() + _TOKEN_WAIT)
    if isinstance(error, RepoMoved) or error.temporary:
        return Later(sentence)
    return Parked(sentence)
