"""When access ends: the rules, and ends that are set, moved, undone and taken away with the access."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from access import actions, ends
from access.ends import NEVER, USUAL, Length, Wish
from access.models import AccessRequest, BulkDecision
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify.models import Delivery, Notification
from repos import actions as repos
from tests import factories

NOW = datetime(2027, 3, 1, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("wish", "length", "end"),
    [
        (USUAL, Length(), None),
        (USUAL, Length(usual=90), NOW + 90 * DAY),
        (USUAL, Length(usual=90, most=30), NOW + 30 * DAY),
        (USUAL, Length(most=30), NOW + 30 * DAY),
        (NEVER, Length(usual=90), None),
        (ends.after(365, NOW), Length(usual=90), NOW + 365 * DAY),
        (ends.after(30, NOW), Length(most=30), NOW + 30 * DAY),
        (ends.through(date(2027, 3, 31)), Length(most=30), datetime(2027, 3, 31, 23, 59, tzinfo=UTC)),
        (ends.through(date(2027, 3, 1)), Length(), datetime(2027, 3, 1, 23, 59, tzinfo=UTC)),
    ],
)
def test_an_end_is_as_wished_or_as_usual(wish: Wish, length: Length, end: datetime | None):
    assert ends.end_of(wish, length, NOW) == end
    assert ends.capped_end(wish, length, NOW) == end


@pytest.mark.parametrize(
    ("wish", "length", "word"),
    [
        (Wish(NOW), Length(), "has passed"),
        (Wish(NOW - DAY), Length(), "has passed"),
        (NEVER, Length(most=30), "at most 30 days: choose an end by 31 Mar 2027"),
        (ends.after(31, NOW), Length(most=30), "at most 30 days"),
        (ends.after(4000, NOW), Length(), "within 3,660 days"),
    ],
)
def test_an_end_that_cannot_be_is_refused_with_words(wish: Wish, length: Length, word: str):
    with pytest.raises(InvalidInputError, match=word) as refused:
        ends.end_of(wish, length, NOW)
    assert set(refused.value.fields) == {"ends_at"}


def test_of_many_each_ends_when_its_repository_says_at_the_latest():
    assert ends.capped_end(NEVER, Length(most=30), NOW) == datetime(2027, 3, 31, 23, 59, tzinfo=UTC)
    assert ends.capped_end(ends.after(90, NOW), Length(most=365), NOW) == NOW + 90 * DAY


@pytest.mark.parametrize(
    ("days_left", "following", "due"),
    [(400, 386, None), (14.5, 0.5, None), (14, 11, 14), (10, 7, 14), (3, None, 3), (1, None, 3), (0, None, None)],
)
def test_reminders_are_fourteen_and_three_days_before(days_left: float, following: float | None, due: int | None):
    end = NOW + days_left * DAY
    assert ends.next_reminder(end, NOW) == (None if following is None else NOW + following * DAY)
    assert ends.reminder_due(end, NOW) == due


@pytest.mark.parametrize(
    ("status", "left", "renewable"),
    [
        ("accepted", 30, True),
        ("accepted", 31, False),
        ("accepted", -1, True),
        ("accepted", None, False),
        ("reset", 3, False),
    ],
)
def test_renewal_opens_thirty_days_before(status: str, left: int | None, renewable: bool):
    assert ends.may_renew(status, None if left is None else NOW + left * DAY, NOW) is renewable


def test_the_words_of_an_end_fit_the_hub():
    assert len(ends.ended_reason(NOW)) < 200
    assert "Your access ended on 1 Mar 2027" in ends.ended_reason(NOW)


@pytest.mark.django_db(transaction=True)
class TestActions:
    def test_access_lasts_as_the_repository_has_it_unless_somebody_says_otherwise(self, author, repository):
        repos.choose_grant_days(actor=factories.actor(author), repository=repository, usual=90, most=None)
        with time_machine.travel(NOW, tick=False):
            kim = factories.decide(author, factories.ask(repository, "kim"), "accept")
            jo = decide(author, factories.ask(repository, "jo"), NEVER)
            lee = decide(author, factories.ask(repository, "lee"), ends.after(30, NOW))
            let_in = actions.grant(
                actor=factories.actor(author), repository_id=repository.pk, username="sam", ends_at=ends.after(7, NOW)
            )
        assert [one.ends_at for one in (kim, jo, lee)] == [NOW + 90 * DAY, None, NOW + 30 * DAY]
        assert let_in.ends_at == NOW + 7 * DAY
        assert AuditEvent.objects.get(subject_id=lee.pk, event="access.request.accepted").data["ends_at"]

    def test_an_end_goes_with_the_access(self, author, repository):
        for verb in ("reject", "reset", "put_back"):
            request = decide(author, factories.ask(repository, verb), ends.after(90, _now()))
            end = request.ends_at
            assert end is not None
            assert request.remind_at == end - 14 * DAY
            factories.decide(author, request, verb, "Not any more." if verb != "put_back" else "")
            found = AccessRequest.objects.get(pk=request.pk)
            assert (found.ends_at, found.remind_at) == (None, None)

    def test_an_undone_decision_gives_the_end_back(self, author, repository):
        request = decide(author, factories.ask(repository), ends.after(90, _now()))
        factories.decide(author, request, "reset", "By mistake.")
        undone = actions.undo(actor=factories.actor(author), request_id=request.pk)
        assert (undone.status, undone.ends_at, undone.remind_at) == ("accepted", request.ends_at, request.remind_at)

    def test_what_the_hub_changes_has_no_end(self, author, repository):
        request = decide(author, factories.ask(repository, asked_at=NOW), ends.after(90, _now()))
        actions.record_pushed(request_ids=[request.pk], hub_status="accepted", pushed_at=_now() - DAY)
        factories.record(repository, factories.row("jordan", status="rejected", asked_at=NOW, reviewed_at=_now()))
        request.refresh_from_db()
        assert (request.status, request.ends_at, request.remind_at) == ("rejected", None, None)

    def test_only_who_was_accepted_has_an_end(self, repository):
        request = factories.ask(repository)
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessRequest.objects.filter(pk=request.pk).update(ends_at=NOW)

    def test_no_other_decision_takes_an_end(self, author, repository):
        request = factories.ask(repository)
        with pytest.raises(InvalidInputError, match="Only access that is given has an end"):
            actions.decide(
                actor=factories.actor(author), request_id=request.pk, verb="reject", seen_status="pending",
                reason="No.", ends_at=NEVER,
            )  # fmt: skip

    def test_longer_than_the_repository_allows_is_refused_and_nothing_is_written(self, author, repository):
        repos.choose_grant_days(actor=factories.actor(author), repository=repository, usual=None, most=30)
        request = factories.ask(repository)
        with pytest.raises(InvalidInputError, match="at most 30 days"):
            decide(author, request, ends.after(90, _now()))
        request.refresh_from_db()
        assert request.status == "pending"

    def test_an_end_is_moved_and_the_person_told_once(self, author, repository):
        request = decide(author, factories.ask(repository), ends.after(30, _now()))
        later = ends.after(90, _now())
        for _ in range(2):
            moved = actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=later)
        assert later.at is not None
        assert (moved.ends_at, moved.remind_at) == (later.at, later.at - 14 * DAY)
        assert AuditEvent.objects.filter(event="access.request.end-set").count() == 1
        told = Notification.objects.get(kind="access.end-set")
        assert told.data["ends_on"] == ends.day_of(later.at)
        assert Delivery.objects.filter(notification=told, address="jordan@northlake.edu").exists()
        actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=NEVER)
        request.refresh_from_db()
        assert (request.ends_at, request.remind_at) == (None, None)
        assert [one.data["ends_on"] for one in Notification.objects.filter(kind="access.end-set")] == [""]

    def test_a_moved_end_leaves_nothing_to_undo(self, author, repository):
        request = decide(author, factories.ask(repository), ends.after(30, _now()))
        actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=NEVER)
        with pytest.raises(WrongStateError, match="no decision of yours to undo"):
            actions.undo(actor=factories.actor(author), request_id=request.pk)

    def test_only_who_decides_moves_an_end_and_only_of_access(self, author, repository):
        request = factories.ask(repository)
        other = factories.make_author("meridian", "ines")
        with pytest.raises(NotFoundOrHiddenError):
            actions.extend(actor=factories.actor(other), request_id=request.pk, ends_at=NEVER)
        with pytest.raises(WrongStateError, match="This request is pending now") as refused:
            actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=NEVER)
        assert refused.value.code == "no_access"

    def test_many_at_once_end_as_each_repository_has_it(self, author, repository):
        from uuid import uuid4

        other = factories.make_repository("aurora-lab/other")
        repos.choose_grant_days(actor=factories.actor(author), repository=repository, usual=90, most=None)
        repos.choose_grant_days(actor=factories.actor(author), repository=other, usual=None, most=10)
        with time_machine.travel(NOW, tick=False):
            for wish, expected in (
                (USUAL, [NOW + 90 * DAY, NOW + 10 * DAY]),
                (NEVER, [None, datetime(2027, 3, 11, 23, 59, tzinfo=UTC)]),
                (ends.after(30, NOW), [NOW + 30 * DAY, datetime(2027, 3, 11, 23, 59, tzinfo=UTC)]),
            ):
                name = f"p{len(str(wish))}"
                asked = [factories.ask(repository, name), factories.ask(other, name)]
                key = uuid4()
                actor = factories.actor(author)
                bulk = actions.prepare_bulk(actor=actor, key=key, verb="accept", request_ids=[one.pk for one in asked])
                actions.start_bulk(actor=actor, key=key, ends_at=wish)
                actions.carry_out_bulk(bulk_id=bulk.pk)
                found = [AccessRequest.objects.get(pk=one.pk) for one in asked]
                assert [one.ends_at for one in found] == expected
                assert [one.remind_at for one in found] == [ends.next_reminder(end, NOW) for end in expected]
                actions.cancel_bulk(actor=actor, key=key)
                assert {one.ends_at for one in AccessRequest.objects.filter(pk__in=[one.pk for one in asked])} == {None}


@pytest.mark.django_db(transaction=True)
class TestPages:
    def test_an_end_is_chosen_when_somebody_is_accepted(self, author, repository, signed_in):
        repos.choose_grant_days(actor=factories.actor(author), repository=repository, usual=90, most=100)
        request = factories.ask(repository)
        assert "Accepting gives access for 90 days." in signed_in.get(f"/requests/{request.pk}/").text
        url = f"/requests/{request.pk}/accept-until/"
        page = signed_in.get(url).text
        assert "In 90 days, as usual here" in page
        assert "In 365 days" not in page
        assert ">Never" not in page
        late = {"seen_status": "pending", "ends": "date", "ends_on": "2099-01-01"}
        refused = signed_in.post(url, late)
        assert refused.status_code == 422
        assert "at most 100 days" in refused.text
        assert "Say on which date." in signed_in.post(url, {**late, "ends_on": ""}).text
        assert "Choose one of these ends." in signed_in.post(url, {**late, "ends": "365"}).text
        on = (_now() + 20 * DAY).date()
        done = signed_in.post(url, {"seen_status": "pending", "ends": "date", "ends_on": on.isoformat()})
        assert done.status_code == 302
        request.refresh_from_db()
        assert request.ends_at == ends.through(on).at

    def test_what_was_decided_meanwhile_is_said(self, author, repository, signed_in):
        request = factories.ask(repository)
        factories.decide(author, request, "reject", "No.")
        answer = signed_in.post(f"/requests/{request.pk}/accept-until/", {"seen_status": "pending", "ends": "30"})
        assert answer.status_code == 409
        assert "This request is rejected now" in answer.text

    def test_another_end_has_to_be_chosen(self, author, repository, signed_in):
        request = decide(author, factories.ask(repository), NEVER)
        page = signed_in.post(f"/requests/{request.pk}/extend/", {})
        assert page.status_code == 422
        assert "Choose when access ends." in page.text
        assert signed_in.post(f"/requests/{request.pk}/extend/", {"ends": "30"}).status_code == 302
        rows = signed_in.get("/inbox/?ends=40").context["page"].rows
        assert [row.ends_at for row in rows] == [AccessRequest.objects.get(pk=request.pk).ends_at]

    def test_many_and_let_in_take_an_end(self, repository, signed_in):
        asked = factories.ask(repository)
        bulk = signed_in.post("/bulk/", {"verb": "accept", "request": asked.pk}).url
        assert "As is usual for each repository" in signed_in.get(bulk).text
        assert signed_in.post(f"{bulk}start/", {"ends": "date"}).status_code == 422
        assert signed_in.post(f"{bulk}start/", {"ends": "30"}).status_code == 302
        found = BulkDecision.objects.get()
        actions.carry_out_bulk(bulk_id=found.pk)
        asked.refresh_from_db()
        assert asked.ends_at == found.ends_at is not None
        url = f"/repositories/{repository.pk}/grant/"
        assert signed_in.post(url, {"username": "kim", "ends": "30"}).status_code == 302
        assert AccessRequest.objects.get(person__username="kim").ends_at is not None

    def test_an_export_has_the_end(self, author, repository, signed_in):
        decide(author, factories.ask(repository), ends.after(30, _now()))
        answer = signed_in.post("/inbox/export/?status=all", {"format": "csv"})
        header, line = b"".join(answer).decode().splitlines()[:2]
        assert "ends_at" in header
        assert f"{(_now() + 30 * DAY):%Y-%m-%d}" in line


def decide(author, request: AccessRequest, wish: Wish) -> AccessRequest:
    return actions.decide(
        actor=factories.actor(author), request_id=request.pk, verb="accept", seen_status="pending", ends_at=wish
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
