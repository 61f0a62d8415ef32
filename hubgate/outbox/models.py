"""Work that a committed change still owes to the world outside."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class OutboxItem(models.Model):
    """One row per (kind, key). `wanted` counts changes, `done` remembers the last one carried out: a key with
    `done < wanted` is behind. Repeats coalesce, one key is serial, and a change during a push is not lost. Keys of one
    `scope` (empty: none) are carried by one worker at a time. What has the lower `lane` goes first."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    scope = models.CharField(max_length=80, blank=True, db_default="")
    lane = models.PositiveSmallIntegerField(default=0, db_default=0)
    wanted = models.PositiveIntegerField(default=1)
    done = models.PositiveIntegerField(default=0)
    claimed = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="outbox_one_per_key")]
        indexes = [
            models.Index(
                fields=["kind", "lane", "due_at", "id"],
                condition=Q(done__lt=F("wanted"), parked_at=None),
                name="outbox_due",
            ),
            models.Index(fields=["kind"], condition=Q(parked_at__isnull=False), name="outbox_parked"),
            models.Index(fields=["kind"], condition=Q(leased_until__isnull=False), name="outbox_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
