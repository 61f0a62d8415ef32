"""Who may carry what: one worker a scope, one claim on what failed, and a lease that lasts while its holder works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
from django.db import transaction
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


@pytest.mark.django_db
def test_what_is_urgent_goes_first_also_within_a_scope_and_never_with_a_set():
    long_ago = timezone.now() - timedelta(hours=1)
    queue.enqueue(KIND, ["s1", "s2"], scope="a", lane=queue.BULK, due_at=long_ago)
    queue.enqueue(KIND, ["t1"], scope="b", lane=queue.BULK, due_at=long_ago)
    queue.enqueue(KIND, ["n1"], scope="a")
    assert keys_of(worker.claim(kind, "one")) == ["n1"]
    assert keys_of(worker.claim(kind, "two")) == ["t1"], "the scope a is being carried"
    OutboxItem.objects.filter(lease="one").delete()
    assert keys_of(worker.claim(kind, "three")) == ["s1", "s2"]


@pytest.mark.django_db
def test_a_key_that_waits_keeps_the_more_urgent_lane_and_takes_a_new_one_once_it_is_done():
    queue.enqueue(KIND, ["1", "2"], lane=queue.BULK)
    queue.enqueue(KIND, ["1"])
    queue.enqueue(KIND, ["1"], lane=queue.BULK)
    assert dict(OutboxItem.objects.values_list("key", "lane")) == {"1": queue.NOW, "2": queue.BULK}
    worker.settle(worker.claim(kind, "one"), "one", {"1": registry.Done()})
    queue.enqueue(KIND, ["1"], lane=queue.BULK)
    assert dict(OutboxItem.objects.values_list("key", "lane")) == {"1": queue.BULK, "2": queue.BULK}


@pytest.mark.django_db
@pytest.mark.parametrize(("lane", "claimed"), [(queue.NOW, ["n1"]), (queue.BULK, [])])
def test_a_set_that_failed_holds_up_what_comes_after_it_but_nothing_urgent(lane: int, claimed: list[str]):
    queue.enqueue(KIND, ["s1"], scope="a", lane=queue.BULK)
    again = timezone.now() + timedelta(seconds=5)
    OutboxItem.objects.update(attempts=1, due_at=again)
    queue.enqueue(KIND, ["n1"], scope="a", lane=lane)
    assert keys_of(worker.claim(kind, "one")) == claimed


@pytest.mark.django_db
def test_many_scopes_that_are_being_carried_cost_no_query_each(django_assert_max_num_queries):
    now = timezone.now()
    queue.enqueue_scoped(KIND, {f"held-{number}": f"scope-{number}" for number in range(200)})
    OutboxItem.objects.update(lease="held", leased_until=now + timedelta(seconds=15))
    queue.enqueue_scoped(KIND, {f"new-{number}": f"scope-{number}" for number in range(200)})
    queue.enqueue(KIND, ["free"], scope="another")
    with django_assert_max_num_queries(8):
        assert keys_of(worker.claim(kind, "one")) == ["free"]


@pytest.mark.django_db
def test_what_was_not_reached_is_due_as_before():
    queue.enqueue(KIND, ["1", "2"], scope="a")
    due = OutboxItem.objects.get(key="2").due_at
    worker.settle(worker.claim(kind, "one"), "one", {"1": registry.Done(), "2": registry.Unreached()})
    left = OutboxItem.objects.get(key="2")
    assert (left.due_at, left.attempts, left.last_error, left.leased_until) == (due, 0, "", None)
    assert keys_of(worker.claim(kind, "two")) == ["2"]


@pytest.mark.django_db
def test_keys_that_somebody_carries_cannot_be_held():
    queue.enqueue(KIND, ["1", "2", "3"])
    OutboxItem.objects.filter(key="1").update(lease="x", leased_until=timezone.now() + timedelta(seconds=15))
    OutboxItem.objects.filter(key="2").update(done=1)
    with transaction.atomic():
        assert queue.hold(KIND, ["1", "2", "3", "4"]) == {"3"}


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
