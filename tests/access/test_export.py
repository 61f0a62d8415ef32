"""The requests of a list as a file: whose they are, what stands in it, and that it may be long."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from access import queries
from access.queries import Filter
from hubgate.audit.models import AuditEvent
from hubgate.http import exports
from tests import factories


def body(response) -> str:
    assert response.streaming
    return b"".join(response).decode("utf-8-sig")


def table(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response), newline="")))


def test_a_list_as_csv(signed_in, author, repository):
    asked = factories.ask(repository, "kim", name="Kim Lee", answers={"Affiliation": "Northlake", "Role": "Student"})
    factories.decide(author, asked, "reject", "Say which group.\nThen ask again.")
    factories.ask(repository, "waits", answers={"Affiliation": "Elsewhere", "Old question": "yes"})
    response = signed_in.post("/inbox/export/?status=all", {"format": "csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="requests-2')
    assert response["Cache-Control"] == "no-store"
    rows = {row["username"]: row for row in table(response)}
    assert set(rows) == {"kim", "waits"}
    kim = rows["kim"]
    assert (kim["name"], kim["status"], kim["email"]) == ("Kim Lee", "rejected", asked.email)
    assert kim["reason"] == "Say which group.\nThen ask again."
    assert (kim["answer: Affiliation"], kim["answer: Role"]) == ("Northlake", "Student")
    assert kim["asked_at"] == asked.asked_at.isoformat()
    assert rows["waits"]["answer: Role"] == ""
    assert rows["waits"]["other answers"] == "Old question: yes"


def test_a_list_as_json_lines(signed_in, repository):
    asked = factories.ask(repository, "kim", answers={"Affiliation": "Northlake"}, organisations=["Acme", "Beta"])
    response = signed_in.post("/inbox/export/", {"format": "jsonl"})
    assert response["Content-Type"] == "application/x-ndjson"
    (row,) = [json.loads(line) for line in body(response).splitlines()]
    assert (row["id"], row["organisations"]) == (asked.pk, ["Acme", "Beta"])
    assert row["answers"] == [
        {"question": "Affiliation", "answer": "Northlake"},
        {"question": "Role", "answer": None},
    ]


def test_the_filter_of_the_address_holds(signed_in, repository):
    other = factories.make_repository("aurora-lab/other")
    factories.ask(repository, "here", answers={})
    factories.ask(other, "there", answers={})
    response = signed_in.post(f"/inbox/export/?repository={other.pk}", {"format": "csv"})
    assert [row["username"] for row in table(response)] == ["there"]


def test_a_question_that_was_reworded_has_two_columns(signed_in, repository):
    factories.ask(repository, "early", answers={"Affiliation": "Northlake"})
    factories.change_card(repository, factories.form_card({"Affiliation (full name)": "text"}))
    factories.ask(repository, "late", answers={"Affiliation (full name)": "Northlake University"})
    rows = {row["username"]: row for row in table(signed_in.post("/inbox/export/", {"format": "csv"}))}
    assert rows["early"]["answer: Affiliation"] == "Northlake"
    assert rows["early"]["answer: Affiliation (full name)"] == ""
    assert rows["late"]["answer: Affiliation (full name)"] == "Northlake University"


def test_others_get_nothing_and_a_wrong_format_is_refused(client, signed_in, repository):
    factories.ask(repository, answers={})
    refused = signed_in.post("/inbox/export/", {"format": "xlsx"})
    assert refused.status_code == 400
    assert "Choose CSV or JSON lines" in refused.text
    assert signed_in.get("/inbox/export/").status_code == 405
    client.force_login(factories.make_author("small-lab", "noor", name="Noor Haddad"))
    nothing = client.post("/inbox/export/", {"format": "csv"})
    assert nothing.status_code == 400
    assert "No request matches" in nothing.text
    assert not AuditEvent.objects.filter(event="access.requests.exported").exists()


def test_the_history_says_who_took_how_many(signed_in, repository):
    for number in range(3):
        factories.ask(repository, f"p{number}", answers={})
    signed_in.post("/inbox/export/", {"format": "csv"})
    event = AuditEvent.objects.get(event="access.requests.exported")
    assert (event.subject_type, event.subject_label, event.data) == ("namespace", "aurora-lab", {"count": 3})
    page = signed_in.get("/namespaces/aurora-lab/").text
    assert "exported requests with their e-mail addresses and answers: 3" in page


def test_a_long_list_comes_in_chunks_and_none_twice(author, repository):
    for number in range(20):
        factories.ask(repository, f"p{number}", answers={})
    actor = factories.actor(author)
    queries.page(actor, Filter())
    with CaptureQueriesContext(connection) as captured:
        names = [line.username for line in queries.export_lines(actor, Filter(), chunk=7)]
    assert sorted(names) == sorted(f"p{number}" for number in range(20))
    assert len(captured) == 3


def test_a_file_is_made_while_it_is_read():
    """A hundred thousand lines take the room of a few."""
    tracemalloc.start()
    size = sum(map(len, exports.csv_lines(["a", "b"], ((number, "x" * 100) for number in range(100_000)))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 10_000_000
    assert peak < 1_000_000


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", "\uff20x"])
def test_no_cell_is_a_formula(cell: str):
    assert exports.as_text(cell) == f"'{cell}"


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]):
    text = b"".join(exports.csv_lines(["a", "b"], rows)).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert found == [[exports.as_text(cell) for cell in row] for row in rows]
