"""The store: people and organisations, tokens, repositories with their commits, files and discussions, access requests.

Times are text in the Hub's own form, `2026-10-05T13:57:12.345Z` (UTC, milliseconds): they sort as they read and need no
formatting on the way out. `hub_id` is the 24 hex digits that the Hub shows as `_id`.
"""

from __future__ import annotations

import secrets

from django.db import models

WIRE_TIME = 24


def new_hub_id() -> str:
    """24 random hex digits, the form of the Hub's ids."""
    return secrets.token_hex(12)


def new_secret() -> str:
    """A token as the Hub writes them, `hf_` and 34 characters."""
    return "hf_" + secrets.token_hex(17)


class Account(models.Model):
    """A person or an organisation; both own namespaces, so they share one table and one set of names."""

    class Kind(models.TextChoices):
        USER = "user"
        ORG = "org"

    hub_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.USER)
    name = models.CharField(max_length=96)
    folded = models.CharField(
        max_length=96, unique=True, help_text="the name in lower case: names differ in more than case"
    )
    fullname = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_verified = models.BooleanField(default=True)
    is_pro = models.BooleanField(default=False)
    avatar_url = models.CharField(max_length=200)
    verified_orgs = models.JSONField(default=list, help_text="names of verified organisations the person belongs to")
    created_at = models.CharField(max_length=WIRE_TIME)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        ADMIN = "admin"
        WRITE = "write"
        CONTRIBUTOR = "contributor"
        READ = "read"

    org = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="member_of")
    role = models.CharField(max_length=11, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["org", "person"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} in {self.org_id}"


class Token(models.Model):
    """A user access token (HC §7)."""

    class Role(models.TextChoices):
        READ = "read"
        WRITE = "write"
        FINE_GRAINED = "fineGrained"

    secret = models.CharField(max_length=120, unique=True, default=new_secret)
    person = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    role = models.CharField(max_length=11, choices=Role, default=Role.WRITE)
    display_name = models.CharField(max_length=100, default="token")
    can_read_gated_repos = models.BooleanField(default=False)
    global_permissions = models.JSONField(default=list)
    scoped = models.JSONField(default=list, help_text="[{entity: {_id, type, name}, permissions: [...]}]")
    expired = models.BooleanField(default=False)
    created_at = models.CharField(max_length=WIRE_TIME)

    def __str__(self) -> str:
        return f"{self.display_name} ({self.role})"


class Repo(models.Model):
    class Type(models.TextChoices):
        MODEL = "model"
        DATASET = "dataset"
        SPACE = "space"

    class Gate(models.TextChoices):
        OFF = ""
        AUTO = "auto"
        MANUAL = "manual"

    hub_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    type = models.CharField(max_length=7, choices=Type)
    owner = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="repos")
    creator = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=96)
    full_name = models.CharField(max_length=200, help_text="owner/name as written")
    folded = models.CharField(max_length=200, help_text="the full name in lower case")
    private = models.BooleanField(default=False)
    disabled = models.BooleanField(default=False)
    gated = models.CharField(max_length=6, choices=Gate, blank=True)
    org_members_gated = models.BooleanField(default=False)
    notifications_mode = models.CharField(max_length=9, blank=True)
    notifications_email = models.CharField(max_length=254, blank=True)
    discussions_disabled = models.BooleanField(default=False)
    hide_people = models.BooleanField(default=False, help_text="access requests are listed without `user`")
    hide_emails = models.BooleanField(default=False, help_text="access requests are listed without `user.email`")
    sdk = models.CharField(max_length=10, blank=True)
    sha = models.CharField(max_length=40, blank=True, help_text="head of main")
    card = models.JSONField(null=True, help_text="front matter of README.md on main; null when there is none")
    tags = models.JSONField(default=list)
    downloads = models.PositiveIntegerField(default=0)
    likes = models.PositiveIntegerField(default=0)
    used_storage = models.PositiveBigIntegerField(default=0)
    created_at = models.CharField(max_length=WIRE_TIME)
    last_modified = models.CharField(max_length=WIRE_TIME)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "folded"], name="one_repo")]
        indexes = [models.Index(fields=["type", "last_modified", "id"], name="repo_recent")]

    def __str__(self) -> str:
        return f"{self.type} {self.full_name}"


class OldName(models.Model):
    """A name that a repository had before it was renamed or moved; the Hub answers it with 307."""

    type = models.CharField(max_length=7, choices=Repo.Type)
    folded = models.CharField(max_length=200)
    repo = models.ForeignKey(Repo, on_delete=models.CASCADE, related_name="old_names")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "folded"], name="one_old_name")]

    def __str__(self) -> str:
        return self.folded


