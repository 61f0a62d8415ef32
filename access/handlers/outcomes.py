"""What an error of the Hub means for outbox work about a repository."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from hubgate.hub import tokens
from hubgate.hub.errors import HubError, HubUnreachable, RateLimited, RepoMoved, TimedOut, TokenRejected
from hubgate.hub.tokens import ErrorContext
from hubgate.outbox.registry import Later, Outcome, Parked
from repos.models import Repository

_TOKEN_WAIT = timedelta(minutes=5)
# Each try at a Hub that hangs holds a worker for the whole time limit of a call.
_HANG_WAIT = timedelta(seconds=15)


def outcome_of(error: HubError, repository: Repository) -> Outcome:
    """When the work is tried again; parked where a person has to act first."""
    context = ErrorContext(namespace=repository.namespace.name, repo_id=repository.name)
    sentence = tokens.explain(error, context)
    if isinstance(error, RateLimited):
        return Later(sentence, error.retry_at)
    if isinstance(error, TokenRejected):
        return Later(sentence, timezone.now() + _TOKEN_WAIT)
    if isinstance(error, HubUnreachable) and error.retry_at is not None:
        return Later(sentence, error.retry_at)
    if isinstance(error, TimedOut):
        return Later(sentence, timezone.now() + _HANG_WAIT)
    if isinstance(error, RepoMoved) or error.temporary:
        return Later(sentence)
    return Parked(sentence)
