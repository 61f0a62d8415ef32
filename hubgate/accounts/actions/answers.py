"""Answers kept for calls with an `Idempotency-Key`.

What the call does and its answer commit together, so that a process that dies leaves both or neither: first the key is
claimed by itself (a second call at the same time finds it taken), then one transaction holds the claim, does the work
and writes the answer down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from hubgate.accounts.models import KeptAnswer
from hubgate.errors import InvalidInputError, WrongStateError

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
UNDER_WAY = "A call with this Idempotency-Key is under way. Wait a moment, then send it again."


def claim_answer(*, user_id: int, key: str, digest: str) -> KeptAnswer:
    """Claim a key for one call, or find what the call was answered (then it has a `status`). Commits by itself.
    InvalidInputError (`idempotency_key_reused`) where the key came with another call, WrongStateError
    (`call_under_way`) where the same call is being carried out."""
    now = timezone.now()
    fresh = {"digest": digest, "lease": uuid4(), "leased_until": now + LEASE, "made_at": now}
    with transaction.atomic(durable=True):
        found, made = KeptAnswer.objects.get_or_create(user_id=user_id, key=key, defaults=fresh)
        if made:
            return found
        found = KeptAnswer.objects.select_for_update().get(pk=found.pk)
        if found.made_at <= now - KEPT:
            found.status, found.headers, found.body = None, {}, ""
        elif found.digest != digest:
            raise InvalidInputError(
                "This Idempotency-Key came with another call before. Take a new key for each call.",
                code="idempotency_key_reused",
            )
        elif found.status is not None:
            return found
        elif found.leased_until > now:
            raise WrongStateError(UNDER_WAY, code="call_under_way")
        for name, value in fresh.items():
            setattr(found, name, value)
        found.save()
    return found


@contextmanager
def hold_answer(claimed: KeptAnswer) -> Iterator[KeptAnswer]:
    """One transaction for what a call does and its answer: `finish_answer` belongs inside. WrongStateError where
    another call took the key up because this one was slow."""
    with _Whole():
        held = KeptAnswer.objects.select_for_update().filter(pk=claimed.pk, lease=claimed.lease, status=None).first()
        if held is None:
            raise WrongStateError(UNDER_WAY, code="call_under_way")
        yield held


def finish_answer(held: KeptAnswer, *, status: int, headers: dict[str, str], body: str) -> None:
    """Write the answer down, in the transaction of `hold_answer`."""
    held.status, held.headers, held.body = status, headers, body
    held.save(update_fields=["status", "headers", "body"])


def drop_answer(claimed: KeptAnswer) -> None:
    """Give a key back whose call failed without a trace, so that it can be sent again at once."""
    KeptAnswer.objects.filter(pk=claimed.pk, lease=claimed.lease, status=None).delete()


def sweep_answers(*, now: datetime) -> None:
    """Forget answers that are a day old."""
    KeptAnswer.objects.filter(made_at__lt=now - KEPT - LEASE).delete()


class _Whole(transaction.Atomic):
    """A transaction round an action. An action's own is `durable`, so that "after the commit" means after the commit;
    that stays true here, because nothing is told to anybody before this one has committed. Django lets a durable block
    begin inside one that carries this mark, which it made for its own test cases."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)
        self._from_testcase = True
