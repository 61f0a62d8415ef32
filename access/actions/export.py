"""Taking requests out of hubgate as a file."""

from __future__ import annotations

from django.db import transaction

from access import events, queries
from access.queries import Filter
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.errors import InvalidInputError
from repos.models import Namespace
from repos.subjects import of_namespace


def note_export(*, actor: Actor, wanted: Filter) -> int:
    """Write down that the actor takes these requests out, in the history of each namespace with their number there: it
    holds e-mail addresses and answers. Gives the number of all. InvalidInputError where there is none."""
    counts = queries.export_counts(actor, wanted)
    if not counts:
        raise InvalidInputError("No request matches. Change the filter, then export.", code="nothing_to_export")
    with transaction.atomic(durable=True):
        namespaces = Namespace.objects.filter(pk__in=counts).order_by("pk")
        log.record_many(
            actor, [Entry(events.EXPORTED, of_namespace(one), data={"count": counts[one.pk]}) for one in namespaces]
        )
    return sum(counts.values())
