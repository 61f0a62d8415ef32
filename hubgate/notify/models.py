"""What people are told, and how each copy of it fared."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from hubgate.accounts.models import HubIdentity
from hubgate.notify import rules


class Reader(models.Model):
    """Where and when somebody reads their daily digest. Whoever never chose has no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    zone = models.CharField(max_length=64, default=rules.DEFAULT_ZONE)
    zone_chosen = models.BooleanField(default=False)
    daily_hour = models.PositiveSmallIntegerField(default=rules.DEFAULT_HOUR)
    last_daily_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.zone}"


class Choice(models.Model):
    """How soon somebody wants to be told of a topic (empty: all of them), everywhere (empty) or in one scope."""

    class Pace(models.TextChoices):
        AT_ONCE = rules.AT_ONCE
        HOURLY = rules.HOURLY
        DAILY = rules.DAILY
        IN_HUBGATE = rules.IN_HUBGATE

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=40, blank=True)
    scope = models.CharField(max_length=40, blank=True)
    pace = models.CharField(max_length=16, choices=Pace.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic", "scope"], name="choice_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.topic} {self.scope}: {self.pace}"


class Digest(models.Model):
    """Notices that go to one person in one mail. They are fixed once, when it is due: each stands in one digest."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    fixed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "due_at"], name="digest_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.due_at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """One thing told to one person: a kind of the catalogue and the values for its text, rendered when it is read.
    `once` is unique, so that the same thing is never told twice. With a `due_at` it waits for a digest of its `pace`
    until it stands in one; such a notice has no mail of its own."""

    once = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=80)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey(HubIdentity, null=True, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(default=dict)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    namespace_id = models.BigIntegerField(null=True)
    repository_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    pace = models.CharField(max_length=16, blank=True, db_default="")
    due_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(Digest, null=True, on_delete=models.SET_NULL, related_name="notifications")

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_user"),
            models.Index(fields=["identity", "-id"], name="notification_identity"),
            models.Index(fields=["subject_type", "subject_id"], name="notification_subject"),
            models.Index(
                fields=["user", "due_at"], condition=Q(digest=None, due_at__isnull=False), name="notification_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Delivery(models.Model):
    """One mail, of one notification or of one digest. `unsure` = the server took it or not, we never heard. One that
    did not arrive is listed for those who decide until it is sent again or set aside."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNSURE = "unsure"

    notification = models.ForeignKey(Notification, null=True, on_delete=models.CASCADE, related_name="deliveries")
    digest = models.OneToOneField(Digest, null=True, on_delete=models.CASCADE, related_name="delivery")
    address = models.CharField(max_length=320)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    maybe_twice = models.BooleanField(default=False)
    message_id = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["notification", "address"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(notification__isnull=False, digest__isnull=True)
                | Q(notification__isnull=True, digest__isnull=False),
                name="delivery_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-id"], condition=Q(state__in=["failed", "unsure"], set_aside_at=None), name="delivery_missed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id or self.digest_id} {self.state}"


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
