"""Access requests over the API: the same filters, rights and words as on the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.models import AccessRequest, Note
from hubgate.accounts import scopes
from hubgate.outbox.models import OutboxItem
from repos import actions as repos
from repos.models import Namespace
from tests import factories
from tests.rest.conftest import ANSWER, EMAIL, Caller, caller


def test_a_request_with_its_personal_data_for_who_decides(script: Caller, asked: AccessRequest):
    found = script.get(f"requests/{asked.pk}")
    assert found.status_code == 200
    told = found.json()
    assert (told["username"], told["status"], told["email"]) == ("jordan", "pending", EMAIL)
    assert told["answers"] == [{"question": "Purpose", "answer": ANSWER}]
    assert told["can"] == ["accept", "reject", "reset"]
    assert told["reviewers"] == [{"id": script.user.pk, "name": "Mara Keller"}]
    assert (told["hub"], told["hub_status"], told["blocked"]) == ("in_step", "pending", "")


def test_a_token_without_the_scope_personal_reads_no_personal_data_and_cannot_guess_at_it(
    author: Any, asked: AccessRequest
):
    script = caller(author, scopes.READ)
    listed, one = script.get("requests"), script.get(f"requests/{asked.pk}")
    for response in (listed, one):
        assert response.status_code == 200
        assert EMAIL not in response.text
        assert ANSWER not in response.text
        assert "northlake" not in response.text
    assert (one.json()["email"], one.json()["answers"]) == (None, None)
    for query in ("q=northlake", "domain=northlake.edu", "mail=free", "country=CA"):
        for path in ("requests", "requests/counts"):
            refused = script.get(f"{path}?{query}")
            assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert script.get(f"requests/{asked.pk}/notes").json()["code"] == "insufficient_scope"


def test_the_list_takes_the_filters_of_the_inbox(script: Caller, asked: AccessRequest):
    other = factories.ask(factories.make_repository("aurora-lab/other"), "riley", email="r@gmail.com")
    accepted = factories.decide(script.user, factories.ask(asked.repository, "sam"), "accept")

    def ids(query: str) -> list[int]:
        return sorted(row["id"] for row in script.get(f"requests?{query}").json()["results"])

    assert ids("") == sorted([asked.pk, other.pk])
    assert ids("status=all") == sorted([asked.pk, other.pk, accepted.pk])
    assert ids("status=accepted") == [accepted.pk]
    assert ids(f"repository={other.repository_id}") == [other.pk]
    assert ids(f"repository={other.repository_id}&repository={asked.repository_id}") == sorted([asked.pk, other.pk])
    assert ids("domain=northlake.edu") == [asked.pk]
    assert ids("q=bias") == [asked.pk]
    assert ids("mail=free") == [other.pk]
    assert ids("older=1") == []
    counts = script.get("requests/counts?status=all").json()
    assert counts["count"] == {"number": 3, "more": False}
    assert counts["by_status"]["accepted"] == {"number": 1, "more": False}


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("stauts=accepted", "invalid_input", "stauts"),
        ("status=gone", "invalid_input", "status"),
        ("repository=x", "bad_list", "repository"),
        ("older=0", "invalid_input", "older"),
        ("older=9&newer=3", "bad_list", "filter"),
        ("country=Nowhere", "bad_list", "country"),
        ("limit=101", "invalid_input", "limit"),
        ("limit=many", "invalid_input", "limit"),
        ("assigned=everybody", "bad_list", "assigned"),
        ("q=%00", "invalid_input", "q"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_by_name(script: Caller, query: str, code: str, field: str):
    refused = script.get(f"requests?{query}")
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert list(refused.json()["errors"]) == [field]


def test_a_decision_and_its_undoing(script: Caller, asked: AccessRequest):
    done = script.post(f"requests/{asked.pk}/decide", {"verb": "accept", "seen_status": "pending"})
    assert done.status_code == 200
    told = done.json()
    assert (told["status"], told["decided_by"], told["hub"]) == ("accepted", "Mara Keller", "waiting")
    assert told["undo_until"] is not None
    assert EMAIL not in done.text
    assert OutboxItem.objects.filter(kind="access.push", key=str(asked.pk)).exists()
    undone = script.post(f"requests/{asked.pk}/undo")
    assert (undone.status_code, undone.json()["status"]) == (200, "pending")
    again = script.post(f"requests/{asked.pk}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_undo")


def test_a_decision_on_what_somebody_else_decided_is_refused_with_who_and_when(script: Caller, asked: AccessRequest):
    factories.decide(factories.make_author(username="noor", name="Noor Haddad"), asked, "accept")
    refused = script.post(
        f"requests/{asked.pk}/decide", {"verb": "reject", "seen_status": "pending", "reason": "Incomplete"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "decided_meanwhile")
    assert refused.json()["data"]["decided_by"] == "Noor Haddad"
    assert refused.json()["data"]["status"] == "accepted"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verb": "accept"}, "seen_status"),
        ({"verb": "approve", "seen_status": "pending"}, "verb"),
        ({"verb": "reject", "seen_status": "pending"}, "reason"),
        ({"verb": "reject", "seen_status": "pending", "reason": "  "}, "reason"),
        ({"verb": "reject", "seen_status": "pending", "reason": 5}, "reason"),
        ({"verb": "reject", "seen_status": "pending", "reason": "x" * 10_001}, "reason"),
        ({"verb": "accept", "seen_status": "pending", "reson": "x"}, "reson"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_by_name(
    script: Caller, asked: AccessRequest, body: dict[str, Any], field: str
):
    refused = script.post(f"requests/{asked.pk}/decide", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert list(refused.json()["errors"]) == [field]
    asked.refresh_from_db()
    assert asked.status == "pending"


def test_a_namespace_that_is_only_read_refuses_decisions(script: Caller, asked: AccessRequest):
    namespace = Namespace.objects.get(name="aurora-lab")
    repos.switch_changes(actor=factories.actor(script.user), namespace=namespace, on=False)
    refused = script.post(f"requests/{asked.pk}/decide", {"verb": "accept", "seen_status": "pending"})
    assert (refused.status_code, refused.json()["code"]) == (409, "reading_only")
    assert script.get(f"requests/{asked.pk}").json()["blocked"]


def test_a_grant_and_where_it_is(script: Caller, asked: AccessRequest):
    granted = script.post(f"repositories/{asked.repository_id}/grant", {"username": "kim"})
    assert granted.status_code == 201
    assert granted["Location"] == f"http://testserver/api/v1/requests/{granted.json()['id']}"
    assert script.get(granted["Location"]).json()["status"] == "accepted"
    again = script.post(f"repositories/{asked.repository_id}/grant", {"username": "jordan"})
    assert (again.status_code, again.json()["code"]) == (409, "asked_already")
    assert again.json()["data"] == {"request": asked.pk, "status": "pending"}
    bad = script.post(f"repositories/{asked.repository_id}/grant", {"username": "no such name"})
    assert (bad.status_code, list(bad.json()["errors"])) == (400, ["username"])


def test_notes_are_written_read_and_removed_by_their_author(script: Caller, asked: AccessRequest):
    made = script.post(f"requests/{asked.pk}/notes", {"text": "Ask the dean"})
    assert made.status_code == 201
    assert "dean" not in made.text
    assert [note["text"] for note in script.get(f"requests/{asked.pk}/notes").json()["results"]] == ["Ask the dean"]
    noor = caller(factories.make_author(username="noor", name="Noor Haddad"))
    assert noor.call("DELETE", f"notes/{made.json()['id']}").json()["code"] == "not_allowed"
    assert script.call("DELETE", f"notes/{made.json()['id']}").status_code == 204
    assert not Note.objects.exists()


def test_a_request_is_assigned_to_one_who_decides_and_to_nobody(script: Caller, asked: AccessRequest):
    assigned = script.post(f"requests/{asked.pk}/assign", {"assignee": script.user.pk})
    assert assigned.json()["assigned_to"] == script.user.pk
    assert script.get("requests?assigned=me").json()["results"][0]["id"] == asked.pk
    assert script.post(f"requests/{asked.pk}/assign", {"assignee": None}).json()["assigned_to"] is None
    stranger = factories.make_author("meridian", "ines")
    refused = script.post(f"requests/{asked.pk}/assign", {"assignee": stranger.pk})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["assignee"])


def test_pages_show_every_row_once_while_rows_come_and_are_decided(script: Caller, asked: AccessRequest):
    moment = timezone.now() - timedelta(days=1)
    rows = [factories.row(f"person-{number}", asked_at=moment - timedelta(minutes=number // 3)) for number in range(20)]
    factories.record(asked.repository, *rows)
    standing = set(AccessRequest.objects.filter(status="pending").values_list("pk", flat=True))
    page, seen, previous = script.get("requests?limit=4").json(), [], []
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        newcomer = factories.ask(asked.repository, f"newcomer-{len(seen)}", asked_at=timezone.now())
        factories.decide(script.user, AccessRequest.objects.get(pk=page["results"][0]["id"]), "accept")
        previous.append(newcomer.pk)
        page = script.get(page["next"]).json()
    assert len(seen) == len(set(seen))
    assert set(seen) == standing
    assert previous
    back = script.get(page["previous"])
    assert back.status_code == 200
    assert 'rel="next"' in back["Link"]


@pytest.mark.parametrize(
    "query", ["requests?cursor=o1", "drift?cursor=zz", "events?cursor=x", "notifications?cursor=9"]
)
def test_a_cursor_that_no_page_gave_is_refused(script: Caller, query: str):
    refused = script.get(query)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")
    refused = script.get("repositories?cursor=o-x")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")
