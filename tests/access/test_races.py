"""Two people at once: one decides, the other is told; on both databases."""

from __future__ import annotations

import pytest

from access import actions, states
from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.errors import WrongStateError
from hubgate.notify.models import Notification
from hubgate.outbox.models import OutboxItem
from tests import factories
from tests.threads import failures, race


@pytest.mark.django_db(transaction=True)
def test_of_two_opposite_decisions_one_stands_and_the_other_learns_whose():
    """R16: one event for the effect, one for the refused try."""
    people = {name: factories.make_author(username=name.split()[0].lower(), name=name) for name in ("Mara K", "Noor H")}
    actors = {name: factories.actor(user) for name, user in people.items()}
    repository = factories.make_repository()
    for number in range(8):
        request = factories.ask(repository, f"person-{number}")

        def decide(name: str, verb: str, pk: int = request.pk) -> AccessRequest:
            return actions.decide(
                actor=actors[name], request_id=pk, verb=verb, seen_status="pending", reason=f"{name} says so"
            )

        found = race(lambda: decide("Mara K", "accept"), lambda: decide("Noor H", "reject"))  # noqa: B023
        (refused,) = failures(found)
        assert isinstance(refused, WrongStateError)
        request.refresh_from_db()
        winner = "Mara K" if request.status == "accepted" else "Noor H"
        assert (request.decided_by_label, request.reason) == (winner, f"{winner} says so")
        assert (refused.code, refused.data["decided_by"]) == ("decided_meanwhile", winner)
        assert winner in refused.message
        events = AuditEvent.objects.filter(subject_type="request", subject_id=request.pk, actor_kind="user")
        assert sorted(events.values_list("event", flat=True)) == sorted(
            [f"access.request.{request.status}", "access.request.decision-refused"]
        )
        assert OutboxItem.objects.get(kind=states.PUSH, key=str(request.pk)).wanted == 1
        assert Notification.objects.filter(subject_id=request.pk, kind__startswith="access.").count() == 1


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
