"""Repositories that turned private."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from access import actions
from hubgate.outbox.registry import Done, Outcome
from repos.models import Repository


def tell_turned_private(keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Tell those who were let in (keys are `repository id:when`). There is nothing to tell where a repository is public
    again meanwhile."""
    for key in keys:
        repository_id, _, occasion = key.partition(":")
        repository = Repository.objects.select_related("namespace").filter(pk=int(repository_id), private=True).first()
        if repository is not None:
            actions.tell_now_private(repository=repository, occasion=occasion)
    return {key: Done() for key in keys}
