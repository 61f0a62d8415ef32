"""Nobody decides on their own request, by whatever way."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from access import actions, queries
from access.models import AccessRequest, BulkRow
from hubgate.accounts.models import HubIdentity, User
from hubgate.errors import NotAllowedError
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(db: None) -> User:
    """An author who has asked for access to a repository of their own namespace."""
    author = factories.make_author("aurora-lab", "mara")
    factories.ask(factories.make_repository("aurora-lab/tiny-gated"), "mara-on-hub")
    HubIdentity.objects.filter(username="mara-on-hub").update(user=author)
    return User.objects.get(pk=author.pk)


def test_it_is_refused_with_words_on_the_page_and_by_every_verb(author: User):
    own = AccessRequest.objects.get()
    actor = factories.actor(author)
    for verb in ("accept", "reject", "reset"):
        with pytest.raises(NotAllowedError, match="your own request"):
            actions.decide(actor=actor, request_id=own.pk, verb=verb, seen_status="pending", reason="Because.")
    with pytest.raises(NotAllowedError, match="your own request"):
        actions.grant(actor=actor, repository_id=own.repository_id, username="mara-on-hub")
    client = Client()
    client.force_login(author)
    page = client.get(f"/requests/{own.pk}/").content.decode()
    assert "This is your own request" in page
    assert "hg-do-accept" not in page
    assert client.post(f"/requests/{own.pk}/accept/", {"seen_status": "pending"}).status_code == 403
    told = client.post(
        f"/api/v1/requests/{own.pk}/decide",
        {"verb": "accept", "seen_status": "pending"},
        content_type="application/json",
    )
    assert (told.status_code, told.json()["code"]) == (403, "own_request")
    own.refresh_from_db()
    assert own.status == "pending"


def test_in_a_set_it_is_left_alone_and_said(author: User):
    own = AccessRequest.objects.get()
    other = factories.ask(own.repository, "jordan")
    actor = factories.actor(author)
    bulk = actions.prepare_bulk(actor=actor, key=uuid4(), verb="accept", request_ids=[own.pk, other.pk])
    plan = queries.plan_of_bulk(actor, bulk)
    assert (plan.will, plan.cannot) == (1, 1)
    actions.start_bulk(actor=actor, key=bulk.key)
    actions.carry_out_bulk(bulk_id=bulk.pk)
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.status, other.status) == ("pending", "accepted")
    assert "somebody else decides" in BulkRow.objects.get(request=own).sentence


def test_another_author_decides_on_it(author: User):
    own = AccessRequest.objects.get()
    second = factories.make_author("aurora-lab", "noor", name="Noor Haddad")
    assert factories.decide(second, own, "accept").status == "accepted"
