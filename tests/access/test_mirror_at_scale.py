"""The mirror with many rows: sets instead of rows, nothing written where nothing changed, in constant memory."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import actions, queries, states
from access.actions.mirror import facts, plan
from access.handlers import compare
from access.idset import IdSet
from access.models import AccessRequest, Drift, ListWalk, RequestMirror
from hubgate.accounts.models import HubIdentity
from hubgate.audit.models import AuditEvent
from hubgate.hub.types import RequestRow
from hubgate.notify.models import Delivery, Notification
from hubgate.outbox import worker
from repos import rules as repo_rules
from repos.budget import StoredBudget
from repos.hub import client_of
from repos.models import Namespace, RateBudget, Repository
from repos.subjects import of_repository
from repos.vault import token_key, unseal
from tests import factories
from tests.labfixtures import Lab
from tests.procfixtures import ROOT, wait_until

LONG_AGO = timezone.now() - timedelta(days=400)


def page(number: int, *, start: int = 0, status: str = "accepted", **facts_of_all) -> list[RequestRow]:
    return [
        factories.row(
            f"user{index}",
            user_id=f"{index:024x}",
            request_id=f"r{index}",
            email=f"user{index}@northlake.edu",
            status=status,
            asked_at=LONG_AGO + timedelta(seconds=index),
            answers={"Affiliation": f"Lab\t{index}\n\\N", "Role": "Student"},
            **facts_of_all,
        )
        for index in range(start, start + number)
    ]


def take(repository: Repository, rows: list[RequestRow]) -> list[int]:
    mine = Repository.objects.select_related("namespace").get(pk=repository.pk)
    return actions.record_rows(repository=mine, list_status=rows[0].status, rows=rows, odd=[], read_at=timezone.now())


def row_versions() -> list[tuple[int, ...]]:
    """PostgreSQL gives a row another place and `xmin` whenever it is written or, by another, locked."""
    with connection.cursor() as cursor:
        for table in ("access_accessrequest", "accounts_hubidentity"):
            cursor.execute(f"SELECT id, xmin::text::bigint, ctid::text FROM {table} ORDER BY id")
        return cursor.fetchall()


def test_what_was_written_is_what_the_hub_said(repository):
    row = factories.row(
        "kim",
        user_id="1",
        request_id="r1",
        email="kim@Northlake.EDU",
        organisations=["Acme", "Beta"],
        status="accepted",
        asked_at=LONG_AGO,
        reviewed_at=LONG_AGO + timedelta(hours=1),
        granted_by="mara",
        answers={"Affiliation": 'tab\t, line\n, back\\slash, "quotes", \\N, ü', "Role": "Student"},
    )
    (pk,) = take(repository, [row])
    request = AccessRequest.objects.get(pk=pk)
    assert request.answers == row.fields
    assert (request.email, request.email_domain) == ("kim@Northlake.EDU", "northlake.edu")
    assert (request.asked_at, request.decided_at) == (row.requested_at, row.reviewed_at)
    assert (request.decided_by_label, request.cause, request.organisations) == ("mara on the Hub", "hub", "|acme|beta|")
    assert (request.form_id, request.hub_status) == (repository.form_id, "accepted")
    assert request.person is not None
    assert (request.person.username, request.person.verified_orgs) == ("kim", ["Acme", "Beta"])
    assert "back\\slash" in request.search_text


def test_the_number_of_statements_does_not_grow_with_the_page(repository):
    def statements(rows: list[RequestRow]) -> int:
        with CaptureQueriesContext(connection) as captured:
            take(repository, rows)
        return len(captured) - 1  # the one that reads the repository itself

    statements(page(5))  # the walk has its row from now on
    few, many = page(10, start=100), page(300, start=1000)
    assert statements(many) == statements(few), "new"
    assert statements(many) == statements(few) == 1, "known"
    renamed = [[row._replace(fullname="Another Name") for row in rows] for rows in (few, many)]
    assert statements(renamed[1]) == statements(renamed[0]), "changed"
    if connection.vendor == "postgresql":  # SQLite takes the notices of a decision in several statements
        turned = [[row._replace(status="rejected") for row in rows] for rows in (page(5), few, many)]
        statements(turned.pop(0))  # the drift of one reading is told once
        assert statements(turned[1]) == statements(turned[0]), "decided on the Hub"


def test_a_round_without_news_writes_and_locks_nothing(repository):
    rows = page(50)
    ids = take(repository, rows)
    if connection.vendor == "postgresql":
        before = row_versions()
        assert sorted(take(repository, rows)) == sorted(ids)
        assert row_versions() == before
    else:
        before_changes = connection.connection.total_changes
        assert sorted(take(repository, rows)) == sorted(ids)
        assert connection.connection.total_changes == before_changes


def test_only_what_differs_is_written(repository):
    rows = page(50)
    take(repository, rows)
    seen_before = dict(AccessRequest.objects.values_list("hub_request_id", "hub_seen_at"))
    take(repository, [rows[0]._replace(status="rejected"), *rows[1:]])
    changed = {
        request_id
        for request_id, at in AccessRequest.objects.values_list("hub_request_id", "hub_seen_at")
        if at != seen_before[request_id]
    }
    assert changed == {"r0"}


def test_people_who_did_not_change_are_not_written(repository):
    take(repository, page(20))
    with CaptureQueriesContext(connection) as captured:
        take(repository, page(20, status="rejected"))
    assert not [query for query in captured if query["sql"].startswith("UPDATE") and "hubidentity" in query["sql"]]
    take(repository, page(20, status="rejected", name="New Name"))
    assert HubIdentity.objects.filter(fullname="New Name").count() == 20


def test_a_digest_of_an_older_version_counts_as_changed_once(repository):
    rows = page(3, organisations=["Acme"])
    take(repository, rows)
    AccessRequest.objects.update(hub_digest="0" * 32, organisations="")  # as an earlier version left them
    events = AuditEvent.objects.count()
    take(repository, rows)
    assert set(AccessRequest.objects.values_list("organisations", flat=True)) == {"|acme|"}
    assert AuditEvent.objects.count() == events
    assert all(AccessRequest.objects.values_list("hub_digest", flat=True))
    digests = list(AccessRequest.objects.order_by("pk").values_list("hub_digest", flat=True))
    assert digests == [facts.digest_of(row) for row in rows]


def test_history_is_one_event_and_each_page_still_says_that_somebody_asked(lab: Lab):
    repository = lab.repository()
    lab.hub.requests(
        repository.name,
        [{"user": name, "status": "accepted", "timestamp": "2025-01-02T00:00:00Z"} for name in ("kim", "lee", "mia")],
    )
    lab.hub.requests(repository.name, [{"user": "new"}])
    lab.compare(repository)
    found = AuditEvent.objects.get(event="access.history-found")
    assert (found.subject_id, found.data["count"], found.data["status"]) == (repository.pk, 3, "accepted")
    assert found.subject_type == of_repository(repository).type
    assert AuditEvent.objects.get(event="access.request.asked").subject_label == "new"
    actor = factories.actor(lab.author)
    for name, at in (("kim", "2025-01-02"), ("new", str(timezone.now().date()))):
        lines = queries.detail(actor, lab.request(repository, name).pk).timeline
        assert [line.event for line in lines] == ["access.request.asked"]
        assert str(lines[0].at.date()) == at
    lab.compare(repository)
    assert AuditEvent.objects.filter(event="access.history-found").count() == 1


def test_rows_that_move_between_pages_are_not_lost(lab: Lab):
    """R11: inserted, deleted and re-ordered while the list is walked."""
    repository = lab.repository()
    lab.hub.generate(repository.name, 2500, status="accepted", prefix="before")

    def meddle() -> None:
        if not meddled:
            meddled.append(True)
            lab.hub.delete_requests(repository.name, users=["before1", "before2"])
            lab.hub.generate(repository.name, 7, status="accepted", prefix="meanwhile")

    meddled: list[bool] = []
    compare(client_of(lab.namespace), lab.find(repository.name), between_pages=meddle)
    assert meddled
    lab.compare(repository)
    lab.compare(repository)
    on_hub = len(lab.hub.rows(repository.name))
    assert AccessRequest.objects.filter(status="accepted").count() == on_hub
    assert AccessRequest.objects.filter(status="withdrawn").count() == AccessRequest.objects.count() - on_hub


@pytest.mark.parametrize("theirs", ["accepted", "rejected", "reset"])
def test_what_the_hub_changed_on_its_own_is_noted_as_drift(lab: Lab, theirs: str):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim", timestamp="2026-01-01T00:00:00Z")
    assert not Drift.objects.exists(), "somebody new is no drift"
    AccessRequest.objects.update(before={"status": "reset"})
    lab.decide_on_hub(repository, "kim", theirs)
    lab.compare(repository)
    drift = Drift.objects.get()
    assert (drift.request_id, drift.theirs, drift.stands) == (request.pk, theirs, "theirs")
    assert drift.ours == {
        "status": "pending",
        "cause": "",
        "reason": "",
        "decided_at": None,
        "decided_by": None,
        "decided_by_label": "",
        "ends_at": None,
    }
    assert AccessRequest.objects.get().before is None
    lab.compare(repository)
    assert Drift.objects.count() == 1


def test_a_decision_of_ours_that_stands_is_drift_too(lab: Lab):
    repository = lab.repository()
    (request,) = lab.ask(repository, "kim", timestamp="2026-01-01T00:00:00Z")
    lab.hub.requests(
        repository.name,
        [
            {
                "user": "kim",
                "status": "rejected",
                "timestamp": "2026-01-01T00:00:00Z",
                "reviewedAt": "2026-02-01T00:00:00Z",
            }
        ],
    )
    lab.decide(request, "accept")
    lab.compare(repository)
    drift = Drift.objects.get()
    assert (drift.stands, drift.theirs, drift.ours["status"]) == ("ours", "rejected", "accepted")
    assert drift.ours["decided_by"] == lab.author.pk


def test_who_withdrew_on_the_hub_is_no_drift(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim")
    lab.hub.delete_requests(repository.name)
    lab.compare(repository)
    lab.compare(repository)
    assert lab.request(repository, "kim").status == "withdrawn"
    assert not Drift.objects.exists()


def test_ids_in_little_room():
    ids = IdSet([1, 4095, 4096, 10**12])
    ids.update([1, 2])
    assert [pk for pk in (1, 2, 3, 4095, 4096, 4097, 10**12) if pk in ids] == [1, 2, 4095, 4096, 10**12]
    assert len(ids) == 5


def test_the_pace_follows_the_quota(repository, settings):
    settings.HUB_POLL_SECONDS, settings.HUB_COMPARE_SECONDS = 60, 1800
    namespace = Namespace.objects.get()
    assert queries.pace(namespace) == queries.Pace(timedelta(seconds=60), timedelta(seconds=1800))
    for number in range(499):
        factories.make_repository(f"aurora-lab/other-{number}")
    assert queries.pace(namespace).poll == timedelta(seconds=500 / 250 * 300), "the Hub's smallest quota until it says"
    headers = {"RateLimit": '"api";r=2499;t=300', "RateLimit-Policy": '"fixed window";"api";q=2500;w=300'}
    StoredBudget().record(token_key(unseal(namespace.token_sealed)), "api", headers, 200, timezone.now())
    assert RateBudget.objects.count() == 1
    assert queries.pace(namespace).poll == timedelta(seconds=500 / 1250 * 300)
    ListWalk.objects.create(repository=repository, status="accepted", rows=600_000)
    settings.HUB_COMPARE_SECONDS = 600
    calls = 500 * 4 + 599
    assert queries.pace(namespace).compare == timedelta(seconds=calls / (0.25 * 2500) * 300)
    settings.HUB_COMPARE_SECONDS = 1800
    assert queries.pace(namespace).compare == timedelta(minutes=30)


def test_short_readings_only(repository):
    actions.ensure_mirrors()
    ListWalk.objects.create(repository=repository, status="accepted", rows=plan.SHORT_ROWS + 1)
    assert actions.claim_mirror(now=timezone.now(), short=True) is None
    RequestMirror.objects.update(compare_due_at=timezone.now() + timedelta(hours=1))
    assert actions.claim_mirror(now=timezone.now(), short=True) is not None


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_while_its_holder_works():
    factories.make_author()
    factories.make_repository(card="# Model")
    actions.ensure_mirrors()
    mirror = actions.claim_mirror(now=timezone.now())
    assert mirror is not None
    first = mirror.leased_until
    with actions.hold_mirror(mirror, every_s=0.1):
        wait_until(lambda: mirror.leased_until != first, 20, "the lease to be renewed")
    assert RequestMirror.objects.get().leased_until == mirror.leased_until
    actions.record_mirror(mirror=mirror, next_poll_at=timezone.now(), next_compare_at=None)
    assert RequestMirror.objects.get().leased_until is None


def test_those_who_were_let_in_are_told_once_that_a_repository_turned_private(author, repository):
    factories.ask(repository, "kim", status="accepted", asked_at=LONG_AGO)
    factories.ask(repository, "lee", asked_at=LONG_AGO)
    for _ in range(2):
        factories.make_repository(private=True)
        worker.drain(repo_rules.TURNED_PRIVATE)
    told = Notification.objects.get(kind="access.now-private")
    assert told.identity is not None
    assert told.identity.username == "kim"
    assert Delivery.objects.get(notification=told).address == "kim@northlake.edu"
    factories.make_repository(private=False)
    factories.make_repository(private=True)
    worker.drain(repo_rules.TURNED_PRIVATE)
    assert Notification.objects.filter(kind="access.now-private").count() == 2


def test_nobody_is_mailed_about_it_where_the_namespace_mails_nobody(author, repository):
    Namespace.objects.update(mail_requesters=False)
    factories.ask(repository, "kim", status="accepted", asked_at=LONG_AGO)
    factories.make_repository(private=True)
    worker.drain(repo_rules.TURNED_PRIVATE)
    assert Notification.objects.filter(kind="access.now-private").count() == 1
    assert not Delivery.objects.exists()


def test_a_first_reading_shows_how_far_it_is_and_then_no_more(author, repository, signed_in):
    other = factories.make_repository("aurora-lab/other")
    Namespace.objects.update(mirrored_at=timezone.now())
    actions.ensure_mirrors()
    url = "/namespaces/aurora-lab/"
    for read, _ in enumerate((repository, other)):
        shown = signed_in.get(url).text
        assert f"{read} of 2 repositories read" in shown
        assert "You can leave this page" in shown
        mirror = actions.claim_mirror(now=timezone.now())
        assert mirror is not None
        actions.record_progress(repository=mirror.repository, status="pending", rows=1234)
        part = signed_in.get(f"{url}reading/", headers={"HX-Request": "true"})
        assert f"{1234 * (read + 1):,} requests so far" in part.text
        actions.record_mirror(
            mirror=mirror,
            next_poll_at=timezone.now() + timedelta(hours=1),
            next_compare_at=timezone.now() + timedelta(hours=1),
        )
    assert "for the first time" not in signed_in.get(url).text
    assert signed_in.get(f"{url}reading/")["HX-Redirect"] == url


def test_the_inbox_says_where_a_list_may_be_incomplete(author, repository, signed_in):
    factories.ask(repository)
    sentence = "A list of the Hub may be incomplete."
    assert sentence not in signed_in.get("/inbox/").text
    ListWalk.objects.update_or_create(repository=repository, status=states.PENDING, defaults={"complete": False})
    assert sentence in signed_in.get("/inbox/").text
    other = factories.make_repository("aurora-lab/other")
    assert sentence not in signed_in.get(f"/inbox/?repository={other.pk}").text


_WALK = """
from datetime import timedelta
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from access import actions
from access.idset import IdSet
from repos.models import Namespace, Repository
from tests import factories
call_command("migrate", verbosity=0)
namespace = Namespace.objects.create(name="aurora-lab")

