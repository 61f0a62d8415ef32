"""Who may carry what: one worker a scope, one claim on what failed, and a lease that lasts while its holder works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from hubgate.outbox import queue, registry, worker
from hubgate.outbox.models import OutboxItem
from tests.procfixtures import wait_until

KIND = "tests.kind"


def nothing(keys: Sequence[str]) -> Mapping[str, registry.Outcome]:
    return {key: registry.Done() for key in keys}


kind = registry.Kind(KIND, nothing, batch=3, lease_s=15)


def keys_of(claims: list[worker.Claim]) -> list[str]:
    return [claim.key for claim in claims]


@pytest.fixture
def due(db: None) -> None:
    """Two scopes with work, and some of no scope, in that order."""
    now = timezone.now()
    for place, (key, scope) in enumerate([("a1", "a"), ("a2", "a"), ("b1", "b"), ("x1", ""), ("x2", "")]):
        queue.enqueue(KIND, [key], scope=scope, due_at=now - timedelta(seconds=60 - place))


@pytest.mark.usefixtures("due")
def test_a_claim_holds_keys_of_one_scope_and_the_next_passes_that_scope_over():
    assert keys_of(worker.claim(kind, "one")) == ["a1", "a2"]
    assert keys_of(worker.claim(kind, "two")) == ["b1"]
    queue.enqueue(KIND, ["a3"], scope="a")
    queue.enqueue(KIND, ["x3"], due_at=timezone.now() + timedelta(hours=1))
    assert keys_of(worker.claim(kind, "three")) == ["x1", "x2"]
    assert worker.claim(kind, "four") == []


@pytest.mark.usefixtures("due")
def test_keys_of_no_scope_are_shared_out_between_workers():
    OutboxItem.objects.exclude(scope="").delete()
    queue.enqueue(KIND, ["x3", "x4"])
    assert keys_of(worker.claim(kind, "one")) == ["x1", "x2", "x3"]
    assert keys_of(worker.claim(kind, "two")) == ["x4"]


@pytest.mark.usefixtures("due")
def test_a_scope_whose_lease_ran_out_is_taken_by_the_next_worker():
    worker.claim(kind, "one")
    OutboxItem.objects.filter(lease="one").update(leased_until=timezone.now() - timedelta(seconds=1))
    assert keys_of(worker.claim(kind, "two")) == ["a1", "a2"]


@pytest.mark.usefixtures("due")
def test_of_what_failed_before_only_one_claim_is_out_at_a_time():
    OutboxItem.objects.filter(scope__in=["a", "b"]).update(attempts=1)
    assert keys_of(worker.claim(kind, "one")) == ["a1", "a2"]
    assert keys_of(worker.claim(kind, "two")) == ["x1", "x2"]
    assert worker.claim(kind, "three") == []

    held = list(OutboxItem.objects.filter(lease="one").order_by("pk"))
    claims = [worker.Claim(item.pk, item.key, item.attempts) for item in held]
    worker.settle(claims, "one", {claim.key: registry.Later("again", timezone.now()) for claim in claims})
    assert keys_of(worker.claim(kind, "four")) == ["b1"]


@pytest.mark.usefixtures("due")
@pytest.mark.parametrize(("seconds", "claimed"), [(10, ["b1"]), (60, ["a2"])])
def test_what_came_in_after_a_failure_waits_for_a_retry_that_is_near(seconds: int, claimed: list[str]):
    again = timezone.now() + timedelta(seconds=seconds)
    OutboxItem.objects.filter(key="a1").update(attempts=1, due_at=again)
    assert keys_of(worker.claim(kind, "one")) == claimed


@pytest.fixture
def slow_kind() -> Iterator[tuple[str, list[list[str]]]]:
    """A kind whose handler works three times as long as its lease, and what another worker could claim after that."""
    name = "tests.slow"

    def handle(keys: Sequence[str]) -> Mapping[str, registry.Outcome]:
        started = timezone.now()
        wait_until(lambda: timezone.now() > started + timedelta(seconds=3), 10, "three leases to pass")
        taken.append([claim.key for claim in worker.claim(registry.get(name), "another")])
        return nothing(keys)

    taken: list[list[str]] = []
    registry.register(name, handle, lease_s=1)
    yield name, taken
    registry._kinds.pop(name)


@pytest.mark.django_db(transaction=True)
def test_a_lease_lasts_as_long_as_its_holder_works(slow_kind: tuple[str, list[list[str]]]):
    name, taken_by_others = slow_kind
    queue.enqueue(name, ["1"], scope="a")
    assert worker.drain(name) == 1
    assert taken_by_others == [[]]
    assert OutboxItem.objects.get(kind=name).done == 1
