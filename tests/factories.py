"""State for tests, made the way it is made in life: by the actions of each app, never by writing rows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from access import actions as access_actions
from access.models import AccessRequest
from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.hub.card import read_card
from hubgate.hub.types import GateMode, RepoInfo, RepoKind, RequestRow
from repos import actions as repo_actions
from repos.models import Namespace, Repository

PASSWORD = "a-long-password"
_ids = itertools.count(1)


def _hub_id() -> str:
    return f"{next(_ids):024x}"


def make_author(
    namespace: str = "aurora-lab",
    username: str = "mara",
    *,
    name: str = "Mara Keller",
    changes_enabled: bool = True,
    mail_requesters: bool = True,
) -> User:
    """An account (password `PASSWORD`) that connected a namespace with a working token, or joined it as another
    author. Its repositories are made with `make_repository`."""
    first, _, last = name.partition(" ")
    user = User.objects.create_user(
        username, email=f"{username}@hubgate.example", password=PASSWORD, first_name=first, last_name=last
    )
    if Namespace.objects.filter(name__iexact=namespace).exists():
        make_member(user, namespace)
        return user
    connected = repo_actions.connect(
        actor=actor_of(user),
        name=namespace,
        token=f"hf_{username}",
        changes_enabled=changes_enabled,
        mail_requesters=mail_requesters,
    )
    repo_actions.record_token(
        namespace_id=connected.pk, state=Namespace.Token.WORKING, note="", account=username, proves=True
    )
    return user


def make_member(user: User, namespace: str, role: str = "admin") -> None:
    """Make the account a member of the namespace, as a sign-in with the Hub tells it."""
    from hubgate.accounts.models import HubIdentity, HubMembership

    identity, _ = HubIdentity.objects.get_or_create(
        user=user, defaults={"hub_id": _hub_id(), "username": user.username, "fullname": user.get_full_name()}
    )
    HubMembership.objects.create(identity=identity, namespace=namespace, role=role)


def actor(user: User) -> Actor:
    """The account as an actor, freshly read."""
    return actor_of(User.objects.get(pk=user.pk))


def make_repository(
    name: str = "aurora-lab/tiny-gated",
    *,
    kind: RepoKind = "models",
    gated: GateMode | str = "manual",
    private: bool = False,
    card: str = "",
) -> Repository:
    """A repository of a connected namespace, as a round of the mirror found it; `card` is the text of its README."""
    namespace = Namespace.objects.get(name__iexact=name.partition("/")[0])
    known = Repository.objects.filter(name=name).first()
    info = RepoInfo(
        kind=kind,
        id=name,
        hub_id=known.hub_id if known else _hub_id(),
        author=namespace.name,
        gated=gated,
        private=private,
        disabled=False,
        sha="0" * 40,
        tags=(),
        last_modified=timezone.now(),
        created_at=timezone.now(),
        card_data=None,
    )
    found = repo_actions.record_repositories(namespace=namespace, infos=[info], read_at=timezone.now(), complete=False)[
        0
    ]
    if card:
        change_card(found, card)
    return Repository.objects.select_related("namespace", "form").get(pk=found.pk)


def change_card(repository: Repository, card: str) -> None:
    """A new README, as the mirror found it at a new commit."""
    repo_actions.record_card(repository=repository, sha=f"{next(_ids):040x}", card=read_card(card), source=card)


def form_card(fields: Mapping[str, Any]) -> str:
    """A README whose gate form has these fields: label → type, or label → list of options."""
    import json

    written = {
        label: {"type": "select", "options": list(kind)} if not isinstance(kind, str) else kind
        for label, kind in fields.items()
    }
    return f"---\nextra_gated_fields: {json.dumps(written, ensure_ascii=False)}\n---\n# Model\n"


def row(
    username: str | None = "jordan",
    *,
    name: str = "",
    email: str | None = None,
    answers: Mapping[str, str] | None = None,
    organisations: Sequence[str] = (),
    status: str = "pending",
    asked_at: datetime | None = None,
    reviewed_at: datetime | None = None,
    granted_by: str | None = None,
    request_id: str | None = None,
    user_id: str | None = None,
) -> RequestRow:
    """A row as a list of the Hub shows it. `username=None` is a person whom the Hub hides; then `request_id` tells
    rows apart."""
    return RequestRow(
        request_id=request_id or (_hub_id() if username is None else None),
        user_id=user_id or (f"u-{username}" if username else None),
        username=username,
        fullname=name or (username.title() if username else None),
        email=email,
        avatar_url=None,
        is_pro=False,
        verified_orgs=tuple(organisations),
        status=status,
        requested_at=asked_at or timezone.now() - timedelta(hours=2),
        reviewed_at=reviewed_at,
        granted_by=granted_by,
        fields=dict(answers or {}),
    )


def record(repository: Repository, *rows: RequestRow, read_at: datetime | None = None) -> list[AccessRequest]:
    """The mirror reads these rows now, the repository's namespace fresh in hand. Returns the requests."""
    repository = Repository.objects.select_related("namespace").get(pk=repository.pk)
    by_status: dict[str, list[RequestRow]] = {}
    for item in rows:
        by_status.setdefault(item.status, []).append(item)
    ids: list[int] = []
    for status, group in by_status.items():
        ids += access_actions.record_rows(
            repository=repository, list_status=status, rows=group, odd=[], read_at=read_at or timezone.now()
        )
    return list(AccessRequest.objects.select_related("repository__namespace", "person", "form").filter(pk__in=ids))


def ask(repository: Repository, username: str | None = "jordan", **facts: Any) -> AccessRequest:
    """Somebody asks on the Hub, and the mirror brings it in; `facts` as for `row`. A person has `NAME@northlake.edu`
    unless an `email` is given."""
    if username is not None:
        facts.setdefault("email", f"{username}@northlake.edu")
    return record(repository, row(username, **facts))[0]


def decide(user: User, request: AccessRequest, verb: str, reason: str = "") -> AccessRequest:
    """The account takes a decision on the request as it is now."""
    now = AccessRequest.objects.get(pk=request.pk)
    return access_actions.decide(actor=actor(user), request_id=now.pk, verb=verb, seen_status=now.status, reason=reason)
