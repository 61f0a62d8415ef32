"""What people are told, and how each copy of it fared."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from hubgate.accounts.models import HubIdentity


class Notification(models.Model):
    """One thing told to one person: a kind of the catalogue and the values for its text, rendered when it is read.
    `once` is unique, so that the same thing is never told twice."""

    once = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=80)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(HubIdentity, null=True, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(default=dict)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user"),
            models.Index(fields=["identity", "-id"], name="notification_identity"),
            models.Index(fields=["subject_type", "subject_id"], name="notification_subject"),
        ]

    def __str__(self) -> str:
        return self.kind


class Delivery(models.Model):
    """One mail of one notification. `unsure` = the server took it or not, we never heard."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNSURE = "unsure"

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    address = models.CharField(max_length=320)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    maybe_twice = models.BooleanField(default=False)
    message_id = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["notification", "address"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.state}"


class KeptMail(models.Model):
    """A mail that was kept instead of sent, because no mail server is configured: what the mail view shows."""

    to = models.CharField(max_length=320)
    sender = models.CharField(max_length=320)
    subject = models.TextField()
    body = models.TextField()
    message_id = models.CharField(max_length=200, blank=True)
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["to", "-id"], name="keptmail_to")]

    def __str__(self) -> str:
        return self.subject
