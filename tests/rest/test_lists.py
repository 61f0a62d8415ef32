"""Repositories, bulk decisions, drift, events and notifications over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import AccessRequest
from hubgate.audit import log
from hubgate.audit.log import Subject
from hubgate.audit.models import AuditEvent
from hubgate.notify.models import Notification
from hubgate.outbox import worker
from tests import factories
from tests.rest.conftest import Caller, caller


def test_repositories_are_filtered_and_paged_by_name_while_others_appear(script: Caller):
    for name in ("b-two", "A-one", "c-three", "d-four", "e_five"):
        factories.make_repository(f"aurora-lab/{name}", gated="auto" if name == "c-three" else "manual")
    page, names = script.get("repositories?limit=2").json(), []
    while True:
        names += [row["name"].partition("/")[2] for row in page["results"]]
        if page["next"] is None:
            break
        factories.make_repository(f"aurora-lab/a-early-{len(names)}")
        page = script.get(page["next"]).json()
    assert names == ["A-one", "b-two", "c-three", "d-four", "e_five"]
    before = script.get(page["previous"]).json()
    assert [row["name"] for row in before["results"]] == ["aurora-lab/c-three", "aurora-lab/d-four"]
    assert [row["gate"] for row in script.get("repositories?gate=auto").json()["results"]] == ["auto"]
    assert [row["name"] for row in script.get("repositories?q=five").json()["results"]] == ["aurora-lab/e_five"]
    assert script.get("repositories?kind=house").json()["code"] == "invalid_input"


def test_a_repository_has_its_form_and_what_is_wrong_with_its_card(script: Caller, asked: AccessRequest):
    told = script.get(f"repositories/{asked.repository_id}").json()
    assert (told["name"], told["gate"], told["waiting"], told["is_open"]) == (
        "aurora-lab/tiny-gated", "manual", 1, False,
    )  # fmt: skip
    assert told["form"]["questions"] == [{"label": "Purpose", "type": "text"}]
    broken = factories.make_repository("aurora-lab/open", gated=False, card=factories.form_card({"Purpose": "text"}))
    assert "gate_not_set" in [one["code"] for one in script.get(f"repositories/{broken.pk}").json()["warnings"]]


def test_a_bulk_decision_from_its_choice_to_its_results(script: Caller, asked: AccessRequest):
    others = [factories.ask(asked.repository, name) for name in ("riley", "sam")]
    prepared = script.post("bulk-decisions", {"verb": "reject", "filter": {"repository": [asked.repository_id]}})
    assert prepared.status_code == 201
    told = script.get(prepared["Location"]).json()
    assert (told["state"], told["plan"], told["progress"]["total"]) == (
        "preview", {"will": 3, "lose_access": 0, "refused": []}, 3,
    )  # fmt: skip
    factories.decide(factories.make_author(username="noor", name="Noor Haddad"), others[0], "accept")
    key = told["key"]
    no_reason = script.post(f"bulk-decisions/{key}/start")
    assert (no_reason.status_code, list(no_reason.json()["errors"])) == (400, ["reason"])
    started = script.post(f"bulk-decisions/{key}/start", {"reason": "The round is over"})
    assert (started.status_code, started.json()["state"]) == (202, "waiting")
    worker.drain("access.bulk")
    done = script.get(f"bulk-decisions/{key}").json()
    assert (done["state"], done["progress"]["decided"], done["progress"]["refused"]) == ("done", 2, 1)
    assert done["plan"] is None
    first = script.get(f"bulk-decisions/{key}/results?limit=2").json()
    rest = script.get(first["next"]).json()
    results = {row["username"]: row for row in first["results"] + rest["results"]}
    assert rest["next"] is None
    assert set(results) == {"jordan", "riley", "sam"}
    assert results["riley"]["outcome"] == "refused"
    assert "Noor Haddad" in results["riley"]["sentence"]
    refused = script.get(f"bulk-decisions/{key}/results?outcome=refused").json()["results"]
    assert [row["username"] for row in refused] == ["riley"]
    assert [row["key"] for row in script.get("bulk-decisions").json()["results"]] == [key]
    cancelled = script.post(f"bulk-decisions/{key}/cancel")
    assert (cancelled.status_code, cancelled.json()["progress"]["cancelled"]) == (200, 2)
    again = script.post(f"bulk-decisions/{key}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_cancel")


@pytest.mark.parametrize(
    "wish",
    [
        {"verb": "accept"},
        {"verb": "accept", "requests": []},
        {"verb": "accept", "requests": [1], "filter": {}},
        {"verb": "accept", "requests": ["1"]},
        {"verb": "accept", "requests": [10**30]},
        {"verb": "accept", "filter": {"satus": "pending"}},
        {"verb": "accept", "filter": []},
        {"verb": "grant", "requests": [1]},
        {"verb": "accept", "requests": [987654]},
    ],
)
def test_a_choice_that_means_nothing_is_refused(script: Caller, wish: dict[str, Any]):
    refused = script.post("bulk-decisions", wish)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")


def test_a_bulk_decision_by_ids_and_somebody_elses(script: Caller, asked: AccessRequest):
    prepared = script.post("bulk-decisions", {"verb": "accept", "requests": [asked.pk]})
    assert prepared.json()["plan"]["will"] == 1
    noor = caller(factories.make_author(username="noor", name="Noor Haddad"))
    for path in ("", "/results"):
        assert noor.get(f"bulk-decisions/{prepared.json()['key']}{path}").status_code == 404
    assert noor.post(f"bulk-decisions/{prepared.json()['key']}/start").status_code == 404


def test_drift_is_listed_and_settled(script: Caller, asked: AccessRequest):
    factories.decide(script.user, asked, "accept")
    factories.record(asked.repository, factories.row("jordan", status="accepted", asked_at=asked.asked_at))
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=True):
        factories.record(
            asked.repository,
            factories.row("jordan", status="rejected", asked_at=asked.asked_at, reviewed_at=timezone.now()),
        )
        listed = script.get("drift").json()["results"]
        assert [(row["request_id"], row["ours"], row["theirs"]) for row in listed] == [
            (asked.pk, "accepted", "rejected")
        ]
        early = script.post(f"drift/{listed[0]['id']}/settle", {"way": "pass"})
        assert (early.status_code, early.json()["code"]) == (409, "still_open")
        settled = script.post(f"drift/{listed[0]['id']}/settle", {"way": "ours"})
        assert (settled.status_code, settled.json()["settled_as"], settled.json()["now"]) == (200, "ours", "accepted")
    assert script.get("drift").json()["results"] == []
    assert len(script.get("drift?state=settled").json()["results"]) == 1
    bad = script.post(f"drift/{listed[0]['id']}/settle", {"way": "mine"})
    assert (bad.status_code, list(bad.json()["errors"])) == (400, ["way"])


@pytest.mark.django_db(transaction=True)
def test_the_feed_goes_on_where_one_left_off(script: Caller, asked: AccessRequest):
    first = script.get("events?limit=100").json()
    assert [row["id"] for row in first["results"]] == sorted(row["id"] for row in first["results"])
    assert script.get(first["next"]).json()["results"] == []
    factories.decide(script.user, asked, "accept")
    news = script.get(first["next"]).json()["results"]
    assert [row["event"] for row in news] == ["access.request.accepted"]
    assert news[0]["sentence"] == "Mara Keller accepted the request"
    assert (news[0]["repository_id"], news[0]["subject_id"]) == (asked.repository_id, asked.pk)
    of_it = script.get(f"events?repository={asked.repository_id}").json()["results"]
    assert {row["repository_id"] for row in of_it} == {asked.repository_id}
    assert len(script.get("events?namespace=aurora-lab").json()["results"]) == len(first["results"]) + 1
    other = factories.make_author("meridian", "ines")
    assert caller(other).get(f"events?repository={asked.repository_id}").status_code == 404
    assert caller(other).get("events?namespace=aurora-lab").status_code == 404
    told = caller(other).get("events").text
    assert "jordan" not in told


@pytest.mark.django_db(transaction=True)
def test_the_feed_holds_back_what_an_open_transaction_may_come_before(transactional_db: None):
    """Ids are given before the commit: a later one may be seen first, and the earlier must not be missed for it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    import threading

    script = caller(factories.make_author())
    repository = factories.make_repository()
    subject = Subject(
        "repository", repository.pk, "x", repository_id=repository.pk, namespace_id=repository.namespace_id
    )
    actor = factories.actor(script.user)
    written, seen = threading.Event(), threading.Event()

    def slow() -> None:
        from django.db import transaction

        with transaction.atomic():
            log.record(actor, "test.early", subject)
            written.set()
            seen.wait(20)
        connection.close()

    place = script.get("events?limit=100").json()["next"]
    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    log.record(actor, "test.late", subject)
    assert AuditEvent.objects.filter(event="test.late").exists()
    assert script.get(place).json()["results"] == []
    seen.set()
    thread.join(20)
    assert [row["event"] for row in script.get(place).json()["results"]] == ["test.early", "test.late"]


