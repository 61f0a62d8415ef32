"""Access requests: one for each repository and person, with one status at a time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from access import states
from hubgate.accounts.models import HubIdentity
from repos.models import FormVersion, Namespace, Repository


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

    # Indexes of their own on these would only slow the mirror: others begin with the repository, and nobody looks for
    # the requests of one form version or decider.
    repository = models.ForeignKey(Repository, on_delete=models.PROTECT, related_name="requests", db_index=False)
    person = models.ForeignKey(HubIdentity, null=True, on_delete=models.PROTECT, related_name="requests")
    hub_request_id = models.CharField(max_length=128, null=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    via = models.CharField(max_length=8, choices=Via.choices, default=Via.HUB)
    asked_at = models.DateTimeField()
    email = models.CharField(max_length=320, blank=True)
    email_domain = models.CharField(max_length=255, blank=True)
    email_kind = models.CharField(max_length=16, blank=True)
    answers = models.JSONField(default=dict)
    form = models.ForeignKey(FormVersion, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    search_text = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True, db_default="")  # ISO 3166 alpha-2, as answered
    organisations = models.TextField(blank=True, db_default="")  # verified ones, lower case: "|acme|beta|"
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    # When access ends, and when the person is reminded of that next. Only who was accepted has an end.
    ends_at = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)

    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_by_label = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)  # what the last decision replaced: the same facts by name, for undoing it

    hub_status = models.CharField(max_length=32, default=states.NONE)
    hub_seen_at = models.DateTimeField(null=True)
    hub_reviewed_at = models.DateTimeField(null=True)
    hub_digest = models.CharField(max_length=32, blank=True)
    pushed_at = models.DateTimeField(null=True)
    # What a push may have told the Hub whose answer was lost; empty once a reading or another push has shown.
    told_status = models.CharField(max_length=32, blank=True, db_default="")
    missing_walks = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=states.OURS), name="request_status"),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(hub_request_id__isnull=False), name="request_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True, remind_at__isnull=True) | Q(status=states.ACCEPTED),
                name="request_end_of_accepted",
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
        # Each costs every row that the mirror writes: none without a list that needs it (`tests/access/test_plans.py`).
        # On PostgreSQL two more, over `search_text` and `organisations`, are made by `0005_search_by_trigrams`.
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="request_newest"),
            models.Index(
                fields=["-asked_at", "-id"],
                include=["repository"],
                condition=Q(status="pending"),
                name="request_waiting_anywhere",
            ),
            models.Index(fields=["repository", "-asked_at", "-id"], name="request_of_repository"),
            models.Index(fields=["repository", "status", "-asked_at", "-id"], name="request_of_status"),
            models.Index(fields=["country", "-asked_at", "-id"], condition=~Q(country=""), name="request_country"),
            models.Index(
                fields=["email_domain", "-asked_at", "-id"], condition=~Q(email_domain=""), name="request_domain"
            ),
            models.Index(
                fields=["email_kind", "-asked_at", "-id"],
                condition=Q(email_kind__in=["disposable", ""]),
                name="request_odd_mail",
            ),
            models.Index(fields=["repository", "hub_status"], name="request_hub_status"),
            models.Index(
                fields=["repository", "decided_at"],
                condition=Q(decided_at__isnull=False),
                name="request_decided",
            ),
            models.Index(
                fields=["assigned_to", "-asked_at", "-id"],
                condition=Q(assigned_to__isnull=False),
                name="request_assigned",
            ),
            models.Index(fields=["ends_at"], condition=Q(ends_at__isnull=False), name="request_ends"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="request_reminds"),
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


class Renewal(models.Model):
    """Somebody with access asked to have one end moved, once for each end. It is open until somebody rules on it or the
    end is another one."""

    class Ruling(models.TextChoices):
        EXTENDED = "extended"
        REFUSED = "refused"

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="renewals")
    ends_at = models.DateTimeField()
    words = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ruling = models.CharField(max_length=10, choices=Ruling.choices, blank=True)
    ruled_at = models.DateTimeField(null=True)
    ruled_by_label = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "ends_at"], name="renewal_once")]
        indexes = [models.Index(fields=["request", "ends_at"], condition=Q(ruling=""), name="renewal_open")]

    def __str__(self) -> str:
        return f"{self.request_id} after {self.ends_at:%Y-%m-%d}"


class ListWalk(models.Model):
    """How far the mirror is with one of the Hub's four lists of a repository."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="walks")
    status = models.CharField(max_length=12)
    read_at = models.DateTimeField(null=True)  # also by a poll of the newest rows
    listed_at = models.DateTimeField(null=True)  # the list as a whole
    complete = models.BooleanField(null=True)
    rows = models.PositiveIntegerField(default=0)
    so_far = models.PositiveIntegerField(null=True)  # rows of the walk that goes on; empty where none does
    untold = models.PositiveIntegerField(
        default=0, db_default=0
    )  # new requests from history that no event tells of yet
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
    began_at = models.DateTimeField(null=True)  # the first reading
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


