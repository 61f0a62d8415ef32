"""The repositories whose requests somebody reads: read once for a page, then known by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from access import rights, states
from access.models import AccessRequest, ListWalk
from hubgate.actors import Actor

_KEY = "access.scope"


@dataclass(frozen=True)
class Decided:
    """A repository whose requests the actor reads: whether anybody `asked` for it, when its pending list was last read,
    whether one of its lists may be incomplete (`partial`), and whether the actor `decides` there; without that, e-mail
    addresses and answers are hidden from them."""

    id: int
    name: str
    asked: bool
    read_at: datetime | None
    partial: bool
    decides: bool


def scope(actor: Actor) -> dict[int, Decided]:
    """The actor's repositories by id, in the order of their names: one query for each web request. A list of ids lets
    the database walk its indexes, which a nested question about rights does not (`tests/access/test_plans.py`)."""
    if actor.user_id is None:
        return {}
    found: dict[int, Decided] | None = actor.known.get(_KEY)
    if found is None:
        asked = AccessRequest.objects.filter(repository=OuterRef("pk"))
        read = ListWalk.objects.filter(repository=OuterRef("pk"), status=states.PENDING, read_at__lte=timezone.now())
        partial = ListWalk.objects.filter(Q(complete=False) | ~Q(error=""), repository=OuterRef("pk"))
        rows = (
            rights.repositories_for(actor, "view")
            .annotate(
                asked=Exists(asked),
                read_at=Subquery(read.values("read_at")),
                partial=Exists(partial),
                decides=Exists(rights.deciding_role(actor).filter(pk=OuterRef("pk"))),
            )
            .order_by("name", "pk")
            .values_list("pk", "name", "asked", "read_at", "partial", "decides")
        )
        found = actor.known[_KEY] = {row[0]: Decided(*row) for row in rows}
    return found


def concealed(actor: Actor) -> frozenset[int]:
    """The repositories, by id, whose requests the actor reads without e-mail addresses and answers: an auditor's."""
    return frozenset(pk for pk, repository in scope(actor).items() if not repository.decides)
