"""What the operator watches: which processes live, and what all of them did."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """One process of hubgate, and when it last said that it lives. One that ends in order takes its row away; one that
    was killed leaves it, and falls silent."""

    class Kind(models.TextChoices):
        WEB = "web"
        WORKER = "worker"
        BEAT = "beat"
        EMBEDDED = "embedded"  # web, worker and beat in one
        TICK = "tick"  # no process: beat sent a task, and a worker carried it out

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    host = models.CharField(max_length=80)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """A count over all processes, which only grows. `labels` are `name=value` pairs with commas between, few and fixed:
    never of a person."""

    name = models.CharField(max_length=80)
    labels = models.CharField(max_length=200, blank=True)
    total = models.FloatField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}"
