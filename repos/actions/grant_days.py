"""How long access to a repository lasts, as its author sets it."""

from __future__ import annotations

from django.db import transaction

from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError
from repos import events, rights
from repos.models import Repository
from repos.subjects import of_repository

MOST_DAYS = 3660


def choose_grant_days(*, actor: Actor, repository: Repository, usual: int | None, most: int | None) -> Repository:
    """Have access last `usual` days unless somebody says otherwise, and `most` at most; None for without an end.
    Access that was given before keeps its end. InvalidInputError for numbers that cannot be."""
    _check(usual, most)
    with transaction.atomic(durable=True):
        held = (
            Repository.objects.select_for_update(no_key=True, of=("self",))
            .select_related("namespace")
            .get(pk=repository.pk)
        )
        rights.require(actor, "decide", held.namespace)
        before = (held.grant_days, held.most_grant_days)
        if before == (usual, most):
            return held
        held.grant_days, held.most_grant_days = usual, most
        held.save(update_fields=["grant_days", "most_grant_days"])
        data = {"before": _told(*before), "after": _told(usual, most), "usual": usual, "most": most}
        log.record(actor, events.GRANT_DAYS_CHOSEN, of_repository(held), data=data)
    return held


def _check(usual: int | None, most: int | None) -> None:
    fields = {}
    wrong = f"Give whole days, from 1 to {MOST_DAYS:,}, or leave it empty."
    if usual is not None and not 1 <= usual <= MOST_DAYS:
        fields["usual"] = wrong
    if most is not None and not 1 <= most <= MOST_DAYS:
        fields["most"] = wrong
    if not fields and usual is not None and most is not None and usual > most:
        fields["usual"] = f"That is longer than the {most} days that access may last at most."
    if fields:
        raise InvalidInputError(next(iter(fields.values())), fields=fields)


def _told(usual: int | None, most: int | None) -> str:
    words = f"{usual} days" if usual else "no end"
    return f"{words}, at most {most} days" if most else words
