"""Where the Hub shows a repository."""

from __future__ import annotations

from django.conf import settings

from repos import rules as repo_rules
from repos.models import Repository


def hub_url(repository: Repository) -> str:
    """The repository's page on the Hub."""
    return str(settings.HUB_URL) + repo_rules.web_path(repository.kind, repository.name)
