"""Two people at once: one decides, the other is told; on both databases."""

from __future__ import annotations

import pytest

from access import actions
from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.errors import WrongStateError
from tests import factories
from tests.threads import failures, race


@pytest.mark.django_db(transaction=True)
def test_of_two_grants_to_one_person_one_stands():
    author = factories.make_author()
    actor, repository = factories.actor(author), factories.make_repository()

    def grant() -> AccessRequest:
        return actions.grant(actor=actor, repository_id=repository.pk, username="kim")

    (refused,) = failures(race(grant, grant))
    assert isinstance(refused, WrongStateError)
    assert AccessRequest.objects.get().status == "accepted"
    assert AuditEvent.objects.filter(event="access.request.granted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_decision_and_a_page_of_the_mirror_lose_nothing_of_each_other():
    author = factories.make_author()
    actor, repository = factories.actor(author), factories.make_repository()
    for number in range(6):
        name = f"person-{number}"
        request = factories.ask(repository, name)
        page = factories.row(name, email="new@northlake.edu", answers={"Use": "more"}, asked_at=request.asked_at)

        found = race(
            lambda: actions.decide(actor=actor, request_id=request.pk, verb="accept", seen_status="pending"),  # noqa: B023
            lambda: factories.record(repository, page),  # noqa: B023
        )
        assert failures(found) == []
        request.refresh_from_db()
        assert (request.status, request.decided_by_label) == ("accepted", "Mara Keller")
        assert (request.hub_status, request.answers) == ("pending", {"Use": "more"})
