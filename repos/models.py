"""Namespaces, their tokens, repositories and gate forms, as the Hub has them and as hubgate remembers them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from repos import rules


class Namespace(models.Model):
    """A user or organisation on the Hub whose gate is run here, and the token that hubgate works with."""

    class Token(models.TextChoices):
        CHECKING = "checking"
        WORKING = "working"
        READ_ONLY = "read_only"
        NARROW = "narrow"
        DEAD = "dead"
        WRONG_ACCOUNT = "wrong_account"
        UNREACHABLE = "unreachable"

    name = models.CharField(max_length=128)
    token_sealed = models.BinaryField(blank=True, default=b"")
    token_state = models.CharField(max_length=16, choices=Token.choices, default=Token.CHECKING)
    token_note = models.TextField(blank=True)
    token_account = models.CharField(max_length=128, blank=True)
    token_checked_at = models.DateTimeField(null=True)
    connected_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    connected_at = models.DateTimeField(default=timezone.now)
    changes_enabled = models.BooleanField(default=False)
    mail_requesters = models.BooleanField(default=False)
    mirror_due_at = models.DateTimeField(default=timezone.now)
    mirror_leased_until = models.DateTimeField(null=True)
    mirrored_at = models.DateTimeField(null=True)
    mirror_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="namespace_one_per_name")]

    def __str__(self) -> str:
        return self.name


class HubWebhook(models.Model):
    """The address at which the Hub's webhooks of a namespace are taken: `key` is its last part, and of the secret that
    the Hub sends with each call only the sha256 is kept."""

    namespace = models.OneToOneField(Namespace, on_delete=models.CASCADE, related_name="hub_webhook")
    key = models.CharField(max_length=32, unique=True)
    secret_digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"webhook of {self.namespace}"


class Role(models.Model):
    """A right given inside hubgate; rights that the Hub gives are read from `accounts.HubMembership`."""

    class Name(models.TextChoices):
        AUTHOR = "author"

    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=16, choices=Name.choices, default=Name.AUTHOR)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "user", "name"], name="role_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.name} of {self.namespace}"


class Repository(models.Model):
    """A model, dataset or space. `hub_id` is the Hub's stable `_id`; `name` changes with a rename or a move."""

    class Kind(models.TextChoices):
        MODEL = "model"
        DATASET = "dataset"
        SPACE = "space"

    class Gate(models.TextChoices):
        OPEN = "open"
        AUTO = "auto"
        MANUAL = "manual"

    namespace = models.ForeignKey(Namespace, on_delete=models.PROTECT, related_name="repositories")
    hub_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200)
    # Not `choices`: a word that the Hub invents later is kept, shown as unknown and treated as closed (HC §2).
    gate = models.CharField(max_length=32)
    private = models.BooleanField(default=False)
    disabled = models.BooleanField(default=False)
    tags = models.JSONField(default=list)
    license = models.CharField(max_length=200, blank=True)
    nfaa = models.BooleanField(null=True)
    sha = models.CharField(max_length=64, blank=True)
    hub_created_at = models.DateTimeField(null=True)
    hub_modified_at = models.DateTimeField(null=True)
    form = models.ForeignKey("FormVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    card_sha = models.CharField(max_length=64, blank=True)
    card_warnings = models.JSONField(default=list)
    card_errors = models.JSONField(default=list)
    card_asks_for_gate = models.BooleanField(default=False)
    first_question = models.TextField(blank=True, db_default="")  # label of the answer that lists of requests show
    # How long access lasts, in days: unless somebody says otherwise, and at most. Empty for without an end.
    grant_days = models.PositiveSmallIntegerField(null=True)
    most_grant_days = models.PositiveSmallIntegerField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)
    missing_since = models.DateTimeField(null=True)
    former_names = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "repositories"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["model", "dataset", "space"]), name="repository_kind"),
        ]
        indexes = [
            models.Index(fields=["namespace", "name"], name="repository_namespace"),
            models.Index(fields=["kind", "name"], name="repository_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("/")[2]

    @property
    def gate_is_missing(self) -> bool:
        """Whether the card asks for a gate that the repository has not."""
        return rules.gate_not_set(self.gate, card_asks_for_gate=self.card_asks_for_gate, private=False) is not None


class FormVersion(models.Model):
    """A gate form as the card had it at one time. Every change makes the next number; a request keeps its version."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="forms")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    fields = models.JSONField(default=list)
    heading = models.TextField(null=True)
    description = models.TextField(null=True)
    prompt = models.TextField(null=True)
    button = models.TextField(null=True)
    eu_disallowed = models.BooleanField(default=False)
    card_sha = models.CharField(max_length=64, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repository", "number"], name="form_number_once")]

    def __str__(self) -> str:
        return f"{self.repository} form {self.number}"


class CardResults(models.Model):
    """The numbers of a card's `model-index` at its last readable commit. By itself, for they may be long and few read
    them: {metric, dataset, task, value}."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="card_results")
    results = models.JSONField(default=list)
    card_sha = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.repository}: {len(self.results)} results"


class RateBudget(models.Model):
    """What the Hub still grants one token in one bucket of calls, shared by all processes (HC §9)."""

    token_key = models.CharField(max_length=64)
    bucket = models.CharField(max_length=32)
    state = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_key", "bucket"], name="budget_once")]

    def __str__(self) -> str:
        return f"{self.bucket}"


class HubCircuit(models.Model):
    """Whether the Hub answers at present, shared by all processes: failed calls since the last good one, and when the
    next may try."""

    origin = models.CharField(max_length=300, unique=True)
    failures = models.PositiveIntegerField(default=0)
    subjects = models.JSONField(default=list)
    probe_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.origin
