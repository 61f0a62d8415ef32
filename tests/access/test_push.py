"""Decisions on their way to the Hub, against the local Hub: what is sent, what is not, and what comes of a refusal."""

from __future__ import annotations

import pytest

from access import actions, states
from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.notify.models import Notification
from repos import actions as repo_actions
from tests import factories
from tests.access.test_states import PUSHES
from tests.labfixtures import Lab, later

VERB = {"pending": "put_back", "accepted": "accept", "rejected": "reject", "reset": "reset"}


def hold(lab: Lab, request: AccessRequest, ours: str) -> None:
    """Bring ours to a status by decisions."""
    if lab.request(request.repository, str(request.person)).status == ours:
        return
    if ours == "pending":
        lab.decide(request, "put_back")
        return
    lab.decide(request, VERB[ours])


CELLS = [
    (ours, theirs, told)
    for (ours, asked), cells in PUSHES.items()
    for theirs, told in zip(states.THEIRS, cells, strict=True)
    if asked == "asked on the Hub" and ours != "withdrawn" and theirs != "none"
]


@pytest.mark.parametrize(("ours", "theirs", "told"), CELLS)
def test_the_hub_comes_to_what_we_hold(lab: Lab, ours: str, theirs: str, told: str):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim", status=theirs)
    hold(lab, request, ours)
    lab.push()
    sent = lab.sent()
    if told == "–":
        assert sent == []
    else:
        assert [(one["call"], one["body"]["status"], one["status"]) for one in sent] == [("batch", told, 200)]
    assert lab.hub_status(repository, "kim") == (theirs if told == "–" else told)
    request = lab.request(repository, "kim")
    assert (request.status, request.hub_status) == (ours, lab.hub_status(repository, "kim"))
    assert not lab.state(request).behind
    assert AuditEvent.objects.filter(event="access.request.pushed").count() == (0 if told == "–" else 1)


@pytest.mark.parametrize(("row", "sent"), [(None, ["grant"]), ("pending", ["batch"])])
def test_a_grant_lets_somebody_in_who_asked_or_not(lab: Lab, row: str | None, sent: list[str]):
    repository = lab.repository()
    lab.hub.person("kim")
    given = actions.grant(actor=factories.actor(lab.author), repository_id=repository.pk, username="kim")
    if row:
        lab.hub.requests(repository.name, [{"user": "kim", "status": row}])
    lab.push()
    assert [one["call"] for one in lab.sent()] == sent
    assert lab.hub_status(repository, "kim") == "accepted"
    given.refresh_from_db()
    assert (given.status, given.hub_status) == ("accepted", "accepted")


def test_a_grant_is_not_told_twice_when_the_list_shows_it_and_can_be_taken_away(lab: Lab):
    repository = lab.repository()
    lab.hub.person("kim")
    with later(-60):
        given = actions.grant(actor=factories.actor(lab.author), repository_id=repository.pk, username="kim")
        lab.push()
    lab.compare(repository)
    given.refresh_from_db()
    assert given.decided_by_label == "Mara Keller"
    assert (given.email, given.answers) == ("", {})
    events = list(AuditEvent.objects.filter(subject_type="request").order_by("pk").values_list("event", flat=True))
    assert events == ["access.request.granted", "access.request.pushed"]
    assert Notification.objects.filter(kind="access.accepted").count() == 1

    lab.decide(given, "reject", "Left the group")
    lab.push()
    lab.compare(repository)
    assert lab.hub_status(repository, "kim") == "rejected"
    given.refresh_from_db()
    assert (given.status, given.hub_status, given.via) == ("rejected", "rejected", "grant")


def test_somebody_let_in_who_asks_after_a_reset_is_a_new_request(lab: Lab):
    repository = lab.repository()
    lab.hub.person("kim")
    given = actions.grant(actor=factories.actor(lab.author), repository_id=repository.pk, username="kim")
    lab.push()
    lab.compare(repository)
    lab.decide(given, "reset", "Ask with the form, please")
    lab.push()
    with later(40):
        lab.ask(repository, "kim", fields={"Use": "Thesis"}, timestamp="2027-01-01T00:00:00.000Z")
    request = lab.request(repository, "kim")
    assert (request.pk, request.status, request.via, request.answers) == (given.pk, "pending", "hub", {"Use": "Thesis"})
    assert Notification.objects.filter(kind="access.new-request").count() == 1


def test_batches_hold_a_hundred_of_one_status_and_reason(lab: Lab):
    repository = lab.repository()
    lab.hub.generate(repository.name, 205)
    lab.compare(repository)
    for request in AccessRequest.objects.order_by("pk")[:205]:
        verb, reason = ("accept", "") if request.pk % 5 else ("reject", "Too far")
        if request.pk % 25 == 0:
            reason = "Other reason"
        lab.decide(request, verb, reason)
    lab.push()
    sent = lab.sent()
    assert {one["call"] for one in sent} == {"batch"}
    sizes = [len(one["body"]["requests"]) for one in sent]
    assert sum(sizes) == 205
    assert max(sizes) <= 100
    reasons = {(one["body"]["status"], one["body"].get("rejectionReason")) for one in sent}
    assert reasons == {("accepted", None), ("rejected", "Too far"), ("rejected", "Other reason")}
    assert {row["status"] for row in lab.hub.rows(repository.name)} == {"accepted", "rejected"}
    assert AccessRequest.objects.filter(hub_status="pending").count() == 0