class Note(models.Model):
    """What those who decide tell each other about a request. The person who asked never sees it."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_label = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["request", "created_at"], name="note_of_request")]

    def __str__(self) -> str:
        return f"{self.author_label} on {self.request_id}"


class ReasonTemplate(models.Model):
    """A reason that a namespace gives often, with place holders such as {name}."""

    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="reason_templates")
    name = models.CharField(max_length=80)
    verb = models.CharField(max_length=12, blank=True)  # the decision that it is for; empty for all that take a reason
    text = models.TextField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "name"], name="reason_template_once")]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A list that a person looks at often: the address part of an inbox, under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class Viewing(models.Model):
    """Who has a request open just now, and whether they are writing a reason: told to others who have it open too."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="viewings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    deciding = models.BooleanField(default=False)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="viewing_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.request_id}"


class Drift(models.Model):
    """A change that the Hub made on its own, found by the mirror: what it was, what stands now, and what somebody made
    of it. `stands` says whose word stood when it was found."""

    class Stands(models.TextChoices):
        THEIRS = "theirs"
        OURS = "ours"

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="drifts")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="+")
    ours = models.JSONField(default=dict)  # our decision before, the same facts as `AccessRequest.before`
    theirs = models.CharField(max_length=32)
    theirs_at = models.DateTimeField(null=True)  # as the Hub dates it
    theirs_by = models.CharField(max_length=200, blank=True)  # as far as the Hub says
    stands = models.CharField(max_length=8, choices=Stands.choices)
    found_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_as = models.CharField(max_length=8, choices=Stands.choices, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_by_label = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["repository", "-found_at"], condition=Q(settled_at=None), name="drift_open"),
            models.Index(fields=["request", "-found_at"], name="drift_of_request"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.theirs}"


class BulkDecision(models.Model):
    """One decision on many requests: what was wanted, by whom, and how far it is. `key` makes a repeated wish the same
    wish; `group` ties its audit events together."""

    class State(models.TextChoices):
        PREVIEW = "preview"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    key = models.UUIDField(unique=True)
    group = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    user_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=12)
    cause = models.CharField(max_length=32, default="reviewer", db_default="reviewer")
    reason = models.TextField(blank=True)
    # When access ends that it gives: as is usual for each repository, or at `ends_at` (empty: never).
    ends_as_usual = models.BooleanField(default=True, db_default=True)
    ends_at = models.DateTimeField(null=True)
    query = models.CharField(max_length=2000, blank=True)  # the list it was chosen from, as an inbox address has it
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREVIEW)
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="bulk_of_user")]

    def __str__(self) -> str:
        return f"{self.verb} {self.total}"


class BulkRow(models.Model):
    """One request of a bulk decision: the status that its maker saw, and what became of it. `code` says why not."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        DECIDED = "decided"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    bulk = models.ForeignKey(BulkDecision, on_delete=models.CASCADE, related_name="rows")
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="+")
    seen_status = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "request"], name="bulk_row_once")]
        indexes = [models.Index(fields=["bulk", "outcome", "id"], name="bulk_row_outcome")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.outcome}"
