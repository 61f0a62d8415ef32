"""Whether a person may download now: the rule, and who may ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import actions, checking, ends, queries
from access.checking import CODES, Facts
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError
from hubgate.hub.types import GateMode, RepoInfo
from repos import actions as repos
from tests import factories
from tests.access.test_expiry import person
from tests.rest.conftest import caller

NOW = datetime(2027, 3, 1, 10, 30, tzinfo=UTC)
GATED = Facts(
    repository="aurora-lab/tiny-gated",
    is_open=False,
    private=False,
    disabled=False,
    missing=False,
    user="jordan",
    role="",
    status="none",
    cause="",
    hub_status="none",
    ends_at=None,
)
ACCEPTED = replace(GATED, status="accepted", hub_status="accepted")


@pytest.mark.parametrize(
    ("facts", "allowed", "code"),
    [
        (replace(GATED, is_open=True), True, "not-gated"),
        (replace(GATED, role="write"), True, "member"),
        (replace(GATED, role="write", private=True), True, "member"),
        (ACCEPTED, True, "accepted"),
        (replace(ACCEPTED, ends_at=NOW + timedelta(days=1)), True, "accepted"),
        (replace(ACCEPTED, ends_at=NOW), False, "expired"),
        (replace(ACCEPTED, hub_status="pending"), False, "not-on-hub-yet"),
        (replace(ACCEPTED, private=True), False, "private"),
        (replace(GATED, status="pending"), False, "pending"),
        (replace(GATED, status="rejected"), False, "rejected"),
        (replace(GATED, status="reset", cause="reviewer"), False, "reset"),
        (replace(GATED, status="reset", cause="expiry", hub_status="accepted"), False, "expired"),
        (replace(GATED, status="withdrawn"), False, "withdrawn"),
        (GATED, False, "no-request"),
        (replace(GATED, is_open=True, disabled=True), False, "disabled"),
        (replace(ACCEPTED, missing=True), False, "missing"),
    ],
)
def test_each_case_has_its_code(facts: Facts, allowed: bool, code: str):
    answer = checking.answer(facts, NOW)
    assert (answer.allowed, answer.code) == (allowed, code)
    assert answer.code in CODES
    assert answer.sentence.endswith(".")


def test_an_unknown_gate_is_closed(author):
    """Field report 34."""
    mode: GateMode | str = "members"
    repository = factories.make_repository(gated=mode)
    assert queries.check(factories.actor(author), repository=repository.name, user="jordan").answer.code == "no-request"


@pytest.mark.django_db(transaction=True)
class TestAsking:
    def test_only_the_person_and_who_decides_may_ask(self, author, repository):
        jordan, other = person(), factories.make_author("meridian", "ines")
        factories.ask(repository)
        for actor, user in ((jordan, ""), (jordan, "jordan"), (jordan, "Jordan"), (author, "jordan")):
            found = queries.check(factories.actor(actor), repository=repository.name, user=user)
            assert (found.user, found.answer.code) == ("jordan", "pending")
        for actor in (other, person("kim")):
            with pytest.raises(NotAllowedError, match="Only jordan themselves"):
                queries.check(factories.actor(actor), repository=repository.name, user="jordan")

    def test_private_and_unknown_look_the_same_to_strangers(self, author):
        """Field report 52."""
        hidden, jordan = factories.make_repository("aurora-lab/secret", private=True), person()
        told = []
        for name, user in ((hidden.name, ""), (hidden.name, "kim"), ("aurora-lab/nothing", ""), (str(hidden.pk), "")):
            with pytest.raises(NotFoundOrHiddenError) as refused:
                queries.check(factories.actor(jordan), repository=name, user=user)
            told.append(refused.value.message)
        assert len(set(told)) == 1
        assert queries.check(factories.actor(author), repository=hidden.name, user="kim").answer.code == "private"

    def test_a_name_of_two_kinds_has_to_be_told_apart(self, author, repository):
        info = RepoInfo(
            kind="datasets",
            id=repository.name,
            hub_id="d" * 24,
            author="aurora-lab",
            gated="manual",
            private=False,
            disabled=False,
            sha="0" * 40,
            tags=(),
            last_modified=NOW,
            created_at=NOW,
            card_data=None,
        )
        namespace = repository.namespace
        repos.record_repositories(namespace=namespace, infos=[info], read_at=datetime.now(UTC), complete=False)
        actor = factories.actor(author)
        with pytest.raises(InvalidInputError, match="say which as “kind”"):
            queries.check(actor, repository=repository.name)
        assert queries.check(actor, repository=repository.name, kind="model").repository == repository

    def test_it_costs_the_same_whatever_the_answer(self, author, repository):
        jordan = person()
        costs = []
        for step in ("ask", "accept", "reset"):
            if step == "ask":
                request = factories.ask(repository)
            else:
                factories.decide(author, request, step, "No." if step == "reset" else "")
            actor = factories.actor(jordan)
            with CaptureQueriesContext(connection) as asked:
                queries.check(actor, repository=repository.name)
            costs.append(len(asked))
        assert costs == [3, 3, 3]

    def test_over_rest_it_says_until_when(self, author, repository):
        jordan = person()
        until = datetime.now(UTC) + timedelta(days=90)
        request = factories.ask(repository)
        actions.decide(
            actor=factories.actor(author),
            request_id=request.pk,
            verb="accept",
            seen_status="pending",
            ends_at=ends.Wish(until),
        )
        actions.record_pushed(request_ids=[request.pk], hub_status="accepted", pushed_at=datetime.now(UTC))
        script = caller(jordan, "read")
        told = script.get(f"check?repository={repository.name}").json()
        assert (told["allowed"], told["code"], told["user"]) == (True, "accepted", "jordan")
        assert datetime.fromisoformat(told["ends_at"]) == until
        assert ends.day_of(until) in told["sentence"]
        assert script.get(f"check?repository={repository.name}&user=kim").json()["code"] == "not_allowed"
