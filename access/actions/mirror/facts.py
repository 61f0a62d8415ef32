"""What a row of the Hub's lists tells of a request, as its columns hold it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from access import rules, states
from access.models import AccessRequest
from hubgate.actors import HUB
from hubgate.hub.types import RequestRow
from repos.models import Repository

# Counted up when other columns are filled from a row: then every row counts as changed once, and they are.
_DIGEST_VERSION = "2"


@dataclass(frozen=True)
class Forms:
    """The form versions of a repository: (id, labels) newest first, and which labels ask for a country."""

    versions: list[tuple[int, list[str]]]
    country_labels: list[str]
    _matched: dict[tuple[str, ...], int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, repository: Repository) -> Forms:
        found = list(repository.forms.order_by("-number").values_list("pk", "fields"))
        questions = [question for _, fields in found for question in fields]
        return cls(
            [(pk, [question["label"] for question in fields]) for pk, fields in found],
            list(dict.fromkeys(question["label"] for question in questions if question["type"] in rules.COUNTRY_TYPES)),
        )

    def matching(self, answers: dict[str, str]) -> int | None:
        """The version that somebody answered, as `rules.matching_form` finds it."""
        labels = tuple(answers)
        if labels not in self._matched:
            self._matched[labels] = rules.matching_form(self.versions, answers)
        return self._matched[labels]


class Told(NamedTuple):
    """The columns that follow from what a row tells."""

    email: str
    email_domain: str
    email_kind: str
    search_text: str
    country: str
    organisations: str


def told(row: RequestRow, forms: Forms, *, email_before: str = "") -> Told:
    """What follows from a row; a row without an address leaves the one that was shared before."""
    email = (row.email or email_before)[:320]
    domain, kind = _mail(email.rpartition("@")[2]) if "@" in email else ("", "")
    return Told(
        email,
        domain,
        kind,
        rules.search_text(row.username or "", row.fullname or "", email, *row.fields.values()),
        rules.country_of(row.fields, forms.country_labels) if forms.country_labels else "",
        rules.organisations_key(row.verified_orgs) if row.verified_orgs else "",
    )


@lru_cache(maxsize=4096)
def _mail(domain: str) -> tuple[str, str]:
    facts = rules.mail_facts(f"@{domain}")
    return facts.domain[:255], facts.kind.value


def digest_of(row: RequestRow) -> str:
    """Tells whether a row is the one that was taken in before: the same for the same facts."""
    return _DIGEST_VERSION + hashlib.blake2b(orjson.dumps(tuple(row)), digest_size=15).hexdigest()


def decided_label(by: str | None) -> str:
    """Who decided on the Hub, as far as the Hub says."""
    return f"{by} on the Hub"[:200] if by else HUB.label


FRESH = (
    "id", "repository_id", "person_id", "hub_request_id", "status", "via", "asked_at", "answers", "form_id",
    *Told._fields,
    "decided_at", "decided_by_label", "cause", "reason",
    "hub_status", "hub_seen_at", "hub_reviewed_at", "hub_digest", "missing_walks", "created_at",
)  # fmt: skip


def fresh(
    row: RequestRow, *, repository_id: int, person_id: int | None, digest: str, forms: Forms, read_at: datetime,
    now: datetime,
) -> tuple[Any, ...]:  # fmt: skip
    """The values of `FRESH`, without the id, of a request that nobody knew."""
    if row.status == states.PENDING:
        decision: tuple[Any, ...] = (None, "", "", "")
    else:
        decision = (row.reviewed_at or read_at, decided_label(row.granted_by), "hub", "")
    return (
        repository_id, person_id, row.request_id, row.status, "hub", row.requested_at, row.fields,
        forms.matching(row.fields),
        *told(row, forms),
        *decision,
        row.status, read_at, row.reviewed_at, digest, 0, now,
    )  # fmt: skip


# What the mirror writes of a request that is known.
WRITTEN = (
    "person_id", "hub_request_id", "status", "via", "asked_at", "answers", "form_id",
    *Told._fields,
    "decided_at", "decided_by_id", "decided_by_label", "cause", "reason", "before", "ends_at", "remind_at",
    "hub_status", "hub_seen_at", "hub_reviewed_at", "hub_digest", "missing_walks", "told_status",
)  # fmt: skip


def written(request: AccessRequest) -> tuple[Any, ...]:
    """The id and the values of `WRITTEN`."""
    return (request.pk, *(getattr(request, name) for name in WRITTEN))


def copy(
    request: AccessRequest, row: RequestRow, person_id: int | None, digest: str, forms: Forms, read_at: datetime
) -> None:
    """What the Hub alone knows: who, when, what was answered, and its own status."""
    if row.status in (request.status, request.told_status):
        request.told_status = ""
    request.person_id = person_id or request.person_id
    request.hub_request_id = row.request_id or request.hub_request_id
    request.asked_at = row.requested_at
    if request.form_id is None or request.answers != row.fields:
        request.form_id = forms.matching(row.fields)
    request.answers = row.fields
    for name, value in told(row, forms, email_before=request.email)._asdict().items():
        setattr(request, name, value)
    request.hub_status, request.hub_seen_at, request.hub_reviewed_at = row.status, read_at, row.reviewed_at
    request.hub_digest, request.missing_walks = digest, 0


def decide(request: AccessRequest, status: str, at: datetime, *, cause: str = "hub", by: str | None = None) -> None:
    """A decision that was not taken here: it has no end, and there is nothing of ours to undo any more."""
    pending = status == states.PENDING
    request.status, request.cause, request.reason, request.decided_by_id = status, cause, "", None
    request.decided_at = None if pending else at
    request.decided_by_label = "" if pending else decided_label(by)
    request.before = request.ends_at = request.remind_at = None