def test_notifications_are_ones_own_and_marked_up_to_one(script: Caller, asked: AccessRequest):
    for name in ("riley", "sam", "kim"):
        factories.ask(asked.repository, name, asked_at=timezone.now())
    listed = script.get("notifications?limit=2").json()
    assert len(listed["results"]) == 2
    assert listed["results"][0]["read_at"] is None
    assert listed["results"][0]["title"]
    marked = script.post("notifications/read", {"up_to": listed["results"][1]["id"]})
    assert marked.json() == {"marked": 2}
    unread = script.get("notifications?unread=true").json()["results"]
    assert [row["id"] for row in unread] == [listed["results"][0]["id"]]
    assert caller(factories.make_author("meridian", "ines")).get("notifications").json()["results"] == []
    assert Notification.objects.filter(read_at=None).count() == 1


def test_no_list_asks_more_the_longer_it_is(script: Caller, asked: AccessRequest):
    noor = factories.make_author(username="noor", name="Noor Haddad")

    def queries() -> dict[str, int]:
        counted = {}
        for path in (
            "requests?status=all",
            "repositories",
            "events",
            "notifications",
            "drift",
            "me",
            "requests/counts",
        ):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert script.get(path).status_code == 200
            counted[path] = len(captured)
        return counted

    script.get("me")
    few = queries()
    for number in range(12):
        repository = factories.make_repository(f"aurora-lab/more-{number}")
        factories.decide(noor, factories.ask(repository, f"person-{number}"), "accept")
    assert queries() == few
    assert max(few.values()) <= 6, few


def test_a_decision_costs_the_same_whoever_else_asked(script: Caller, asked: AccessRequest):
    def cost(pk: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            script.post(f"requests/{pk}/decide", {"verb": "accept", "seen_status": "pending"})
        return len(captured)

    script.get("me")
    first = cost(asked.pk)
    rows = [factories.row(f"person-{number}", email=f"p{number}@northlake.edu") for number in range(30)]
    more = factories.record(asked.repository, *rows)
    assert cost(more[5].pk) == first
