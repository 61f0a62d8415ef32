"""Reads of the audit trail as data."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from hubgate.audit.models import AuditEvent

_LONGEST_TRANSACTION = timedelta(hours=1)


def events_after(
    after: int, *, namespaces: Collection[int] = (), repositories: Collection[int] = (), limit: int
) -> list[AuditEvent]:
    """The events of some namespaces, of some repositories or of both, by id, from the one behind `after` on: who asks
    again with the last id misses none. An event gets its id before it commits, so what was written while an older
    transaction was still open is held back until that one has ended."""
    of_them = Q(namespace_id__in=namespaces) | Q(repository_id__in=repositories)
    found = AuditEvent.objects.filter(of_them, id__gt=after)
    return list(_settled(found).order_by("id")[:limit])


def _settled(events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Those before which none can appear any more. SQLite has one writer at a time: all."""
    if connection.vendor != "postgresql":
        return events
    table = connection.ops.quote_name(AuditEvent._meta.db_table)
    over = RawSQL(  # noqa: S611 (nothing of it comes from outside)
        f"age({table}.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)", (), output_field=BooleanField()
    )
    return events.annotate(over=over).filter(Q(over=True) | Q(at__lt=timezone.now() - _LONGEST_TRANSACTION))
