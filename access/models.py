"""Access requests: one for each repository and person, with one status at a time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from access import states
from hubgate.accounts.models import HubIdentity
from repos.models import FormVersion, Repository


class AccessRequest(models.Model):
    """What one person asked of one repository. `status` is ours, `hub_status` is what the Hub last said: where the two
    differ, a push is due. `person` is empty where the Hub hides people; then `hub_request_id` tells requests apart."""

    class Status(models.TextChoices):
        PENDING = states.PENDING
        ACCEPTED = states.ACCEPTED
        REJECTED = states.REJECTED
        RESET = states.RESET
        WITHDRAWN = states.WITHDRAWN

    class Via(models.TextChoices):
        HUB = "hub"
        HUBGATE = "hubgate"
        GRANT = "grant"

    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="requests")
    person = models.ForeignKey(HubIdentity, null=True, on_delete=models.PROTECT, related_name="requests")
    hub_request_id = models.CharField(max_length=128, null=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    via = models.CharField(max_length=8, choices=Via.choices, default=Via.HUB)
    asked_at = models.DateTimeField()
    email = models.CharField(max_length=320, blank=True)
    email_domain = models.CharField(max_length=255, blank=True)
    email_kind = models.CharField(max_length=16, blank=True)
    answers = models.JSONField(default=dict)
    form = models.ForeignKey(FormVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    search_text = models.TextField(blank=True)

    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_by_label = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)

    hub_status = models.CharField(max_length=32, default=states.NONE)
    hub_seen_at = models.DateTimeField(null=True)
    hub_reviewed_at = models.DateTimeField(null=True)
    hub_digest = models.CharField(max_length=32, blank=True)
    pushed_at = models.DateTimeField(null=True)
    missing_walks = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=states.OURS), name="request_status"),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(hub_request_id__isnull=False), name="request_of_somebody"
            ),
            models.UniqueConstraint(
                fields=["repository", "person"], condition=Q(person__isnull=False), name="request_one_per_person"
            ),
            models.UniqueConstraint(
                fields=["repository", "hub_request_id"],
                condition=Q(hub_request_id__isnull=False),
                name="request_one_per_hub_id",
            ),
        ]
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="request_newest"),
            models.Index(fields=["-asked_at", "-id"], condition=Q(status="pending"), name="request_waiting"),
            models.Index(fields=["repository", "-asked_at", "-id"], name="request_of_repository"),
            models.Index(fields=["repository", "hub_status"], name="request_hub_status"),
        ]

    def __str__(self) -> str:
        return f"{self.person or 'hidden person'} for {self.repository}"


class PastAnswers(models.Model):
    """What was answered the time before, kept when a person asks again."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="past_answers")
    asked_at = models.DateTimeField()
    answers = models.JSONField(default=dict)
    form = models.ForeignKey(FormVersion, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name_plural = "past answers"
        constraints = [models.UniqueConstraint(fields=["request", "asked_at"], name="past_answers_once")]

    def __str__(self) -> str:
        return f"{self.request} {self.asked_at:%Y-%m-%d}"


class ListWalk(models.Model):
    """How far the mirror is with one of the Hub's four lists of a repository."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="walks")
    status = models.CharField(max_length=12)
    read_at = models.DateTimeField(null=True)  # also by a poll of the newest rows
    listed_at = models.DateTimeField(null=True)  # the list as a whole
    complete = models.BooleanField(null=True)
    rows = models.PositiveIntegerField(default=0)
    newest_asked_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "status"], name="walk_once")]

    def __str__(self) -> str:
        return f"{self.repository} {self.status}"


class RequestMirror(models.Model):
    """When the requests of a repository are read next, and who is reading them now (a lease)."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="request_mirror")
    poll_due_at = models.DateTimeField(default=timezone.now)
    compare_due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    compared_at = models.DateTimeField(null=True)
    read_before_push = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["poll_due_at"], name="request_mirror_due")]

    def __str__(self) -> str:
        return f"{self.repository}"


class OddRow(models.Model):
    """A row of a Hub list that could not be used: set aside with the reason, once however often it is seen."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="odd_rows")
    list_status = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    hint = models.CharField(max_length=200, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "digest"], name="odd_row_once")]

    def __str__(self) -> str:
        return f"{self.repository}: {self.reason}"
