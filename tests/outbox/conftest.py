from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from hubgate.outbox import queue, registry, worker
from hubgate.outbox.models import OutboxItem
from hubgate.outbox.registry import Done, Handler, Kind, Outcome

_numbers = itertools.count(1)


@dataclass
class Work:
    """A kind of outbox work of this test's own. `told` is what the world outside was told last of each key: what
    `ours` held when the handler read it. `answer` gives the outcomes."""

    kind: Kind
    ours: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    answer: Callable[[str], Outcome] = lambda key: Done()
    meanwhile: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return self.kind.name

    wrap: Callable[[Handler, Sequence[str]], Mapping[str, Outcome]] = lambda carry, keys: carry(keys)

    def carry(self, keys: Sequence[str]) -> Mapping[str, Outcome]:
        self.calls.append(list(keys))
        state = {key: self.ours.get(key, "") for key in keys}
        self.meanwhile()
        self.told |= state
        return {key: self.answer(key) for key in keys}

    def change(self, key: str, value: str, *, due_in: float = 0) -> None:
        """A committed change of ours that the world outside has to hear."""
        with transaction.atomic():
            self.ours[key] = value
            queue.enqueue(self.name, [key], due_at=timezone.now() + timedelta(seconds=due_in))

    def item(self, key: str) -> OutboxItem:
        return OutboxItem.objects.get(kind=self.name, key=key)

    def drain(self) -> int:
        return worker.drain(self.name)

    def expire_leases(self) -> None:
        """Time passes: no lease holds any more."""
        past = timezone.now() - timedelta(seconds=1)
        OutboxItem.objects.filter(kind=self.name, leased_until__isnull=False).update(leased_until=past)


@pytest.fixture
def work() -> Iterator[Work]:
    name = f"test.work-{next(_numbers)}"
    made: list[Work] = []
    registry.register(name, lambda keys: made[0].wrap(made[0].carry, keys), batch=3, lease_s=60)
    made.append(Work(registry.get(name)))
    yield made[0]
    registry._kinds.pop(name)
