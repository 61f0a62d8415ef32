"""Content tags: what we hold of them, how they were ruled on, what was proposed, and what readers choose to see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from hubgate.hub.card import NFAA_TAG
from repos.models import Repository
from tagging import rules


class Proposal(models.Model):
    """Somebody holds that a tag is missing (`wants_set`) or wrong, and says why. Evidence and proposer are for those
    who rule; one person has one open proposal for a repository."""

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="tag_proposals")
    tag = models.CharField(max_length=64, default=NFAA_TAG)
    wants_set = models.BooleanField()
    evidence = models.TextField()
    links = models.JSONField(default=list)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    proposer_label = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "tag", "proposer"], condition=Q(status="open"), name="proposal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "accepted", "declined", "withdrawn"]), name="proposal_status"
            ),
        ]
        indexes = [models.Index(fields=["repository", "made_at"], condition=Q(status="open"), name="proposal_open")]

    def __str__(self) -> str:
        return f"{self.repository}: {self.tag} {'set' if self.wants_set else 'cleared'}?"


class Ruling(models.Model):
    """One word on a tag, with its public reason: the history. `kept`: a proposal was declined."""

    class Outcome(models.TextChoices):
        SET = "set"
        CLEARED = "cleared"
        KEPT = "kept"

    class Cause(models.TextChoices):
        AUTHOR = "author"
        PROPOSAL = "proposal"
        HUB = "hub"

    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="tag_rulings")
    tag = models.CharField(max_length=64, default=NFAA_TAG)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    reason = models.TextField(blank=True)
    proposal = models.OneToOneField(Proposal, null=True, on_delete=models.SET_NULL, related_name="ruling")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by_label = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["repository", "-made_at"], name="ruling_history")]

    def __str__(self) -> str:
        return f"{self.repository}: {self.tag} {self.outcome}"


class Tag(models.Model):
    """Our word on a tag, made with the first ruling; until then the card's is the only one. `is_set` is ours,
    `Repository.nfaa` the Hub's; `waits` while the Hub has not followed ours."""

    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="content_tags")
    tag = models.CharField(max_length=64, default=NFAA_TAG)
    is_set = models.BooleanField()
    waits = models.BooleanField(default=True)
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="+")
    commit_sha = models.CharField(max_length=64, blank=True)
    commit_url = models.CharField(max_length=500, blank=True)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "tag"], name="tag_once")]

    def __str__(self) -> str:
        return f"{self.repository}: {self.tag} {'set' if self.is_set else 'cleared'}"


class ContentPreference(models.Model):
    """What an account chose about tagged repositories: hide them, ask before showing them, or show them."""

    class Choice(models.TextChoices):
        HIDE = rules.HIDE, "Hide them"
        WARN = rules.WARN, "Ask before showing them"
        SHOW = rules.SHOW, "Show them"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="content_preference")
    choice = models.CharField(max_length=8, choices=Choice.choices, default=Choice.WARN)
    chosen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user}: {self.choice}"


class Evaluation(models.Model):
    """A bias or safety result attached to a repository, as it was then: its numbers ({group, metric, value}), a finding
    in words, or both. Nothing of it is changed afterwards; `removed_at` when an author took it off."""

    class About(models.TextChoices):
        BIAS = "bias", "Bias"
        SAFETY = "safety", "Safety"
        OTHER = "other", "Something else"

    class Source(models.TextChoices):
        CARD = "card", "The card"
        FILE = "file", "A file"
        SPACE = "space", "A Space"

    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="evaluations")
    about = models.CharField(max_length=8, choices=About.choices)
    source = models.CharField(max_length=8, choices=Source.choices)
    title = models.CharField(max_length=200)
    finding = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)
    results = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    commit_sha = models.CharField(max_length=64, blank=True)  # of the repository when it was attached
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by_label = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "digest"], condition=Q(removed_at=None), name="evaluation_once"
            ),
            models.CheckConstraint(condition=Q(about__in=["bias", "safety", "other"]), name="evaluation_about"),
            models.CheckConstraint(condition=Q(source__in=["card", "file", "space"]), name="evaluation_source"),
        ]
        indexes = [
            models.Index(fields=["repository", "-made_at"], condition=Q(removed_at=None), name="evaluation_attached")
        ]

    def __str__(self) -> str:
        return f"{self.repository}: {self.title}"
