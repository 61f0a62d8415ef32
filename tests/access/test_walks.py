"""Reading the local Hub's lists: all rows, none inferred from an unproven list, odd ones set aside, faults repaired."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import actions, queries, states
from access.models import AccessRequest, ListWalk, OddRow
from hubgate.audit.models import AuditEvent
from hubgate.hub.errors import HubError
from hubgate.notify.models import Notification
from tests import factories
from tests.labfixtures import Lab, later


def test_three_pages_are_one_list(lab: Lab):
    repository = lab.repository()
    lab.hub.generate(repository.name, 2350, status="accepted")
    lab.compare(repository)
    assert AccessRequest.objects.filter(status="accepted", hub_status="accepted").count() == 2350
    walk = ListWalk.objects.get(status="accepted")
    assert (walk.rows, walk.complete) == (2350, True)
    assert not queries.mirror_state(repository).partial
    assert Notification.objects.count() == 0, "history is not news"


def test_a_list_that_stops_at_a_thousand_proves_nothing(lab: Lab):
    """The Hub has been seen to stop there without saying so (R10)."""
    repository = lab.repository()
    lab.hub.generate(repository.name, 1100, status="accepted", prefix="known")
    lab.compare(repository)
    lab.hub.fault("list_cap", path="/user-access-request/accepted", rows=1000)
    for _ in range(3):
        lab.compare(repository)
    assert AccessRequest.objects.filter(status="accepted", missing_walks=0).count() == 1100
    assert queries.mirror_state(repository).partial
    assert not AuditEvent.objects.filter(event="access.request.withdrawn").exists()


@pytest.mark.parametrize("keep", [0.0, 0.5])
@pytest.mark.parametrize("kind", ["cut_body", "truncated_json", "html", "login_redirect", "server_error"])
def test_a_page_that_breaks_deletes_nothing_and_the_next_round_repairs(lab: Lab, kind: str, keep: float):
    repository = lab.repository()
    lab.ask(repository, "kim", "lee")
    lab.hub.requests(repository.name, [{"user": "new"}])
    lab.hub.fault(kind, path="/user-access-request/pending", keep=keep)
    for _ in range(2):
        with pytest.raises(HubError):
            lab.compare(repository)
    assert AccessRequest.objects.filter(status="pending", hub_status="pending", missing_walks=0).count() == 2
    state = queries.mirror_state(repository)
    assert state.partial
    assert next(one.error for one in state.lists if one.status == "pending")
    lab.hub.clear_faults()
    lab.compare(repository)
    assert AccessRequest.objects.count() == 3
    assert not queries.mirror_state(repository).partial


@pytest.mark.parametrize(
    ("what", "more", "set_aside"),
    [
        ("missing_key", {"value": "timestamp"}, True),
        ("missing_key", {"value": "status"}, False),
        ("missing_key", {"value": "requestId"}, False),
        ("unknown_status", {}, True),
        ("big_field", {}, True),
        ("unknown_key", {}, False),
        ("nul", {}, False),
        ("surrogate", {}, False),
        ("null_email", {}, False),
        ("no_user", {}, False),
    ],
)
def test_odd_rows_hold_up_nobody_and_are_noted_once(lab: Lab, what: str, more: dict, set_aside: bool):
    repository = lab.repository()
    lab.hub.requests(
        repository.name,
        [{"user": name, "timestamp": f"2026-01-0{day}T00:00:00Z"} for day, name in enumerate(("kim", "lee", "mia"), 1)],
    )
    lab.hub.fault("odd_rows", what=what, at=0, path="/user-access-request/pending", **more)
    for _ in range(3):
        lab.compare(repository)
    assert AccessRequest.objects.count() == (2 if set_aside else 3)
    odd = list(OddRow.objects.all())
    assert len(odd) == set_aside
    if set_aside:
        assert queries.mirror_state(repository).odd == odd
        assert odd[0].hint
        assert odd[0].last_seen_at > odd[0].first_seen_at
    lab.hub.clear_faults()
    lab.compare(repository)
    assert AccessRequest.objects.filter(status="pending").count() == 3


@pytest.mark.parametrize(("what", "more"), [("unknown_status", {}), ("big_field", {}), ("missing_key", {})])
def test_a_known_request_whose_row_turns_odd_is_not_gone(lab: Lab, what: str, more: dict):
    repository = lab.repository()
    lab.ask(repository, "kim")
    lab.hub.fault("odd_rows", what=what, at=0, path="/user-access-request/pending", **more)
    for _ in range(3):
        lab.compare(repository)
    assert lab.request(repository, "kim").status == "pending"


def test_who_is_gone_in_two_complete_walks_withdrew(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim", "lee")
    lab.hub.delete_requests(repository.name, users=["kim"])
    lab.compare(repository)
    assert lab.request(repository, "kim").status == "pending"
    lab.compare(repository)
    request = lab.request(repository, "kim")
    assert (request.status, request.hub_status, request.cause) == ("withdrawn", "none", "requester")
    assert lab.request(repository, "lee").status == "pending"
    assert AuditEvent.objects.filter(event="access.request.withdrawn", subject_label="kim").count() == 1
    assert lab.sent() == []

    lab.ask(repository, "kim", timestamp="2027-01-01T00:00:00Z", fields={"Use": "again"})
    assert lab.request(repository, "kim").status == "pending"


def test_one_walk_without_it_is_forgotten_when_it_comes_back(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim")
    asked_at = lab.hub.row(repository.name, "kim")["timestamp"]  # type: ignore[index]
    for _ in range(2):
        lab.hub.delete_requests(repository.name)
        lab.compare(repository)
        lab.ask(repository, "kim", timestamp=asked_at)
        assert lab.request(repository, "kim").missing_walks == 0


def test_a_list_that_lags_behind_a_grant_says_nothing_of_it(lab: Lab):
    repository = lab.repository()
    lab.hub.person("kim")
    given = actions.grant(actor=factories.actor(lab.author), repository_id=repository.pk, username="kim")
    lab.push()
    lab.hub.delete_requests(repository.name)
    for _ in range(3):
        lab.compare(repository)
    given.refresh_from_db()
    assert (given.status, given.hub_status, given.missing_walks) == ("accepted", "accepted", 0)
    with later(31):
        lab.compare(repository)
        lab.compare(repository)
    given.refresh_from_db()
    assert (given.status, given.cause) == ("withdrawn", "hub")


def test_the_echo_of_a_lagging_list_changes_nothing(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.hub.settings(lag=600)
    lab.decide(request, "accept")
    lab.push()
    lab.compare(repository)
    request.refresh_from_db()
    assert (request.status, request.hub_status) == ("accepted", "accepted")
    assert not AuditEvent.objects.filter(cause="hub").exists()


@pytest.mark.parametrize("theirs", ["accepted", "rejected", "reset"])
def test_a_decision_on_the_hub_is_taken_over_with_its_cause(lab: Lab, theirs: str):
    repository = lab.repository()
    lab.ask(repository, "kim", timestamp="2026-01-01T00:00:00Z")
    lab.decide_on_hub(repository, "kim", theirs)
    lab.compare(repository)
    request = lab.request(repository, "kim")
    assert (request.status, request.hub_status, request.cause) == (theirs, theirs, "hub")
    assert request.decided_by is None
    assert AuditEvent.objects.get(cause="hub").data == {"before": "pending", "after": theirs}
    assert Notification.objects.filter(kind=f"access.{theirs}").count() == 1
    lab.push()
    assert lab.sent() == [], "no echo back"


def test_who_asks_again_after_a_reset_keeps_the_old_answers_in_the_history(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim", fields={"Affiliation": ""}, timestamp="2026-01-01T00:00:00.000Z")
    lab.decide(request, "reject", "Affiliation missing")
    lab.push()
    lab.decide(request, "reset", "You may ask again, with your affiliation")
    lab.push()
    lab.hub.requests(
        repository.name,
        [
            {
                "user": "kim",
                "status": "pending",
                "fields": {"Affiliation": "KNUST"},
                "timestamp": "2027-01-01T00:00:00.000Z",
            }
        ],
    )
    lab.poll(repository)
    again = lab.request(repository, "kim")
    assert again.pk == request.pk
    assert (again.status, again.answers, again.asked_at.year) == ("pending", {"Affiliation": "KNUST"}, 2027)
    assert (again.decided_at, again.reason) == (None, "")
    assert [(one.answers, one.asked_at.year) for one in again.past_answers.all()] == [({"Affiliation": ""}, 2026)]
    assert Notification.objects.filter(kind="access.new-request", user=lab.author).count() == 1
    assert AuditEvent.objects.filter(event="access.request.asked-again").count() == 1


def test_a_round_without_news_writes_no_request(lab: Lab):
    repository = lab.repository()
    lab.hub.generate(repository.name, 40, statuses={"pending": 1, "accepted": 1, "rejected": 1})
    lab.compare(repository)
    events = AuditEvent.objects.count()
    with CaptureQueriesContext(connection) as captured:
        lab.compare(repository)
        lab.poll(repository)
    written = [
        query["sql"][:120]
        for query in captured
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and "access_accessrequest" in query["sql"]
    ]
    assert written == []
    assert AuditEvent.objects.count() == events


def test_a_poll_reads_only_what_is_new(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim", timestamp="2026-01-01T00:00:00Z")
    lab.hub.requests(repository.name, [{"user": "lee", "timestamp": "2026-02-01T00:00:00Z"}])
    start = lab.hub.journal()[-1]["sequence"]
    lab.poll(repository)
    assert lab.request(repository, "lee").status == states.PENDING
    (call,) = lab.hub.journal(start)
    assert "after=2025-12-31T23%3A59%3A58" in call["query"]


def test_people_who_are_hidden_are_found_by_their_request_id_and_named_once_they_are_shown(lab: Lab):
    repository = lab.repository(hide_people=True)
    lab.hub.requests(repository.name, [{"user": "kim"}, {"user": "lee"}])
    lab.compare(repository)
    ids = set(AccessRequest.objects.values_list("pk", flat=True))
    assert len(ids) == 2
    lab.decide_on_hub(repository, "kim", "accepted")
    lab.compare(repository)
    assert AccessRequest.objects.get(status="accepted").person is None
    lab.hub.repo(repository.name, hide_people=False)
    lab.compare(repository)
    assert {one.pk: str(one.person) for one in AccessRequest.objects.select_related("person")}.keys() == ids
    assert lab.request(repository, "kim").status == "accepted"


def test_somebody_hidden_who_is_let_in_by_name_stays_one_row_each(lab: Lab):
    repository = lab.repository(hide_people=True)
    lab.hub.requests(repository.name, [{"user": "kim"}])
    lab.compare(repository)
    actions.grant(actor=factories.actor(lab.author), repository_id=repository.pk, username="kim")
    lab.push()
    lab.hub.repo(repository.name, hide_people=False)
    with later(40):
        for _ in range(2):
            lab.compare(repository)
    assert lab.request(repository, "kim").status == "accepted"
    assert AccessRequest.objects.get(person=None).status == "withdrawn"