def test_a_long_reason_is_kept_whole_here_and_sent_short(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    reason = "Please tell us where you work 😀. " * 20
    lab.decide(request, "reject", reason)
    lab.push()
    told = lab.sent()[0]["body"]["rejectionReason"]
    assert len(told.encode("utf-16-le")) // 2 <= 200
    assert told.endswith("…")
    assert lab.request(repository, "kim").reason == reason.strip()


def test_hidden_people_go_one_by_one_by_their_request_id(lab: Lab):
    repository = lab.repository(hide_people=True)
    ids = [one["requestId"] for one in lab.hub.requests(repository.name, [{"user": name} for name in ("kim", "lee")])]
    lab.compare(repository)
    assert list(AccessRequest.objects.values_list("person", flat=True)) == [None, None]
    for request in AccessRequest.objects.all():
        lab.decide(request, "accept")
    lab.push()
    sent = lab.sent()
    assert {one["call"] for one in sent} == {"handle"}
    assert sorted(one["body"]["requestId"] for one in sent) == sorted(ids)
    assert lab.hub_status(repository, "kim") == lab.hub_status(repository, "lee") == "accepted"
    assert not AccessRequest.objects.exclude(hub_status="accepted").exists()


def test_where_a_batch_is_refused_each_goes_by_itself(lab: Lab):
    repository = lab.repository()
    requests = lab.ask(repository, "kim", "lee")
    lab.hub.fault("server_error", path="/batch", status=400, count=1)
    for request in requests:
        lab.decide(request, "accept")
    lab.push()
    assert [(one["call"], one["status"]) for one in lab.sent()] == [("batch", 400), ("handle", 200), ("handle", 200)]
    assert not AccessRequest.objects.exclude(hub_status="accepted").exists()


@pytest.mark.parametrize("batch_works", [True, False])
def test_one_that_is_gone_and_one_decided_already_hold_up_nobody(lab: Lab, batch_works: bool):
    """The Hub says the same 404 of a request that is gone and of one in that state already (HC §1.3)."""
    repository = lab.repository()
    names = [f"person-{number}" for number in range(12)]
    requests = lab.ask(repository, *names)
    if not batch_works:
        lab.hub.fault("server_error", path="/batch", status=400)
    for request in requests:
        lab.decide(request, "accept")
    lab.decide_on_hub(repository, names[0], "accepted")
    lab.hub.delete_requests(repository.name, users=names[1:3])
    start = lab.hub.journal()[-1]["sequence"]
    lab.push()
    lists = [one["path"] for one in lab.hub.journal(start, method="GET")]
    assert len(lists) <= 8, "what was refused is looked up once, not once for each"
    gone = [lab.request(repository, name) for name in names[1:3]]
    assert [lab.state(request).parked for request in gone] == [True, True]
    assert "withdrawn" in lab.state(gone[0]).error
    for name in [names[0], *names[3:]]:
        request = lab.request(repository, name)
        assert (request.hub_status, lab.state(request).behind) == ("accepted", False), name
        assert lab.hub_status(repository, name) == "accepted"
    assert AuditEvent.objects.filter(event="access.request.push-refused").count() == 2
    assert Notification.objects.filter(kind="access.push-refused", user=lab.author).count() == 2


def test_a_repository_without_a_gate_parks_the_decision_and_tells_the_author(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.hub.repo(repository.name, gated=False)
    lab.push()
    state = lab.state(request)
    assert state.parked
    assert state.error
    notice = Notification.objects.get(kind="access.push-refused")
    assert (notice.user, notice.data["sentence"]) == (lab.author, state.error)

    lab.hub.repo(repository.name, gated="manual")
    actions.retry_push(actor=factories.actor(lab.author), request_id=request.pk)
    lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"
    assert not lab.state(request).behind


def test_a_grant_to_a_name_that_nobody_has_is_parked(lab: Lab):
    repository = lab.repository()
    given = actions.grant(actor=factories.actor(lab.author), repository_id=repository.pk, username="nobody-here")
    lab.push()
    assert lab.state(given).parked
    assert Notification.objects.filter(kind="access.push-refused").count() == 1


def test_reading_only_sends_nothing(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    repo_actions.switch_changes(actor=factories.actor(lab.author), namespace=lab.namespace, on=False)
    lab.push()
    assert lab.sent() == []
    assert lab.state(request).parked
    repo_actions.switch_changes(actor=factories.actor(lab.author), namespace=lab.namespace, on=True)
    lab.push()
    assert lab.sent() == [], "nothing stored goes out unseen"


def test_a_decision_made_on_the_hub_just_before_is_not_run_over(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.decide_on_hub(repository, "kim", "rejected")
    with later(61):
        lab.push()
    assert lab.sent() == []
    request = lab.request(repository, "kim")
    assert (request.status, request.hub_status, request.cause) == ("rejected", "rejected", "hub")
    assert not lab.state(request).behind
    assert AuditEvent.objects.filter(event="access.request.superseded").count() == 1
    assert not Notification.objects.filter(kind="access.accepted").exists(), "nobody is told what does not stand"


def test_a_dead_token_loses_nothing(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.hub.token("aurora-lab", secret=lab.token, expired=True)
    lab.push()
    waiting = lab.state(request)
    assert (waiting.behind, waiting.parked) == (True, False)
    assert "no longer accepts the token" in waiting.error
    lab.hub.token("aurora-lab", secret=lab.token, expired=False)
    lab.push()
    assert lab.hub_status(repository, "kim") == "accepted"
