"""`visible_to` and `may` are one rule: row by row, for everybody there is."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from access import rights, states
from access.models import AccessRequest
from hubgate.accounts.models import HubIdentity, User
from hubgate.accounts.queries import actor_of
from hubgate.actors import ANONYMOUS, HUB, SYSTEM, Actor
from repos import rights as repo_rights
from tests import factories

ALL = ["a_b/one", "a_b/two", "axb/one"]


@pytest.fixture
def actors(db) -> dict[str, Actor]:
    """Two namespaces whose names differ where one has an underscore, and everybody who may come along."""
    by_token = factories.make_author("a_b", username="bytoken")
    other = factories.make_author("axb", username="other")
    for name in ALL:
        repository = factories.make_repository(name)
        factories.ask(repository, "jordan")
        factories.ask(repository, None)
    by_hub = User.objects.create_user("byhub")
    factories.make_member(by_hub, "A_B")
    writer = User.objects.create_user("writer")
    factories.make_member(writer, "a_b", role="write")
    requester = User.objects.create_user("requester")
    HubIdentity.objects.filter(username="jordan").update(user=requester)
    operator = User.objects.create_superuser("root", password="x")
    found = {name: factories.actor(user) for name, user in locals().items() if isinstance(user, User)}
    return {**found, "anonymous": actor_of(AnonymousUser()), "system": SYSTEM, "hub": HUB}


SEES = {
    "by_token": ["a_b/one", "a_b/two"],
    "by_hub": ["a_b/one", "a_b/two"],
    "other": ["axb/one"],
    "writer": [],
    "requester": [],
    "operator": [],
    "anonymous": [],
    "system": [],
    "hub": [],
}


@pytest.mark.parametrize(("who", "expected"), SEES.items())
def test_everybody_sees_what_they_decide_and_nothing_else(actors: dict[str, Actor], who: str, expected: list[str]):
    actor = actors[who]
    assert actor_of(AnonymousUser()) == ANONYMOUS
    visible = set(rights.visible_to(actor))
    for request in AccessRequest.objects.select_related("repository__namespace"):
        inside = request.repository.name in expected
        assert (request in visible) is inside
        assert (request.repository in set(repo_rights.visible_to(actor))) is inside
        for verb in ("view", "retry", states.GRANT, *states.REVIEWER_VERBS):
            assert rights.may(actor, verb, request.repository) is inside, verb
        assert not rights.may(actor, states.WITHDRAW, request.repository)
        assert not rights.may(actor, states.ASK, request.repository)
        reviewers = rights.reviewers_of(request.repository)
        assert reviewers.filter(pk=actor.user_id or 0).exists() is inside
        allowed = rights.allowed_verbs(actor, request)
        assert allowed == ([states.ACCEPT, states.REJECT, states.RESET_VERB] if inside else [])


def test_the_table_of_expectations_names_everybody(actors: dict[str, Actor]):
    assert set(actors) == set(SEES)
