"""The audit trail: events that can only be added."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One thing that happened. Ids and labels are copied, without foreign keys, so that history outlives its subject.
    No e-mail and no answer ever stands in it."""

    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=300)
    namespace_id = models.BigIntegerField(null=True)
    repository_id = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=32, blank=True)
    data = models.JSONField(default=dict)
    group = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["repository_id", "-id"], name="audit_repository"),
            models.Index(fields=["namespace_id", "-id"], name="audit_namespace"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject_label}"
