"""Whether the Hub answers at present, in the database, so that all processes of an installation find out together."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from hubgate import counters
from hubgate.hub import circuit as rules
from hubgate.hub.circuit import Circuit
from repos.models import HubCircuit


class StoredCircuit:
    """A `CircuitStore` over one row per origin, locked only while something is wrong."""

    def admit(self, origin: str, subject: str, now: datetime) -> datetime | None:
        """None where a call may go out, else the time to ask again."""
        if not HubCircuit.objects.filter(origin=origin, probe_at__isnull=False).exists():
            return None
        with transaction.atomic():
            row = HubCircuit.objects.select_for_update().get(origin=origin)
            before = _load(row)
            after, retry_at = rules.admit(before, subject, now, every_s=settings.HUB_PROBE_SECONDS)
            if after != before:
                _store(row, after)
        return retry_at

    def note(self, origin: str, subject: str, now: datetime, *, ok: bool) -> datetime | None:
        """Take in how a call ended. When the next may try, where the circuit is open."""
        counters.add("hub_answers", result="good" if ok else "failed")
        if ok and not HubCircuit.objects.filter(origin=origin, failures__gt=0).exists():
            return None
        with transaction.atomic():
            HubCircuit.objects.bulk_create([HubCircuit(origin=origin)], ignore_conflicts=True)
            row = HubCircuit.objects.select_for_update().get(origin=origin)
            circuit = rules.note(_load(row), subject, now, ok=ok, every_s=settings.HUB_PROBE_SECONDS)
            _store(row, circuit)
        return circuit.probe_at


def _load(row: HubCircuit) -> Circuit:
    return Circuit(row.failures, tuple(row.subjects), row.probe_at)


def _store(row: HubCircuit, circuit: Circuit) -> None:
    row.failures, row.subjects, row.probe_at = circuit.failures, list(circuit.subjects), circuit.probe_at
    row.save(update_fields=["failures", "subjects", "probe_at"])
