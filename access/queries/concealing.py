"""A request as an auditor reads it: without e-mail address and answers."""

from __future__ import annotations

from access.models import AccessRequest

HIDDEN = "hidden"
PERSONAL = ("email", "email_domain", "email_kind", "search_text", "country")


def conceal(request: AccessRequest) -> None:
    """Take out of a request that was read to be shown what only those who decide may read. Columns that were not
    loaded are not loaded later either."""
    for name in PERSONAL:
        setattr(request, name, "")
    request.answers = {}
