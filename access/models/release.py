"""Release plans: the stages of a repository's release, which of them is in force, and since when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from access import release
from repos.models import Repository


class ReleasePlan(models.Model):
    """The release of one repository. `stage` is in force; empty until the first is opened. A recall keeps the gate at
    `recalled_gate`, whatever the stage says, until a stage is opened again. While `paused_at` is set hubgate leaves the
    gate to the Hub. `waits` while the Hub has not been told; `hub_gate` is what hubgate last found or set there, and
    `drift_at` is when somebody was found to have changed it by hand."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="release_plan")
    stage = models.ForeignKey("Stage", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)  # counts every change of the plan
    recalled_gate = models.CharField(max_length=8, blank=True)
    recalled_at = models.DateTimeField(null=True)
    recalled_reason = models.TextField(blank=True)
    held_at = models.DateTimeField(null=True)  # stepped back or recalled: dates up to then open nothing by themselves
    paused_at = models.DateTimeField(null=True)
    waits = models.BooleanField(default=False)
    pushed_at = models.DateTimeField(null=True)
    hub_gate = models.CharField(max_length=40, blank=True)
    drift_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recalled_gate__in=["", *release.RECALL_GATES]), name="plan_recalled_gate"
            ),
            models.CheckConstraint(
                condition=Q(recalled_gate="", recalled_at=None) | (~Q(recalled_gate="") & Q(recalled_at__isnull=False)),
                name="plan_recalled_since",
            ),
        ]

    def __str__(self) -> str:
        return f"release of {self.repository}"


class Stage(models.Model):
    """A step of a release: who it is for, the gate on the Hub, how long a grant lasts, how many get one, and what has
    to be in place before it is opened. `held_back_at`: when its authors were told that its date had come in vain."""

    plan = models.ForeignKey(ReleasePlan, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    audience = models.CharField(max_length=16, default=release.ANYONE)
    members = models.JSONField(default=list)  # user names, organisations or mail domains, as `audience` says
    gate = models.CharField(max_length=8)
    grant_days = models.PositiveIntegerField(null=True)
    capacity = models.PositiveIntegerField(null=True)
    opens_at = models.DateTimeField(null=True)
    needs_license = models.BooleanField(default=False)
    needs_tag_ruling = models.BooleanField(default=False)
    needs_evaluation = models.BooleanField(default=False)
    needs_go = models.BooleanField(default=False)
    held_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="stage_one_per_position"),
            models.UniqueConstraint(models.F("plan"), Lower("name"), name="stage_one_per_name"),
            models.CheckConstraint(condition=Q(gate__in=release.GATES), name="stage_gate"),
            models.CheckConstraint(condition=Q(audience__in=release.AUDIENCES), name="stage_audience"),
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(capacity__gte=1, gate__in=release.ASKED), name="stage_capacity"
            ),
            models.CheckConstraint(
                condition=Q(grant_days=None) | Q(grant_days__gte=1, gate__in=release.ASKED), name="stage_grant_days"
            ),
            models.CheckConstraint(
                condition=Q(audience=release.ANYONE) | Q(gate__in=release.ASKED), name="stage_for_everybody"
            ),
        ]
        indexes = [models.Index(fields=["opens_at"], condition=Q(opens_at__isnull=False), name="stage_opens")]

    def __str__(self) -> str:
        return self.name


class StageEntry(models.Model):
    """A time during which a stage was in force: whoever was let in meanwhile was let in by that stage."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="entries")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "stage entries"
        constraints = [
            models.UniqueConstraint(fields=["stage"], condition=Q(ended_at=None), name="stage_entered_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")), name="stage_entry_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} from {self.began_at:%Y-%m-%d %H:%M}"


class StageGo(models.Model):
    """An author's word that a stage may be opened."""

    stage = models.OneToOneField(Stage, on_delete=models.CASCADE, related_name="go")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    given_by_label = models.CharField(max_length=200)
    given_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"go for {self.stage} by {self.given_by_label}"
