"""What the Hub changes on its own: noted down, told once, and settled one way or the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access import actions, states
from access.actions import Way
from access.models import AccessRequest, Drift
from access.queries import drift as desk
from access.queries.drift import PASSED, SETTLED, Wanted
from hubgate.audit.models import AuditEvent
from hubgate.errors import NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Notification
from hubgate.outbox.models import OutboxItem
from tests import factories

ASKED = timezone.now() - timedelta(days=2)
LONG_AGO = timezone.now() - timedelta(hours=5)


def on_hub(repository, status, *, name="jordan", at=None, by=None, read_at=None):
    """The mirror reads what somebody decided on the Hub."""
    facts = {"asked_at": ASKED, "reviewed_at": at or timezone.now(), "granted_by": by, "read_at": read_at}
    read_at = facts.pop("read_at")
    email = f"{name}@northlake.edu"
    return factories.record(repository, factories.row(name, email=email, status=status, **facts), read_at=read_at)[0]


def pushed(request, status):
    """The Hub was told a while ago."""
    actions.record_pushed(request_ids=[request.pk], hub_status=status, pushed_at=LONG_AGO)
    OutboxItem.objects.all().delete()


def decided_here(author, repository, verb, reason=""):
    """Asked on the Hub, decided here, and the Hub holds it."""
    request = factories.ask(repository, asked_at=ASKED)
    request = factories.decide(author, request, verb, reason)
    pushed(request, request.status)
    return request


def settle(author, found, way):
    return actions.settle(actor=factories.actor(author), drift_id=found.pk, way=way)


def last_events(request, number=2):
    return list(
        AuditEvent.objects.filter(subject_type="request", subject_id=request.pk)
        .order_by("-id")
        .values_list("event", "actor_label")[:number]
    )


def lines(author, **wanted):
    return desk.page(factories.actor(author), Wanted(**wanted)).lines


def test_a_decision_on_the_hub_is_a_drift_with_what_when_and_by_whom(author, repository):
    decided_here(author, repository, states.REJECT, "No affiliation.")
    at = timezone.now() - timedelta(minutes=3)
    on_hub(repository, "accepted", at=at, by="tomas")
    found = Drift.objects.get()
    assert (found.ours["status"], found.theirs, found.stands, found.theirs_by) == (
        "rejected", "accepted", "theirs", "tomas",
    )  # fmt: skip
    assert (found.theirs_at, found.ours["reason"], found.ours["decided_by_label"]) == (
        at,
        "No affiliation.",
        str(author),
    )
    [line] = lines(author)
    assert (line.ours, line.theirs, line.now, line.passed) == ("rejected", "accepted", "accepted", False)


def test_taking_theirs_pushes_nothing(author, repository):
    request = decided_here(author, repository, states.ACCEPT)
    on_hub(repository, "rejected")
    settle(author, Drift.objects.get(), Way.THEIRS)
    request.refresh_from_db()
    assert (request.status, request.cause) == ("rejected", "hub")
    assert not OutboxItem.objects.filter(kind=states.PUSH).exists()
    assert last_events(request, 1) == [("access.drift.theirs-taken", str(author))]
    assert lines(author) == []
    assert [line.drift.settled_as for line in lines(author, state=SETTLED)] == ["theirs"]


# What the Hub changed, from what we hold, and the decision that puts ours back.
PUT_BACK = [
    (states.ACCEPT, "", "rejected"),
    (states.ACCEPT, "", "reset"),
    (states.ACCEPT, "", "pending"),
    (states.REJECT, "No affiliation.", "accepted"),
    (states.REJECT, "No affiliation.", "pending"),
    (states.REJECT, "No affiliation.", "reset"),
    (states.RESET_VERB, "Say more.", "accepted"),
    (states.RESET_VERB, "Say more.", "rejected"),
    (None, "", "accepted"),
    (None, "", "rejected"),
    (None, "", "reset"),
]


@pytest.mark.parametrize(("verb", "reason", "theirs"), PUT_BACK)
def test_putting_ours_back_decides_again_and_tells_the_hub(author, repository, verb, reason, theirs):
    request = decided_here(author, repository, verb, reason) if verb else factories.ask(repository, asked_at=ASKED)
    ours = request.status
    on_hub(repository, theirs)
    settle(author, Drift.objects.get(), Way.OURS)
    request.refresh_from_db()
    assert (request.status, request.reason, request.cause, request.decided_by) == (ours, reason, "reviewer", author)
    wanted = states.wanted_push(request.status, request.hub_status, asked_on_hub=True)
    assert wanted == states.Push("status", ours)
    assert OutboxItem.objects.filter(kind=states.PUSH, key=str(request.pk)).exists()
    events = [event for event, _ in last_events(request)]
    assert events[0] == "access.drift.ours-put-back"
    assert events[1].startswith("access.request.")
    assert Drift.objects.get().settled_as == "ours"


def gone(repository):
    for minutes in (2, 1):
        actions.record_absent(repository=repository, seen=[], read_at=timezone.now() + timedelta(minutes=10 - minutes))


def test_who_vanished_from_the_hub_can_be_let_in_again(author, repository):
    request = decided_here(author, repository, states.ACCEPT)
    gone(repository)
    found = Drift.objects.get()
    assert (found.theirs, found.ours["status"]) == ("none", "accepted")
    settle(author, found, Way.OURS)
    request.refresh_from_db()
    assert request.status == "accepted"
    assert states.wanted_push("accepted", request.hub_status, asked_on_hub=True) == states.Push("grant", "accepted")


def test_what_nobody_can_put_back_says_why(author, repository):
    decided_here(author, repository, states.REJECT, "No.")
    gone(repository)
    [line] = lines(author)
    assert line.why_not_ours == "What is gone there cannot be made rejected from here."
    with pytest.raises(WrongStateError, match="gone there"):
        settle(author, line.drift, Way.OURS)
    assert Drift.objects.get().settled_at is None


def test_who_takes_a_waiting_request_back_is_no_drift(author, repository):
    factories.ask(repository, asked_at=ASKED)
    gone(repository)
    assert not Drift.objects.exists()


def test_a_rejection_of_which_no_reason_is_known_needs_one(author, repository):
    request = factories.ask(repository, asked_at=ASKED)
    on_hub(repository, "rejected", at=timezone.now() - timedelta(minutes=5))
    on_hub(repository, "accepted")
    [line] = lines(author)
    assert "open the request to reject it with one" in line.why_not_ours
    with pytest.raises(WrongStateError):
        settle(author, line.drift, Way.OURS)
    request.refresh_from_db()
    assert request.status == "accepted"


def kept(author, repository):
    """We accepted, the Hub had rejected a moment before: ours stands and waits to be told."""
    request = factories.ask(repository, asked_at=ASKED)
    request = factories.decide(author, request, states.ACCEPT)
    assert request.decided_at is not None
    on_hub(repository, "rejected", at=request.decided_at - timedelta(seconds=20))
    return request


def test_ours_that_stood_can_be_kept(author, repository):
    request = kept(author, repository)
    found = Drift.objects.get()
    assert (found.stands, found.theirs) == ("ours", "rejected")
    settle(author, found, Way.OURS)
    request.refresh_from_db()
    assert request.status == "accepted"
    assert OutboxItem.objects.filter(kind=states.PUSH).exists()


def test_theirs_can_be_followed_although_ours_stood(author, repository):
    request = kept(author, repository)
    settle(author, Drift.objects.get(), Way.THEIRS)
    request.refresh_from_db()
    assert (request.status, request.cause, request.decided_by) == ("rejected", "hub", None)
    assert states.wanted_push(request.status, request.hub_status, asked_on_hub=True) is None
    assert Notification.objects.filter(kind="access.rejected", subject_id=request.pk).exists()


def test_what_the_hub_no_longer_holds_is_not_simply_taken(author, repository):
    request = kept(author, repository)
    pushed(request, "accepted")
    with pytest.raises(WrongStateError, match="open the request to reject it with a reason"):
        settle(author, Drift.objects.get(), Way.THEIRS)
    request.refresh_from_db()
    assert request.status == "accepted"


@pytest.mark.parametrize("way", list(Way))
def test_a_request_decided_again_since_is_only_put_aside(author, repository, way):
    request = decided_here(author, repository, states.ACCEPT)
    on_hub(repository, "rejected")
    other = factories.make_author("aurora-lab", "tomas", name="Tomáš Novák")
    factories.decide(other, request, states.RESET_VERB, "Again, please.")
    assert lines(author) == []
    [line] = lines(author, state=PASSED)
    with pytest.raises(WrongStateError, match="it is reset now, by Tomáš Novák"):
        settle(author, line.drift, way)
    request.refresh_from_db()
    found = Drift.objects.get()
    assert (request.status, found.settled_as) == ("reset", "")
    assert found.settled_at is not None


def test_only_what_changed_since_can_be_passed_over(author, repository):
    decided_here(author, repository, states.ACCEPT)
    on_hub(repository, "rejected")
    with pytest.raises(WrongStateError, match="still as the Hub left it"):
        actions.pass_over(actor=factories.actor(author), drift_id=Drift.objects.get().pk)


@pytest.mark.parametrize("way", list(Way))
def test_a_second_click_changes_nothing_and_another_person_is_told(author, repository, way):
    request = decided_here(author, repository, states.ACCEPT)
    on_hub(repository, "rejected")
    found = Drift.objects.get()
    settle(author, found, way)
    before = AuditEvent.objects.count()
    settle(author, found, way)
    other = factories.make_author("aurora-lab", "tomas", name="Tomáš Novák")
    with pytest.raises(WrongStateError, match=f"^{author} settled this"):
        settle(other, found, way)
    assert AuditEvent.objects.filter(subject_id=request.pk).count() <= before + 1


def test_a_later_change_on_the_hub_replaces_the_earlier_line(author, repository):
    decided_here(author, repository, states.ACCEPT)
    on_hub(repository, "rejected", at=timezone.now() - timedelta(minutes=9))
    on_hub(repository, "reset")
    [line] = lines(author)
    assert (line.ours, line.theirs) == ("rejected", "reset")


def test_reading_only_may_take_theirs_and_not_put_ours_back(db):
    author = factories.make_author(changes_enabled=False)
    repository = factories.make_repository()
    request = factories.ask(repository, asked_at=ASKED)
    on_hub(repository, "accepted")
    [line] = lines(author)
    assert line.why_not_ours.startswith("hubgate only reads aurora-lab")
    with pytest.raises(WrongStateError):
        settle(author, line.drift, Way.OURS)
    settle(author, line.drift, Way.THEIRS)
    request.refresh_from_db()
    assert request.status == "accepted"


def test_strangers_find_nothing(author, repository, client):
    decided_here(author, repository, states.ACCEPT)
    on_hub(repository, "rejected")
    found = Drift.objects.get()
    stranger = factories.make_author("other-lab", "olaf", name="Olaf Other")
    for way in Way:
        with pytest.raises(NotFoundOrHiddenError):
            settle(stranger, found, way)
    assert lines(stranger) == []
    client.force_login(stranger)
    assert client.post(reverse("access:settle-drift"), {"theirs": found.pk}).status_code == 404
    assert "jordan" not in client.get(reverse("access:drift")).content.decode()


def test_those_who_decide_are_told_once_a_reading_and_never_of_history(author, repository):
    names = ("jordan", "amina", "xm-wang")
    for name in names:
        factories.ask(repository, name, asked_at=ASKED)
    at, read_at = timezone.now(), timezone.now()
    for name in names:
        on_hub(repository, "accepted", name=name, at=at, read_at=read_at)
    [told] = Notification.objects.filter(kind="access.drift")
    assert (told.user, told.data["repository"]) == (author, repository.name)
    Notification.objects.all().delete()
    on_hub(repository, "rejected", at=repository.namespace.connected_at - timedelta(days=1))
    assert Drift.objects.filter(theirs="rejected").count() == 1
    assert not Notification.objects.filter(kind="access.drift").exists()


def test_the_desk_is_narrowed_and_paged(author, repository):
    other = factories.make_repository("aurora-lab/second")
    for number in range(5):
        factories.ask(repository, f"p{number}", asked_at=ASKED)
        on_hub(repository, "accepted", name=f"p{number}", read_at=timezone.now() + timedelta(seconds=number))
    factories.ask(other, "jordan", asked_at=ASKED)
    on_hub(other, "accepted")
    me = factories.actor(author)
    assert [line.username for line in lines(author, repository=other.pk)] == ["jordan"]
    seen, cursor = [], ""
    while True:
        page = desk.page(me, Wanted(repository=repository.pk), cursor=cursor, size=2)
        seen += [line.username for line in page.lines]
        if not page.older:
            break
        cursor = page.older
    assert seen == ["p4", "p3", "p2", "p1", "p0"]
    back = desk.page(me, Wanted(repository=repository.pk), cursor=page.newer, size=2)
    assert [line.username for line in back.lines] == ["p2", "p1"]


@pytest.fixture
def drifted(author, repository):
    requests = []
    for name in ("jordan", "amina"):
        factories.ask(repository, name, asked_at=ASKED)
        requests.append(on_hub(repository, "accepted", name=name, by="tomas"))
    return requests


def test_the_page_settles_one_or_several_by_plain_forms(signed_in: Client, drifted):
    page = signed_in.get("/drift/").content.decode()
    assert "Granted by <bdi>tomas</bdi> on the Hub" in page
    assert 'hg-nav__count">2<' in page
    ids = list(Drift.objects.values_list("pk", flat=True))
    answer = signed_in.post("/drift/settle/", {"selected": "ours", "drift": ids}, follow=True).content.decode()
    assert "2 changes settled: ours stands" in answer
    assert "In step with the Hub" in answer
    assert set(AccessRequest.objects.values_list("status", flat=True)) == {"pending"}


def test_the_request_shows_the_change_and_settles_it_there(signed_in: Client, drifted):
    request = drifted[0]
    url = f"/requests/{request.pk}/"
    assert "hg-drift mt-4" in signed_in.get(url).content.decode()
    found = Drift.objects.get(request=request)
    answer = signed_in.post("/drift/settle/", {"theirs": found.pk, "request": request.pk}, follow=True)
    assert answer.redirect_chain[0][0] == url
    assert "hg-drift mt-4" not in answer.content.decode()


def test_what_a_form_cannot_mean_is_said(signed_in: Client, drifted):
    assert "Nothing was ticked" in signed_in.post("/drift/settle/", {"selected": "ours"}, follow=True).content.decode()
    assert signed_in.post("/drift/settle/", {"selected": "both", "drift": ["1"]}).status_code == 400
    assert signed_in.post("/drift/settle/", {"theirs": "x" * 30}).status_code == 400
    assert signed_in.get("/drift/?state=nope&repository=%00&cursor=").status_code == 200
    assert signed_in.get("/drift/?cursor=zzz").status_code == 400
    assert Drift.objects.filter(settled_at=None).count() == 2


def test_changes_of_repositories_stand_below_without_buttons(signed_in: Client, repository):
    factories.make_repository(repository.name, gated="auto")
    page = signed_in.get("/drift/").content.decode()
    assert "aurora-lab/tiny-gated: The gate went from manual to auto on the Hub" in page


def test_the_desk_takes_the_same_number_of_queries_however_long(signed_in: Client, author, repository, drifted):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        signed_in.get("/drift/")
    for number in range(12):
        factories.ask(repository, f"p{number}", asked_at=ASKED)
        on_hub(repository, "accepted", name=f"p{number}")
    with CaptureQueriesContext(connection) as many:
        signed_in.get("/drift/")
    assert len(few) == len(many)