def walk(number):
    # Take in so many rows of a new repository; how many were seen, and the peak of the process so far (kB).
    name = f"aurora-lab/rows-{number}"
    repository = Repository.objects.create(namespace=namespace, hub_id=name, name=name, kind="model")
    then, seen = timezone.now() - timedelta(days=400), IdSet()
    for start in range(0, number, 1000):
        rows = [
            factories.row(f"u{n}", user_id=f"{n:024x}", request_id=f"r{n}", status="accepted", asked_at=then)
            for n in range(start, start + 1000)
        ]
        now = timezone.now()
        seen.update(
            actions.record_rows(repository=repository, list_status="accepted", rows=rows, odd=[], read_at=now)
        )
    actions.record_absent(repository=repository, seen=seen, read_at=timezone.now())
    # Not `ru_maxrss`: that begins with the peak of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return len(seen), int(status.split("VmHWM:")[1].split()[0])

print(*walk(2_000), *walk(20_000))
"""


@pytest.mark.processes
@pytest.mark.timeout(400)
def test_memory_does_not_grow_with_the_repository(tmp_path):
    """Ten times the rows, the same peak (`performance.md` G8)."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env |= {"HUBGATE_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hubgate.settings.test", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", _WALK], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    few, peak, many, peak_of_many = map(int, done.stdout.split())
    assert (few, many) == (2_000, 20_000)
    assert peak_of_many <= 1.2 * peak
    assert peak_of_many <= 150 * 1024
