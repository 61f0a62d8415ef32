"""My access: what people see of their own requests and do with them; and that it is nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import actions, ends, own, queries
from access.ends import NEVER
from access.models import AccessRequest, Renewal
from access.own import Happened, Waits
from hubgate.accounts.models import User
from repos.models import Namespace
from tests import factories
from tests.access.test_expiry import person
from tests.rest.conftest import caller

NOW = datetime(2027, 3, 1, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_waits_are_told_only_where_enough_were_measured():
    assert own.wait(Waits(4, 3600, 7200)) == "Too few were decided here lately to say how long it takes."
    told = own.wait(Waits(20, 3600 * 5, 86400 * 3))
    assert told == "Of the last 20 decided here, half were decided within 5 h and nine of ten within 3 days."


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"status": "pending"}, "You can withdraw it"),
        ({"status": "accepted", "hub_status": "pending"}, "The Hub is being told"),
        ({"status": "accepted", "hub_status": "accepted"}, "You can download it now"),
        ({"status": "accepted", "hub_status": "accepted", "private": True}, "private at the moment"),
        ({"status": "accepted", "hub_status": "accepted", "ends_at": NOW + 5 * DAY}, "It ends soon"),
        (
            {"status": "accepted", "hub_status": "accepted", "ends_at": NOW + 5 * DAY, "renewal": "asked"},
            "You asked to",
        ),
        ({"status": "accepted", "hub_status": "accepted", "ends_at": NOW, "renewal": ""}, "Your access ended on 1 Mar"),
        ({"status": "rejected"}, "You cannot ask again by yourself"),
        ({"status": "reset"}, "You may ask again"),
        ({"status": "withdrawn"}, "You may ask again"),
    ],
)
def test_the_next_step_is_a_sentence(facts: dict[str, object], word: str):
    known = {"cause": "", "hub_status": "none", "ends_at": None, "private": False, "renewal": "", "now": NOW}
    assert word in own.next_step(**{**known, **facts})  # type: ignore[arg-type]


def test_a_decision_that_was_undone_never_was():
    happened = [
        Happened(NOW, "access.request.undone", {"after": "pending"}),
        Happened(NOW, "access.request.rejected", {"reason": "Never to be read."}),
        Happened(NOW, "access.request.note-added", {"note": 3}),
        Happened(NOW, "access.request.asked", {"asked_at": (NOW - DAY).isoformat()}),
    ]
    assert [(line.sentence, line.at) for line in own.history(happened)] == [("You asked for access", NOW - DAY)]


@pytest.fixture
def jordan(db) -> User:
    return person()


@pytest.fixture
def as_jordan(jordan: User) -> Client:
    client = Client()
    client.force_login(jordan)
    return client


@pytest.mark.django_db(transaction=True)
class TestPages:
    def test_every_request_of_ones_own_stands_there_with_its_next_step(self, author, repository, as_jordan):
        other = factories.make_repository("aurora-lab/other")
        factories.ask(repository, "kim", email="kim@secret.example")
        factories.ask(repository)
        let_in = factories.decide(author, factories.ask(other), "accept")
        page = as_jordan.get("/my/access/")
        assert [item["row"].repository for item in page.context["rows"]] == [other.name, repository.name]
        assert "Yours is number 2 of those that wait" in page.text
        assert "kim" not in page.text
        assert "Mara" not in page.text
        detail = as_jordan.get(f"/my/access/{let_in.pk}/").text
        assert "hf download aurora-lab/other" in detail
        assert "You were given access" in detail
        assert "Mara" not in detail

    def test_notes_and_deciders_stay_with_those_who_decide(self, author, repository, as_jordan):
        request = factories.ask(repository, answers={"Affiliation": "Northlake"})
        actions.add_note(actor=factories.actor(author), request_id=request.pk, text="Looks odd to me.")
        factories.decide(author, request, "reject", "Please name your group.")
        detail = as_jordan.get(f"/my/access/{request.pk}/").text
        assert "Please name your group." in detail
        assert "Northlake" in detail
        for hidden in ("Looks odd", "Mara", "note"):
            assert hidden not in detail.partition("<main")[2]

    def test_what_waits_is_withdrawn_after_a_question(self, repository, as_jordan):
        request = factories.ask(repository)
        asked = as_jordan.get(f"/my/access/{request.pk}/withdraw/")
        assert "withdrawn by the requester" in asked.text
        assert as_jordan.post(f"/my/access/{request.pk}/withdraw/").url == f"/my/access/{request.pk}/"
        request.refresh_from_db()
        assert request.status == "withdrawn"
        assert "You withdrew the request" in as_jordan.get(f"/my/access/{request.pk}/").text

    def test_a_decision_that_came_first_is_told(self, author, repository, as_jordan):
        request = factories.ask(repository)
        factories.decide(author, request, "accept")
        refused = as_jordan.post(f"/my/access/{request.pk}/withdraw/")
        assert refused.status_code == 409
        assert "you have access, and there is nothing to withdraw" in refused.text

    def test_where_hubgate_only_reads_the_hub_is_named(self, repository, as_jordan):
        request = factories.ask(repository)
        Namespace.objects.update(changes_enabled=False)
        page = as_jordan.get(f"/my/access/{request.pk}/").text
        assert "Withdraw on the Hub" in page
        assert "/settings/gated-repos" in page

    def test_access_that_ends_soon_is_renewed_with_a_word(self, author, repository, as_jordan, client):
        request = decide(author, factories.ask(repository), 20)
        assert "Ask to renew" in as_jordan.get("/my/access/").text
        url = f"/my/access/{request.pk}/renew/"
        assert as_jordan.get(url).status_code == 200
        assert as_jordan.post(url, {"words": "x" * 2_001}).status_code == 422
        assert as_jordan.post(url, {"words": "Two more months, for the rebuttal."}).status_code == 302
        assert "You asked to renew" in as_jordan.get("/my/access/").text
        client.force_login(author)
        inbox = client.get("/inbox/").text
        assert "Renewal asked" in inbox
        renewals = client.get("/inbox/?renewal=asked")
        assert "renewal asked" in renewals.text
        assert "Two more months, for the rebuttal." in client.get(f"/requests/{request.pk}/").text
        assert client.post(f"/requests/{request.pk}/extend/", {"ends": "90"}).status_code == 302
        assert Renewal.objects.get().ruling == "extended"
        assert client.get("/inbox/?renewal=asked").context["page"].rows == []

    def test_a_refusal_has_its_reason_on_the_page(self, author, repository, as_jordan, client):
        request = decide(author, factories.ask(repository), 20)
        as_jordan.post(f"/my/access/{request.pk}/renew/")
        client.force_login(author)
        assert client.post(f"/requests/{request.pk}/refuse-renewal/", {"reason": ""}).status_code == 422
        said = {"reason": "The study is over."}
        assert client.post(f"/requests/{request.pk}/refuse-renewal/", said).status_code == 302
        page = as_jordan.get(f"/my/access/{request.pk}/").text
        assert "The study is over." in page
        assert "It is not renewed" in page

    def test_the_entry_is_there_for_who_asked(self, repository, as_jordan, signed_in):
        assert "My access" not in as_jordan.get("/notices/").text
        factories.ask(repository)
        assert "My access" in as_jordan.get("/notices/").text
        assert "My access" not in signed_in.get("/notices/").text

    def test_the_list_costs_the_same_for_two_and_for_forty(self, jordan):
        def cost() -> int:
            actor = factories.actor(jordan)
            with CaptureQueriesContext(connection) as asked:
                queries.own_page(actor)
            return len(asked)

        factories.make_author()
        for number in range(2):
            factories.ask(factories.make_repository(f"aurora-lab/m{number}"))
        few = cost()
        for number in range(2, 45):
            factories.ask(factories.make_repository(f"aurora-lab/m{number}"), asked_at=NOW - number * DAY)
        assert cost() == few <= 3
        page = queries.own_page(factories.actor(jordan))
        rest = queries.own_page(factories.actor(jordan), cursor=page.older)
        assert (len(page.rows), len(rest.rows), rest.older) == (40, 5, "")

    def test_the_wait_is_measured_over_what_was_decided_here(self, author, repository, jordan):
        Namespace.objects.update(connected_at=NOW - 30 * DAY)
        for number in range(6):
            with time_machine.travel(NOW - DAY, tick=False):
                asked = factories.ask(repository, f"p{number}", asked_at=NOW - DAY - timedelta(hours=number + 1))
                factories.decide(author, asked, "accept")
        with time_machine.travel(NOW, tick=False):
            factories.ask(repository)
            (found,) = queries.own_page(factories.actor(jordan)).rows
        assert (found.waits.number, found.place) == (6, 1)
        assert found.waits.median is not None
        assert 3 * 3600 <= found.waits.median <= 3 * 3600 + 60


@pytest.mark.django_db(transaction=True)
class TestRest:
    def test_ones_own_requests_are_listed_withdrawn_and_renewed(self, author, repository, jordan):
        other = factories.make_repository("aurora-lab/other")
        waits, given = factories.ask(repository), decide(author, factories.ask(other), 20)
        script = caller(jordan)
        rows = {row["repository"]: row for row in script.get("my/requests").json()["results"]}
        assert (rows[repository.name]["place"], rows[repository.name]["may_withdraw"]) == (1, True)
        assert (rows[other.name]["may_renew"], rows[other.name]["renewal"]) == (True, "")
        assert script.post(f"my/requests/{waits.pk}/withdraw").json()["status"] == "withdrawn"
        assert script.post(f"my/requests/{given.pk}/renew", {"words": "For the rebuttal."}).json()["renewal"] == "asked"
        desk = caller(author)
        asked = desk.get(f"requests/{given.pk}").json()["renewal"]
        assert asked["words"] == "For the rebuttal."
        assert caller(author, "read").get(f"requests/{given.pk}").json()["renewal"]["words"] is None
        assert [row["id"] for row in desk.get("requests?renewal=asked").json()["results"]] == [given.pk]
        until = (timezone.now() + 60 * DAY).isoformat()
        moved = desk.post(f"requests/{given.pk}/extend", {"ends_at": until})
        assert datetime.fromisoformat(moved.json()["ends_at"]) == datetime.fromisoformat(until)
        assert script.get("my/requests").json()["results"][0]["reason"] == ""

    def test_an_end_goes_with_decisions_and_grants(self, author, repository):
        desk, until = caller(author), "2099-01-01T00:00:00Z"
        request = factories.ask(repository)
        body = {"verb": "accept", "seen_status": "pending", "ends_at": until}
        refused = desk.post(f"requests/{request.pk}/decide", body)
        assert (refused.status_code, refused.json()["errors"]["ends_at"][:15]) == (400, "Choose an end w")
        body["ends_at"] = (timezone.now() + 10 * DAY).isoformat()
        assert desk.post(f"requests/{request.pk}/decide", body).json()["ends_at"] is not None
        given = desk.post(f"repositories/{repository.pk}/grant", {"username": "kim", "ends_at": body["ends_at"]})
        assert given.json()["ends_at"] is not None
        assert {row["username"] for row in desk.get("requests?ends=30").json()["results"]} == {"jordan", "kim"}


def decide(author: User, request: AccessRequest, days: int) -> AccessRequest:
    wish = ends.after(days, timezone.now()) if days else NEVER
    done = actions.decide(
        actor=factories.actor(author), request_id=request.pk, verb="accept", seen_status="pending", ends_at=wish
    )
    actions.record_pushed(request_ids=[done.pk], hub_status="accepted", pushed_at=timezone.now())
    return done
