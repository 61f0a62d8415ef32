"""What happens by the clock: access ends, people are reminded and ask to renew; each once, whatever dies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection

from access import actions, ends, states, tasks
from access.ends import NEVER
from access.models import AccessRequest, Renewal
from hubgate.accounts import actions as accounts
from hubgate.accounts.actions import Person
from hubgate.accounts.models import User
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify import digests, preferences
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox.models import OutboxItem
from repos.models import Namespace
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2027, 3, 1, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def accept(author: User, repository: Any, name: str = "jordan", *, days: int = 90) -> AccessRequest:
    """Somebody who was let in at `NOW` for so many days."""
    with time_machine.travel(NOW, tick=False):
        asked = factories.ask(repository, name)
        return actions.decide(
            actor=factories.actor(author),
            request_id=asked.pk,
            verb="accept",
            seen_status="pending",
            ends_at=ends.after(days, NOW),
        )


def person(username: str = "jordan", *, email: str = "jordan@hubgate.example") -> User:
    """The account of somebody who asked."""
    user = User.objects.create_user(username, email=email)
    accounts.record_sign_in(user, Person(hub_id=f"u-{username}", username=username), {username: "admin"})
    return user


def tick(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        tasks.end_access()


def reminders() -> list[int]:
    return [one.data["days"] for one in Notification.objects.filter(kind="access.ending").order_by("pk")]


class TestEnding:
    def test_access_that_has_ended_is_reset_with_all_that_goes_with_it(self, author, repository):
        request, other = accept(author, repository), accept(author, repository, "kim", days=91)
        tick(NOW + 90 * DAY - timedelta(seconds=1))
        assert set(AccessRequest.objects.values_list("status", flat=True)) == {"accepted"}
        tick(NOW + 90 * DAY)
        request.refresh_from_db()
        other.refresh_from_db()
        assert other.status == "accepted"
        assert (request.status, request.cause, request.decided_by_label) == ("reset", "expiry", "hubgate")
        assert (request.ends_at, request.remind_at, request.before) == (None, None, None)
        assert request.reason.startswith("Your access ended on 30 May 2027.")
        event = AuditEvent.objects.get(event="access.request.ended")
        assert (event.actor_kind, event.cause, event.subject_id) == ("system", "expiry", request.pk)
        push = OutboxItem.objects.get(kind=states.PUSH, key=str(request.pk))
        assert push.done < push.wanted
        told = Notification.objects.get(kind="access.ended")
        assert Delivery.objects.get(notification=told).address == "jordan@northlake.edu"
        tick(NOW + 90 * DAY + timedelta(minutes=1))
        assert AuditEvent.objects.filter(event="access.request.ended").count() == 1

    def test_a_decision_that_meets_the_end_is_refused_with_words(self, author, repository):
        request = accept(author, repository)
        tick(NOW + 90 * DAY)
        with pytest.raises(WrongStateError, match="reset now: hubgate decided") as refused:
            actions.decide(
                actor=factories.actor(author),
                request_id=request.pk,
                verb="reject",
                seen_status="accepted",
                reason="No.",
            )
        assert refused.value.code == "decided_meanwhile"
        with pytest.raises(WrongStateError, match="reset now: hubgate decided"):
            actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=NEVER)
        again = factories.decide(author, request, "accept")
        assert again.status == "accepted"

    def test_an_end_that_was_moved_in_time_does_not_come(self, author, repository):
        request = accept(author, repository)
        actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=ends.after(120, NOW))
        tick(NOW + 91 * DAY)
        request.refresh_from_db()
        assert request.status == "accepted"

    def test_nothing_is_reset_where_hubgate_only_reads(self, author, repository):
        request = accept(author, repository)
        Namespace.objects.update(changes_enabled=False)
        tick(NOW + 91 * DAY)
        request.refresh_from_db()
        assert (request.status, reminders()) == ("accepted", [])
        assert ends.has_ended(request.status, request.ends_at, NOW + 91 * DAY)
        Namespace.objects.update(changes_enabled=True)
        tick(NOW + 91 * DAY)
        request.refresh_from_db()
        assert request.status == "reset"

    def test_the_number_of_statements_does_not_grow(self, author, repository):
        for name in ("kim", "jo", "lee"):
            accept(author, repository, name, days=10 if name == "kim" else 20)
        for at in (NOW + 10 * DAY, NOW + 20 * DAY):
            with counting() as statements:
                actions.end_access(now=at)
            if at == NOW + 10 * DAY:
                few = len(statements)
        assert len(statements) == few

    def test_killed_between_any_two_statements_it_happens_once(self, author, repository):
        accept(author, repository, "kim")
        accept(author, repository, "jo")
        now, killed = NOW + 90 * DAY, 0
        while True:
            try:
                with connection.execute_wrapper(killer(killed)):
                    actions.end_access(now=now)
            except Killed:
                killed += 1
                assert set(AccessRequest.objects.values_list("status", flat=True)) == {"accepted"}
                assert not Notification.objects.filter(kind="access.ended").exists()
                continue
            break
        actions.end_access(now=now)
        assert killed > 5
        assert AuditEvent.objects.filter(event="access.request.ended").count() == 2
        assert Notification.objects.filter(kind="access.ended").count() == 2
        assert Delivery.objects.filter(notification__kind="access.ended").count() == 2
        wanted = OutboxItem.objects.filter(kind=states.PUSH).values_list("wanted", flat=True)
        assert list(wanted) == [2, 2]  # the acceptance, and the end


class TestReminders:
    def test_each_is_told_once_however_often_the_tick_runs(self, author, repository):
        accept(author, repository)
        for day in (75, 76, 76, 80, 87, 87, 88, 89):
            tick(NOW + day * DAY)
        assert reminders() == [14, 3]

    def test_after_a_long_standstill_only_the_nearest_is_told(self, author, repository):
        accept(author, repository)
        tick(NOW + 88 * DAY)
        assert reminders() == [3]

    def test_there_is_none_for_an_end_that_was_nearer_when_it_was_set(self, author, repository):
        accept(author, repository, "kim", days=10)
        accept(author, repository, "jo", days=2)
        for day in range(10):
            tick(NOW + day * DAY)
        assert reminders() == [3]

    def test_it_is_taken_back_when_the_end_moves_or_the_access_goes(self, author, repository):
        moved, gone = accept(author, repository, "kim"), accept(author, repository, "jo")
        tick(NOW + 76 * DAY)
        assert reminders() == [14, 14]
        with time_machine.travel(NOW + 76 * DAY, tick=False):
            actions.extend(actor=factories.actor(author), request_id=moved.pk, ends_at=ends.after(60, NOW + 76 * DAY))
            factories.decide(author, gone, "reset", "The study is over.")
        assert reminders() == []
        assert not Delivery.objects.filter(notification__kind="access.ending").exists()
        tick(NOW + (76 + 46) * DAY)
        assert reminders() == [14]

    def test_killed_between_any_two_statements_each_is_told_once(self, author, repository):
        accept(author, repository)
        killed = 0
        while True:
            try:
                with connection.execute_wrapper(killer(killed)):
                    actions.remind(now=NOW + 76 * DAY)
            except Killed:
                killed += 1
                continue
            break
        actions.remind(now=NOW + 76 * DAY)
        assert killed > 3
        assert reminders() == [14]
        assert Delivery.objects.filter(notification__kind="access.ending").count() == 1

    def test_whoever_chose_a_digest_finds_it_there(self, author, repository):
        jordan = person()
        preferences.choose(actor=factories.actor(jordan), paces={"ends": "daily"}, zone="UTC", daily_hour=8)
        accept(author, repository)
        tick(NOW + 76 * DAY)
        assert not Delivery.objects.filter(notification__kind="access.ending").exists()
        at = NOW + 77 * DAY
        assert digests.readers_due(now=at) == [jordan.pk]
        digest = digests.fix(user_id=jordan.pk, now=at)
        assert digest is not None
        assert [one.kind for one in digest.notifications.all()] == ["access.ending"]
        from hubgate.notify.mail_text import of_digest

        text = of_digest(digest)
        assert "1 access of yours that ends soon: aurora-lab/tiny-gated" in text.title
        assert "wait" not in text.body  # what waits there is for those who decide


class TestRenewal:
    def test_it_is_asked_once_and_answered_by_a_later_end(self, author, repository):
        jordan, request = person(), accept(author, repository)
        with time_machine.travel(NOW + 70 * DAY, tick=False):
            for _ in range(2):
                actions.ask_renewal(actor=factories.actor(jordan), request_id=request.pk, words="Two more months.")
        assert Renewal.objects.get().words == "Two more months."
        assert Notification.objects.filter(kind="access.renewal-asked").count() == 1
        assert "Two more months" not in str(AuditEvent.objects.get(event="access.request.renewal-asked").data)
        with time_machine.travel(NOW + 71 * DAY, tick=False):
            actions.extend(actor=factories.actor(author), request_id=request.pk, ends_at=ends.after(90, NOW + 71 * DAY))
        assert Renewal.objects.get().ruling == "extended"
        with time_machine.travel(NOW + 150 * DAY, tick=False):
            actions.ask_renewal(actor=factories.actor(jordan), request_id=request.pk)
        assert Renewal.objects.filter(ruling="").count() == 1

    def test_it_is_refused_with_a_reason_once(self, author, repository):
        jordan, request = person(), accept(author, repository)
        actor = factories.actor(author)
        with time_machine.travel(NOW + 70 * DAY, tick=False):
            actions.ask_renewal(actor=factories.actor(jordan), request_id=request.pk)
            with pytest.raises(InvalidInputError, match="Give a reason"):
                actions.refuse_renewal(actor=actor, request_id=request.pk, reason=" ")
            actions.refuse_renewal(actor=actor, request_id=request.pk, reason="The study is over.")
            with pytest.raises(WrongStateError, match="ruled on it already"):
                actions.refuse_renewal(actor=actor, request_id=request.pk, reason="The study is over.")
        told = Notification.objects.get(kind="access.renewal-refused")
        assert (told.data["reason"], told.data["ends_on"]) == ("The study is over.", "30 May 2027")
        request.refresh_from_db()
        assert request.ends_at == NOW + 90 * DAY

    def test_it_is_only_for_access_of_ones_own_that_ends_soon(self, author, repository):
        jordan, request = person(), accept(author, repository)
        stranger = factories.actor(person("kim"))
        with time_machine.travel(NOW + 40 * DAY, tick=False):
            with pytest.raises(WrongStateError, match="ask to renew it from 30 Apr 2027 on") as early:
                actions.ask_renewal(actor=factories.actor(jordan), request_id=request.pk)
            with pytest.raises(NotFoundOrHiddenError):
                actions.ask_renewal(actor=stranger, request_id=request.pk)
        assert early.value.code == "too_early_to_renew"
        tick(NOW + 90 * DAY)
        with pytest.raises(WrongStateError, match="This request is reset"):
            actions.ask_renewal(actor=factories.actor(jordan), request_id=request.pk)
        with pytest.raises(InvalidInputError, match="Shorten it"):
            actions.ask_renewal(actor=factories.actor(jordan), request_id=request.pk, words="x" * 2_001)


class TestWithdrawing:
    def test_ones_own_request_that_waits_is_reset_on_the_hub(self, author, repository):
        jordan, request = person(), factories.ask(repository)
        for _ in range(2):
            actions.withdraw(actor=factories.actor(jordan), request_id=request.pk)
        request.refresh_from_db()
        assert (request.status, request.cause, request.decided_by_label) == ("withdrawn", "requester", "")
        assert AuditEvent.objects.filter(event="access.request.withdrawn-here").count() == 1
        wanted = states.wanted_push(request.status, request.hub_status, asked_on_hub=True)
        assert wanted == states.Push("status", "reset")
        actions.record_pushed(request_ids=[request.pk], hub_status="reset", pushed_at=datetime.now(UTC))
        request.refresh_from_db()
        assert states.wanted_push(request.status, request.hub_status, asked_on_hub=True) is None

    def test_nobody_elses_and_nothing_that_was_decided(self, author, repository):
        jordan, request = person(), factories.ask(repository)
        with pytest.raises(NotFoundOrHiddenError):
            actions.withdraw(actor=factories.actor(person("kim")), request_id=request.pk)
        with pytest.raises(NotFoundOrHiddenError):
            actions.withdraw(actor=factories.actor(author), request_id=request.pk)
        factories.decide(author, request, "accept")
        with pytest.raises(WrongStateError, match="you have access") as refused:
            actions.withdraw(actor=factories.actor(jordan), request_id=request.pk)
        assert refused.value.code == "not_waiting"

    def test_where_hubgate_only_reads_the_hub_has_the_button(self, author, repository):
        jordan, request = person(), factories.ask(repository)
        Namespace.objects.update(changes_enabled=False)
        with pytest.raises(WrongStateError, match="/settings/gated-repos") as refused:
            actions.withdraw(actor=factories.actor(jordan), request_id=request.pk)
        assert refused.value.code == "reading_only"


class Killed(OperationalError):
    """What a process that dies leaves to the database: an open transaction."""


def killer(after: int):
    """Lets so many statements pass, then ends the work."""
    passed = [0]

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if passed[0] == after:
            raise Killed
        passed[0] += 1
        return execute(sql, params, many, context)

    return wrapper


def counting():
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)
