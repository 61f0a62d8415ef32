"""The requests of a list as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from access import actions, queries
from access.queries import ExportLine
from access.views.listing import Listing
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError
from hubgate.http import exports

_FACTS = [field.name for field in fields(ExportLine) if field.name != "answers"]


@require_POST
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All requests of the list in the address, sent while they are read. It is noted in the history first."""
    actor, wanted = actor_of(request.user), Listing.read(request.GET).wanted
    kind = request.POST.get("format", exports.CSV)
    if kind not in exports.TYPES:
        raise InvalidInputError("Choose CSV or JSON lines.", code="bad_format")
    queries.require_open(actor, wanted)
    actions.note_export(actor=actor, wanted=wanted)
    lines = queries.export_lines(actor, wanted)
    if kind == exports.CSV:
        questions = queries.export_questions(actor, wanted)
        content = exports.csv_lines(_header(questions), _cells(lines, questions))
    else:
        content = exports.json_lines(map(_record, lines))
    name = f"requests-{timezone.now():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(content, content_type=exports.TYPES[kind], headers=headers)


def _header(questions: Sequence[str]) -> list[str]:
    return [*_FACTS, *(f"answer: {question}" for question in questions), "other answers"]


def _cells(lines: Iterator[ExportLine], questions: Sequence[str]) -> Iterator[list[Any]]:
    """Each line in the columns of `_header`; an answer to a question that no form version has goes into the last."""
    asked = set(questions)
    for line in lines:
        answers = dict(line.answers)
        facts = _record(line)
        facts["organisations"] = ", ".join(line.organisations)
        others = [f"{question}: {answer}" for question, answer in line.answers if question not in asked]
        yield [*(facts[name] for name in _FACTS), *map(answers.get, questions), "\n".join(others)]


def _record(line: ExportLine) -> dict[str, Any]:
    record = asdict(line)
    for name in ("asked_at", "decided_at"):
        record[name] = record[name].isoformat() if record[name] else None
    record["answers"] = [{"question": question, "answer": answer} for question, answer in line.answers]
    return record
