"""Namespaces and repositories as the audit trail names them."""

from __future__ import annotations

from hubgate.audit.log import Subject
from repos.models import Namespace, Repository


def of_namespace(namespace: Namespace) -> Subject:
    """The namespace as an event's subject."""
    return Subject("namespace", namespace.pk, namespace.name, namespace_id=namespace.pk)


def of_repository(repository: Repository) -> Subject:
    """The repository as an event's subject."""
    return Subject(
        "repository", repository.pk, repository.name, repository_id=repository.pk, namespace_id=repository.namespace_id
    )
