"""Namespaces, repositories and cards: what is asked of the Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from hubgate.errors import WrongStateError
from hubgate.hub import tokens
from hubgate.hub.card import read_card
from hubgate.hub.client import HubClient
from hubgate.hub.errors import HubError, HubUnreachable, RateLimited, RepoNotFound, TokenRejected
from hubgate.hub.tokens import ErrorContext
from hubgate.hub.types import REPO_KINDS, RepoInfo
from hubgate.outbox.registry import Done, Later, Outcome
from repos import actions, rules
from repos.hub import client_of
from repos.models import Namespace, Repository

_PROOF = ("owner", "admin")


def check_tokens(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Ask the Hub what the token of each namespace (keys are ids) may do."""
    found = {str(namespace.pk): namespace for namespace in Namespace.objects.filter(pk__in=[int(key) for key in keys])}
    return {key: _check_token(found[key]) if key in found else Done() for key in keys}


def _check_token(namespace: Namespace) -> Outcome:
    state = Namespace.Token
    try:
        reach = tokens.judge_token(client_of(namespace, lane="people").whoami(), namespace.name)
    except WrongStateError as error:
        actions.record_token(namespace_id=namespace.pk, state=state.DEAD, note=error.message, account="", proves=False)
        return Done()
    except HubError as error:
        sentence = tokens.explain(error, ErrorContext(namespace=namespace.name))
        word = state.DEAD if isinstance(error, TokenRejected) else state.UNREACHABLE
        actions.record_token(namespace_id=namespace.pk, state=word, note=sentence, account="", proves=False)
        if isinstance(error, RateLimited):
            return Later(sentence, error.retry_at)
        if isinstance(error, HubUnreachable) and error.retry_at is not None:
            return Later(sentence, error.retry_at)
        return Later(sentence) if error.temporary else Done()
    if reach.role is None:
        word = state.WRONG_ACCOUNT
    elif reach.can_write:
        word = state.WORKING
    else:
        word = state.READ_ONLY if reach.can_list_requests else state.NARROW
    actions.record_token(
        namespace_id=namespace.pk,
        state=word,
        note=reach.sentence,
        account=reach.account,
        proves=reach.can_write or reach.role in _PROOF,
    )
    return Done()


def mirror_namespace(namespace: Namespace) -> None:
    """One round over the repositories of a namespace and the cards that changed. An error ends the round, not the
    next."""
    now = timezone.now()
    next_at = now + timedelta(seconds=settings.HUB_REPOSITORIES_SECONDS)
    try:
        client = client_of(namespace)
        shown = _read_repositories(client, namespace, now)
        problems = _read_cards(client, shown)
    except WrongStateError as error:
        actions.record_round(namespace=namespace, next_at=next_at, finished=False, error=error.message, began_at=now)
    except HubError as error:
        sentence = tokens.explain(error, ErrorContext(namespace=namespace.name))
        if isinstance(error, TokenRejected):
            actions.record_token(
                namespace_id=namespace.pk, state=Namespace.Token.DEAD, note=sentence, account="", proves=False
            )
        actions.record_round(
            namespace=namespace, next_at=_after(error, next_at), finished=False, error=sentence, began_at=now
        )
    else:
        actions.record_round(
            namespace=namespace, next_at=next_at, finished=True, error=" ".join(problems), began_at=now
        )


def read_hinted(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Read the repositories (keys are ids) that webhooks named, each with a call or two. What a single reading cannot
    tell, such as that one is gone, is left to a round over the namespace."""
    found = {
        str(repository.pk): repository
        for repository in Repository.objects.select_related("namespace").filter(pk__in=[int(key) for key in keys])
    }
    return {key: _read_hinted(found[key]) if key in found else Done() for key in keys}


def _read_hinted(repository: Repository) -> Outcome:
    namespace, now = repository.namespace, timezone.now()
    if namespace.token_state not in (Namespace.Token.WORKING, Namespace.Token.READ_ONLY):
        return Done()
    try:
        client = client_of(namespace)
        info = client.repo_info(rules.plural_of(repository.kind), repository.name, with_card=False)
        is_ours = info.hub_id == repository.hub_id and info.id.partition("/")[0].lower() == namespace.name.lower()
        if is_ours:
            shown = actions.record_repositories(namespace=namespace, infos=[info], read_at=now, complete=False)
            _read_cards(client, shown)
            return Done()
    except WrongStateError:
        return Done()
    except RateLimited as error:
        return Later(error.sentence, error.retry_at)
    except RepoNotFound:
        pass
    except TokenRejected:
        actions.recheck_token(namespace_id=namespace.pk)
        return Done()
    except HubError as error:
        return Later(error.sentence) if error.temporary else Done()
    actions.make_namespace_due(namespace_id=namespace.pk, now=now)
    return Done()


def _read_repositories(client: HubClient, namespace: Namespace, read_at: datetime) -> list[Repository]:
    infos: list[RepoInfo] = []
    complete = True
    for kind in REPO_KINDS:
        last = False
        for page in client.list_repos(kind, namespace.name):
            infos += page.rows
            last = page.complete_hint and not page.odd
        complete = complete and last
    complete = complete and all(info.hub_id for info in infos)
    return actions.record_repositories(namespace=namespace, infos=infos, read_at=read_at, complete=complete)


def _read_cards(client: HubClient, repositories: Sequence[Repository]) -> list[str]:
    """Read the card of each repository whose commit is new. One that cannot be fetched is named and tried again."""
    problems = []
    for repository in repositories:
        if repository.sha == repository.card_sha or not repository.sha:
            continue
        kind = rules.plural_of(repository.kind)
        try:
            card = client.card(kind, repository.name, repository.sha)
        except (RateLimited, HubUnreachable, TokenRejected):
            raise
        except HubError as error:
            problems.append(f"The card of {repository.name} could not be read: {error.sentence}")
            continue
        text = card.text if card is not None and card.text is not None else ""
        actions.record_card(repository=repository, sha=repository.sha, card=read_card(text), source=text)
    return problems


def _after(error: HubError, next_at: datetime) -> datetime:
    return max(error.retry_at, next_at) if isinstance(error, RateLimited) else next_at
