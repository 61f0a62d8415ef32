"""Two reviewers decide on one request at once, many pairs at a time: one stands, the other is told whose; on both
databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from access import actions, states
from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.errors import WrongStateError
from hubgate.notify.models import Notification
from hubgate.outbox.models import OutboxItem
from tests import factories
from tests.crash.conftest import report
from tests.crash.sizes import size_of
from tests.threads import failures, race

THREADS = 16
NAMES = ("Mara K", "Noor H")


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_of_two_opposite_decisions_one_stands_and_the_other_learns_whose():
    """R16: one event for the effect, one for the refused try."""
    actors = {
        name: factories.actor(factories.make_author(username=name.split()[0].lower(), name=name)) for name in NAMES
    }
    repository = factories.make_repository()
    requests = [factories.ask(repository, f"person-{number}") for number in range(size_of("R16").pairs)]

    def call(name: str, verb: str, pk: int) -> Callable[[], AccessRequest]:
        return lambda: actions.decide(
            actor=actors[name], request_id=pk, verb=verb, seen_status="pending", reason=f"{name} says so"
        )

    won = dict.fromkeys(NAMES, 0)
    for start in range(0, len(requests), THREADS // 2):
        pairs = requests[start : start + THREADS // 2]
        calls = [
            call(name, verb, one.pk) for one in pairs for name, verb in zip(NAMES, ("accept", "reject"), strict=True)
        ]
        found = race(*calls)
        for place, request in enumerate(pairs):
            (refused,) = failures(found[2 * place : 2 * place + 2])
            assert isinstance(refused, WrongStateError)
            request.refresh_from_db()
            winner = NAMES[0] if request.status == "accepted" else NAMES[1]
            won[winner] += 1
            assert (request.decided_by_label, request.reason) == (winner, f"{winner} says so")
            assert (refused.code, refused.data["decided_by"]) == ("decided_meanwhile", winner)
            assert winner in refused.message
            events = AuditEvent.objects.filter(subject_type="request", subject_id=request.pk, actor_kind="user")
            assert sorted(events.values_list("event", flat=True)) == sorted(
                [f"access.request.{request.status}", "access.request.decision-refused"]
            )
            assert OutboxItem.objects.get(kind=states.PUSH, key=str(request.pk)).wanted == 1
            assert Notification.objects.filter(subject_id=request.pk, kind__startswith="access.").count() == 1
    report("R16", pairs=len(requests), threads=THREADS, won_by_first=won[NAMES[0]])