class Commit(models.Model):
    """A commit with the whole list of its files."""

    repo = models.ForeignKey(Repo, on_delete=models.CASCADE, related_name="commits")
    oid = models.CharField(max_length=40)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.CharField(max_length=96)
    title = models.TextField()
    message = models.TextField(blank=True)
    date = models.CharField(max_length=WIRE_TIME)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repo", "oid"], name="one_commit")]

    def __str__(self) -> str:
        return self.oid


class Ref(models.Model):
    class Kind(models.TextChoices):
        BRANCH = "branches"
        CONVERT = "converts"
        TAG = "tags"
        PULL_REQUEST = "pullRequests"

    repo = models.ForeignKey(Repo, on_delete=models.CASCADE, related_name="refs")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.BRANCH)
    name = models.CharField(max_length=200)
    ref = models.CharField(max_length=220)
    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="refs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repo", "ref"], name="one_ref")]

    def __str__(self) -> str:
        return self.ref


class RepoFile(models.Model):
    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=500)
    oid = models.CharField(max_length=40, help_text="git blob id of the content, or of the pointer for an LFS file")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    lfs = models.BooleanField(default=False)
    xet_hash = models.CharField(max_length=64, blank=True)
    changed_in = models.ForeignKey(Commit, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commit", "path"], name="one_file")]

    def __str__(self) -> str:
        return self.path


class AccessRequest(models.Model):
    """One row per repository and person (HC §1.3); no row means that the person never asked, or withdrew."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        RESET = "reset"

    request_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    repo = models.ForeignKey(Repo, on_delete=models.CASCADE, related_name="requests")
    person = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="requests")
    status = models.CharField(max_length=8, choices=Status)
    timestamp = models.CharField(max_length=WIRE_TIME)
    reviewed_at = models.CharField(max_length=WIRE_TIME, null=True)
    granted_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    fields = models.JSONField(null=True)
    shares_email = models.BooleanField(
        default=True, help_text="false for a person added by `grant`, who shared nothing"
    )
    rejection_reason = models.TextField(blank=True)
    reset_reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repo", "person"], name="one_request")]
        indexes = [models.Index(fields=["repo", "status", "timestamp", "id"], name="request_list")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.status}"


class Discussion(models.Model):
    """A discussion or a pull request (HC §5); both take their numbers from one count per repository."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"
        MERGED = "merged"

    hub_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    repo = models.ForeignKey(Repo, on_delete=models.CASCADE, related_name="discussions")
    num = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    author = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    is_pull_request = models.BooleanField(default=False)
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    start = models.ForeignKey(
        Commit,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the commit that a pull request began from",
    )
    merge_commit = models.ForeignKey(Commit, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.CharField(max_length=WIRE_TIME)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["repo", "num"], name="one_discussion")]

    def __str__(self) -> str:
        return f"#{self.num} {self.title}"

    @property
    def ref(self) -> str:
        """The ref that holds a pull request's commits."""
        return f"refs/pr/{self.num}"


class DiscussionEvent(models.Model):
    """What happened in a discussion, oldest first. `data` by type: comment {raw, updatedAt, hidden, history},
    status-change {status}, commit {subject, oid}, title-change {from, to}."""

    class Type(models.TextChoices):
        COMMENT = "comment"
        STATUS = "status-change"
        COMMIT = "commit"
        TITLE = "title-change"

    hub_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    discussion = models.ForeignKey(Discussion, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=13, choices=Type)
    author = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.CharField(max_length=WIRE_TIME)
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.type} {self.hub_id}"


class Webhook(models.Model):
    """A person's webhook (HC §6)."""

    hub_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    person = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000)
    secret = models.CharField(max_length=200, blank=True)
    watched = models.JSONField(default=list, help_text="[{type, name}]")
    domains = models.JSONField(default=list)
    disabled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.hub_id


class Delivery(models.Model):
    """A call of a webhook: what is sent, when it was tried, and what came back."""

    hub_id = models.CharField(max_length=24, unique=True, default=new_hub_id)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    payload = models.JSONField()
    created_at = models.CharField(max_length=WIRE_TIME)
    tried_at = models.CharField(max_length=WIRE_TIME, null=True)
    status = models.PositiveIntegerField(null=True, help_text="the HTTP status that came back; null for none")

    class Meta:
        indexes = [models.Index(fields=["tried_at", "id"], name="delivery_waiting")]

    def __str__(self) -> str:
        return self.hub_id
