"""Access requests for a file: all of a list, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from access import rules
from access.models import AccessRequest
from access.queries.filters import Filter, matching
from access.queries.lists import beyond
from hubgate.actors import Actor
from repos.models import FormVersion

CHUNK = 1000


@dataclass(frozen=True)
class ExportLine:
    """One request as a file has it: its facts, and each question that was asked with the answer, None for none."""

    id: int
    repository: str
    username: str
    name: str
    status: str
    asked_at: datetime
    email: str
    organisations: tuple[str, ...]
    country: str
    decided_at: datetime | None
    decided_by: str
    cause: str
    reason: str
    ends_at: datetime | None
    hub_status: str
    answers: tuple[tuple[str, str | None], ...]


def export_lines(actor: Actor, wanted: Filter, *, chunk: int = CHUNK) -> Iterator[ExportLine]:
    """The actor's requests that a filter lets through, newest first. One query for each `chunk` of them, none of which
    stays open, so that a slow reader holds nothing up; what comes meanwhile shifts nothing."""
    rows = matching(actor, wanted).select_related("repository", "person", "form").order_by("-asked_at", "-pk")
    rows = rows.only(
        "status", "asked_at", "email", "answers", "country", "decided_at", "decided_by_label", "cause", "reason",
        "ends_at", "hub_status", "repository__name", "person__username", "person__fullname", "person__verified_orgs",
        "form__fields",
    )  # fmt: skip
    found = list(rows[:chunk])
    while found:
        yield from map(_line, found)
        last = found[-1]
        found = list(rows.filter(beyond(last.asked_at, last.pk, older=True))[:chunk]) if len(found) == chunk else []


def export_questions(actor: Actor, wanted: Filter) -> list[str]:
    """Every question that people of a list were asked, by the form version that they answered; a label that changed is
    two questions."""
    forms = FormVersion.objects.filter(pk__in=matching(actor, wanted).order_by().values("form").distinct())
    labels = (
        field["label"]
        for version in forms.order_by("repository__name", "pk").only("fields")
        for field in version.fields
    )
    return list(dict.fromkeys(labels))


def export_counts(actor: Actor, wanted: Filter) -> dict[int, int]:
    """How many requests a filter lets through, by namespace id."""
    counted = matching(actor, wanted).order_by().values_list("repository__namespace").annotate(number=Count("pk"))
    return dict(counted)


def _line(request: AccessRequest) -> ExportLine:
    person = request.person
    answers = rules.answered(request.form.fields if request.form else [], request.answers)
    return ExportLine(
        id=request.pk,
        repository=request.repository.name,
        username=person.username if person else "",
        name=person.fullname if person else "",
        status=request.status,
        asked_at=request.asked_at,
        email=request.email,
        organisations=tuple(person.verified_orgs) if person else (),
        country=request.country,
        decided_at=request.decided_at,
        decided_by=request.decided_by_label,
        cause=request.cause,
        reason=request.reason,
        ends_at=request.ends_at,
        hub_status=request.hub_status,
        answers=tuple((answer.label, answer.answer) for answer in answers),
    )
