"""The history as a file: all of it, in order, safe to open, and only for whose it is."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access import states
from hubgate.accounts.models import User
from repos import queries
from repos.models import Repository
from tests import factories

# What is not yet committed is held back: an older transaction may still write an event before it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def repository(author: User) -> Repository:
    return factories.make_repository("aurora-lab/tiny-gated")


@pytest.fixture
def author(db: None) -> User:
    return factories.make_author()


@pytest.fixture
def as_author(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


def text_of(response: Any) -> str:
    assert response.streaming
    return b"".join(response).decode("utf-8-sig")


def test_a_repository_and_its_namespace_as_csv_and_json_lines(as_author: Client, author: User, repository: Repository):
    asked = factories.ask(repository, "kim", email="kim@northlake.edu", answers={"Affiliation": "Northlake"})
    factories.decide(author, asked, states.REJECT, "=HYPERLINK(1)")
    other = factories.ask(factories.make_repository("aurora-lab/other"), "lee")
    factories.decide(author, other, states.ACCEPT)
    address = f"/repositories/{repository.pk}/history/file/"
    response = as_author.get(address)
    assert response["Content-Disposition"].startswith('attachment; filename="history-2')
    rows = list(csv.DictReader(io.StringIO(text_of(response), newline="")))
    assert [row["event"] for row in rows if row["subject_type"] == "request"][-1] == "access.request.rejected"
    assert rows[-1]["reason"] == "'=HYPERLINK(1)"
    assert rows[-1]["sentence"].startswith("Mara Keller rejected")
    lines = [json.loads(line) for line in text_of(as_author.get(f"{address}?format=jsonl")).splitlines()]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines) == [int(row["id"]) for row in rows]
    assert "northlake" not in json.dumps(lines).lower()
    whole = text_of(as_author.get("/namespaces/aurora-lab/history/file/?format=jsonl"))
    subjects = {(line["subject_type"], line["subject_id"]) for line in map(json.loads, whole.splitlines())}
    assert {("request", asked.pk), ("request", other.pk)} <= subjects


def test_the_pages_lead_to_the_files(as_author: Client, repository: Repository):
    factories.ask(repository, "kim")
    for page in (f"/repositories/{repository.pk}/history/", "/namespaces/aurora-lab/"):
        text = as_author.get(page).text
        address = f"{page}file/" if "history" in page else f"{page}history/file/"
        for kind in ("csv", "jsonl"):
            assert f'href="{address}?format={kind}"' in text
            assert as_author.get(f"{address}?format={kind}").status_code == 200


def test_what_is_no_format_is_refused_and_a_stranger_learns_nothing(as_author: Client, repository: Repository):
    assert as_author.get(f"/repositories/{repository.pk}/history/file/?format=pdf").status_code == 400
    stranger = Client()
    stranger.force_login(factories.make_author("meridian", "lin", name="Lin"))
    assert stranger.get(f"/repositories/{repository.pk}/history/file/").status_code == 404
    assert stranger.get("/namespaces/aurora-lab/history/file/").status_code == 404


def test_a_long_history_is_read_in_chunks(author: User, repository: Repository):
    for number in range(12):
        factories.ask(repository, f"person-{number}")
    actor = factories.actor(author)
    whole = [event.pk for event in queries.all_events(actor, repository_id=repository.pk)]
    with CaptureQueriesContext(connection) as asked:
        assert [event.pk for event in queries.all_events(actor, repository_id=repository.pk, chunk=5)] == whole
    chunks = len(whole) // 5 + 1
    assert sum("audit_auditevent" in query["sql"] for query in asked.captured_queries) <= chunks + 1
