"""Access requests as the audit trail names them."""

from __future__ import annotations

from access.models import AccessRequest
from hubgate.audit.log import Subject


def label(request: AccessRequest) -> str:
    """Who asked, by user name; never an e-mail."""
    return request.person.username if request.person else "Somebody whose name the Hub hides"


def full_name(request: AccessRequest) -> str:
    """Who asked, as one calls them; never an e-mail."""
    return (request.person.fullname or request.person.username) if request.person else label(request)


def of_request(request: AccessRequest) -> Subject:
    """The request as an event's subject. Needs `person` and `repository` at hand."""
    return Subject(
        "request",
        request.pk,
        label(request),
        repository_id=request.repository_id,
        namespace_id=request.repository.namespace_id,
    )
