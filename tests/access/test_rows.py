"""Rows of the Hub's lists by hand: who is who, in whatever form the Hub names them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from access import actions
from access.models import AccessRequest, OddRow
from hubgate.accounts.actions import Person, people_named, person_named, record_people
from hubgate.accounts.models import HubIdentity
from hubgate.hub.types import RequestRow
from repos.models import Repository
from tests import factories

THEN = timezone.now() - timedelta(days=3)


@pytest.fixture
def repository(db) -> Repository:
    factories.make_author()
    return factories.make_repository()


def row(name: str | None, *, user_id: str | None = None, request_id: str | None = None, **facts) -> RequestRow:
    made = factories.row(name, asked_at=THEN, **facts)
    return made._replace(user_id=user_id, request_id=request_id)


@pytest.mark.parametrize(
    ("first", "second", "requests"),
    [
        # by request id, by id, by name, and each of them when the next list says more or less
        (row("kim", user_id="1", request_id="a"), row("kim", user_id="1", request_id="a"), 1),
        (row("kim", user_id="1"), row("kim-new", user_id="1"), 1),
        (row("kim"), row("Kim"), 1),
        (row("kim"), row("kim", user_id="1", request_id="a"), 1),
        (row("kim", user_id="1", request_id="a"), row("kim"), 1),
        (row(None, request_id="a"), row("kim", user_id="1", request_id="a"), 1),
        (row("kim", user_id="1", request_id="a"), row(None, request_id="a"), 1),
        # a name that somebody else has now
        (row("kim", user_id="1", request_id="a"), row("kim", user_id="2", request_id="b"), 2),
        (row(None, request_id="a"), row(None, request_id="b"), 2),
        (row("kim"), row("lee"), 2),
    ],
)
@pytest.mark.parametrize("together", [False, True])
def test_a_request_is_found_by_whatever_the_row_carries(repository, first, second, requests: int, together: bool):
    if together:
        factories.record(repository, first, second)
    factories.record(repository, first)
    factories.record(repository, second)
    assert AccessRequest.objects.count() == requests
    factories.record(repository, first)
    assert AccessRequest.objects.count() == requests


def test_a_request_id_that_a_nameless_request_has_stays_with_it(repository):
    """Somebody hidden asked; the author let them in by name; then the Hub shows who it was."""
    factories.record(repository, row(None, request_id="a"))
    factories.record(repository, row("kim", user_id="1", status="accepted"))
    shown = row("kim", user_id="1", request_id="a", status="accepted", email="kim@northlake.edu")
    factories.record(repository, shown)
    known = {request.hub_request_id: str(request.person) for request in AccessRequest.objects.select_related("person")}
    assert known == {"a": "None", None: "kim"}
    assert AccessRequest.objects.get(hub_request_id=None).email == "kim@northlake.edu"


def test_a_page_is_taken_in_with_its_unknown_status_aside(repository):
    known = factories.record(repository, row("kim", user_id="1"))[0]
    seen = actions.record_rows(
        repository=repository,
        list_status="pending",
        rows=[row("kim", user_id="1")._replace(status="escalated"), row("lee", user_id="2")],
        odd=[],
        read_at=timezone.now(),
    )
    assert known.pk in seen
    assert AccessRequest.objects.get(pk=known.pk).status == "pending"
    assert OddRow.objects.get().hint == "The Hub gave the status 'escalated', which hubgate does not know."
    assert AccessRequest.objects.count() == 2


def test_a_change_of_answers_is_kept_and_seen(repository):
    factories.record(repository, row("kim", user_id="1", answers={"Use": "a"}))
    factories.record(repository, row("kim", user_id="1", answers={"Use": "b"}))
    assert AccessRequest.objects.get().answers == {"Use": "b"}


@pytest.mark.django_db
def test_somebody_granted_by_name_is_who_the_list_shows_later():
    unknown = person_named("Kim")
    assert person_named("kIM") == unknown
    found = record_people([Person("1", "kim")])["1"]
    assert (found.pk, found.hub_id) == (unknown.pk, "1")
    assert HubIdentity.objects.count() == 1


@pytest.mark.django_db
def test_who_is_known_by_id_comes_before_a_mere_name():
    """A name may be left over from a grant while the Hub shows its owner under it: on either database."""
    person_named("kim-new")
    record_people([Person("1", "kim-old")])
    record_people([Person("1", "kim-new"), Person("2", "lee")])
    assert person_named("KIM-NEW").hub_id == "1"
    assert {name: person.hub_id for name, person in people_named(["kim-new", "Lee", "mia"]).items()} == {
        "kim-new": "1",
        "lee": "2",
        "mia": None,
    }
