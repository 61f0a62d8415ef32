"""Two people at once, on both databases: one word stands, the other learns why not."""

from __future__ import annotations

import pytest

from hubgate.errors import WrongStateError
from hubgate.outbox.models import OutboxItem
from repos.rules import CONTENT_TAG
from tagging import actions
from tagging.models import Proposal, Ruling, Tag
from tests import factories
from tests.tagging.conftest import PLAIN
from tests.threads import failures, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_authors_who_set_the_tag_one_has_set_it():
    actors = [factories.actor(factories.make_author(username=name)) for name in ("mara", "noor")]
    repository = factories.make_repository(card=PLAIN)

    def set_by(actor) -> Ruling:
        return actions.decide(actor=actor, repository_id=repository.pk, is_set=True, reason=actor.label)

    (refused,) = failures(race(lambda: set_by(actors[0]), lambda: set_by(actors[1])))
    assert isinstance(refused, WrongStateError)
    assert Tag.objects.get().ruling == Ruling.objects.get()
    assert OutboxItem.objects.get(kind=CONTENT_TAG).wanted == 1


def test_of_two_proposals_of_one_person_one_is_made():
    factories.make_author()
    reader = factories.actor(factories.make_author("other-lab", "olaf"))
    repository = factories.make_repository(card=PLAIN)

    def propose() -> Proposal:
        return actions.propose(actor=reader, repository_id=repository.pk, evidence="samples/12.txt")

    (refused,) = failures(race(propose, propose))
    assert isinstance(refused, WrongStateError)
    assert Proposal.objects.count() == 1


def test_a_proposal_is_ruled_on_or_withdrawn_and_never_both():
    author = factories.actor(factories.make_author())
    reader = factories.actor(factories.make_author("other-lab", "olaf"))
    repository = factories.make_repository(card=PLAIN)
    for _ in range(4):
        proposal = actions.propose(actor=reader, repository_id=repository.pk, evidence="samples/12.txt")
        pk = proposal.pk
        (refused,) = failures(
            race(
                lambda: actions.rule(actor=author, proposal_id=pk, accept=False, reason="No."),  # noqa: B023
                lambda: actions.withdraw(actor=reader, proposal_id=pk),  # noqa: B023
            )
        )
        assert isinstance(refused, WrongStateError)
        proposal.refresh_from_db()
        assert (proposal.status == "declined") == Ruling.objects.filter(proposal=proposal).exists()
