"""Two transactions that wait for each other: the database ends one, and that one begins again."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from access import actions
from access.models import AccessRequest
from hubgate.accounts.models import HubIdentity, User
from hubgate.contention import begins_again, is_contention
from tests import factories
from tests.procfixtures import wait_until
from tests.threads import failures, race, sqlite_busy

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers queue")


def test_only_what_others_stood_in_the_way_of_is_contention(tmp_path: Path):
    assert is_contention(sqlite_busy(tmp_path))
    gone = OperationalError("server closed the connection unexpectedly")
    for error in (gone, IntegrityError("twice"), DatabaseError("?"), ValueError("no")):
        assert not is_contention(error)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_that_wait_in_a_circle_both_end_well():
    ids = [User.objects.create_user(name, password="-").pk for name in ("mara", "noor")]
    both_hold_one = threading.Barrier(2)
    runs: list[list[int]] = []

    @begins_again
    def rename(order: list[int]) -> None:
        runs.append(order)
        with transaction.atomic(durable=True):
            User.objects.filter(pk=order[0]).update(first_name=f"by {order}")
            if runs.count(order) == 1:
                both_hold_one.wait(10)
            User.objects.filter(pk=order[1]).update(first_name=f"by {order}")

    assert failures(race(lambda: rename(ids), lambda: rename(ids[::-1]))) == []
    assert len(runs) == 3
    assert len(set(User.objects.values_list("first_name", flat=True))) == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_whoever_runs_into_a_circle_each_time_is_told():
    runs = 0

    @begins_again
    def always_in_a_circle() -> None:
        nonlocal runs
        runs += 1
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'deadlock_detected'; END $$")

    with pytest.raises(OperationalError) as error:
        always_in_a_circle()
    assert is_contention(error.value)
    assert runs == 4


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_page_with_new_names_and_a_decision_on_one_of_its_people_do_not_wait_in_a_circle(caplog):
    """The decision holds its request and refers to the person; the page holds the person and wants the request."""
    author = factories.make_author()
    repository = factories.make_repository()
    request = factories.ask(repository, "jordan")
    factories.decide(author, request, "accept")  # so that its outbox item is there to be held
    person = HubIdentity.objects.get(username="jordan")
    row = factories.row("jordan", name="Jordan, renamed", user_id=person.hub_id, asked_at=request.asked_at)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM outbox_outboxitem WHERE key = %s FOR UPDATE", [str(request.pk)])
            held.set()
            go_on.wait(20)

    def put_back() -> AccessRequest:
        held.wait(10)
        return actions.decide(
            actor=factories.actor(author), request_id=request.pk, verb="put_back", seen_status="accepted"
        )

    def read_page() -> None:
        wait_until(lambda: waiters() == 1, 10, "the decision to hold its request")
        factories.record(repository, row)

    def release() -> None:
        wait_until(lambda: waiters() == 2, 10, "the page to hold its people")
        go_on.set()

    with caplog.at_level(logging.INFO, logger="hubgate.contention"):
        assert failures(race(hold, put_back, read_page, release)) == []
    assert caplog.messages == []
    request.refresh_from_db()
    person.refresh_from_db()
    assert (request.status, person.fullname) == ("pending", "Jordan, renamed")


def waiters() -> int:
    """How many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])
