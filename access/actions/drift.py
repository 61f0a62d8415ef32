"""Changes that the Hub made on its own, noted down to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from access.models import Drift


def record_drifts(drifts: Sequence[Drift]) -> None:
    """Note down what the Hub changed on its own, in the transaction of the page that showed it."""
    Drift.objects.bulk_create(drifts, batch_size=500)
