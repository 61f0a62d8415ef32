"""Accounts of hubgate, and people as the Hub knows them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class User(AbstractUser):
    """Someone who can sign in. `is_superuser` makes an operator."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class HubIdentity(models.Model):
    """A person as the Hub knows them. Most never sign in here. Names change, `hub_id` does not; it is empty only for
    someone granted by user name whom no list of the Hub has shown yet."""

    hub_id = models.CharField(max_length=64, unique=True, null=True, blank=True)
    username = models.CharField(max_length=128)
    fullname = models.CharField(max_length=512, blank=True)
    avatar_url = models.CharField(max_length=1024, blank=True)
    is_pro = models.BooleanField(default=False)
    verified_orgs = models.JSONField(default=list)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="hub_identity")
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "hub identities"
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                condition=models.Q(hub_id__isnull=True),
                name="hubidentity_one_per_unresolved_name",
            )
        ]
        indexes = [models.Index(Lower("username"), name="hubidentity_username")]

    def __str__(self) -> str:
        return self.username


class HubMembership(models.Model):
    """What a person is in an organisation on the Hub (or in their own namespace), as the last sign-in told."""

    identity = models.ForeignKey(HubIdentity, on_delete=models.CASCADE, related_name="memberships")
    namespace = models.CharField(max_length=128)
    role = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identity", "namespace"], name="membership_once")]
        indexes = [models.Index(fields=["namespace", "role"], name="membership_namespace")]

    def __str__(self) -> str:
        return f"{self.identity} {self.role} of {self.namespace}"


class AccessToken(models.Model):
    """What a script signs in with instead of a person. The secret is shown once; `prefix` finds it, `digest` proves it.
    `scopes` are words of `hubgate.accounts.scopes`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # to the minute
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class KeptAnswer(models.Model):
    """What a call with an `Idempotency-Key` was answered, so that its repetition gets the same. Without a `status` the
    call is under way, or its process died: then another may take it up once `leased_until` is over (`lease` tells them
    apart). No e-mail and no answer of a request stands in `body`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # of method, path and body
    lease = models.UUIDField()
    leased_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key[:20]}"
