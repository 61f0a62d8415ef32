"""The functions and querysets of rights against a plain calculation over the same facts, for everybody, everything and
every verb: over a hundred thousand triples."""

from __future__ import annotations

import random

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from access import rights
from hubgate.accounts.models import HubIdentity, HubMembership, User
from hubgate.accounts.queries import actor_of
from repos import rights as repo_rights
from repos.models import Namespace, Repository, Role
from tagging import rights as tag_rights

USERS, NAMESPACES, REPOSITORIES = 36, 8, 25  # repositories of each namespace
DECIDES = ("accept", "reject", "reset", "put_back", "grant", "undo", "retry", "assign", "note", "settle")
# Written anew, not read from the tables that are tried.
WHO = {
    **dict.fromkeys(DECIDES, {"author", "reviewer"}),
    "personal": {"author", "reviewer"},
    "view": {"author", "reviewer", "auditor"},
    "export": {"author", "reviewer", "auditor"},
    "ask": set(),
    "rule": {"author", "steward"},
}


@pytest.mark.django_db
def test_rights_are_what_a_plain_calculation_says():
    chance = random.Random(20261125)
    users = [User.objects.create(username=f"u{number}") for number in range(USERS)]
    spaces = [
        Namespace.objects.create(name=f"lab_{number}" if number % 2 else f"labx{number}", second_factor=number % 4 == 3)
        for number in range(NAMESPACES)
    ]
    repositories = Repository.objects.bulk_create(
        Repository(
            namespace=space, hub_id=f"{space.pk}-{number}", kind="model", name=f"{space}/m{number}", gate="manual"
        )
        for space in spaces
        for number in range(REPOSITORIES)
    )
    held: dict[int, set[tuple[str, int, int | None]]] = {user.pk: set() for user in users}
    factors = {user.pk for user in users if chance.random() < 0.4}
    Authenticator.objects.bulk_create(
        Authenticator(user_id=pk, type=Authenticator.Type.TOTP, data={}) for pk in sorted(factors)
    )
    for user in users:
        identity = HubIdentity.objects.create(hub_id=f"h{user.pk}", username=user.username, user=user)
        for space in spaces:
            if chance.random() < 0.08:
                HubMembership.objects.create(identity=identity, namespace=space.name.upper(), role="admin")
                held[user.pk].add(("author", space.pk, None))
            elif chance.random() < 0.2:
                HubMembership.objects.create(identity=identity, namespace=space.name, role="write")
            for role in ("reviewer", "auditor", "steward"):
                give(chance, held, user, space, None, role, 0.1)
            for repository in chance.sample([one for one in repositories if one.namespace_id == space.pk], 3):
                for role in ("reviewer", "auditor"):
                    give(chance, held, user, space, repository, role, 0.15)

    triples = 0
    for user in users:
        actor = actor_of(User.objects.get(pk=user.pk))
        for verb, roles in WHO.items():
            needs_factor = verb in DECIDES
            expected = {
                one.pk
                for one in repositories
                if any(
                    role in roles and place == one.namespace_id and only in (None, one.pk)
                    for role, place, only in held[user.pk]
                )
                and not (needs_factor and space_of(spaces, one).second_factor and user.pk not in factors)
            }
            if verb == "rule":
                places = set(repo_rights.namespaces_of(actor, tag_rights.RULERS).values_list("pk", flat=True))
                found = {one.pk for one in repositories if one.namespace_id in places}
            else:
                found = set(rights.repositories_for(actor, verb).values_list("pk", flat=True))
                for one in chance.sample(repositories, 1):
                    assert rights.may(actor, verb, one) is (one.pk in expected), (user, verb, one)
            assert found == expected, (user.username, verb)
            triples += len(repositories)
        sees = set(repo_rights.visible_to(actor).values_list("pk", flat=True))
        assert sees == set(rights.repositories_for(actor, "view").values_list("pk", flat=True))
    for one in repositories:
        decide = {
            user.pk
            for user in users
            if any(
                role in WHO["accept"] and place == one.namespace_id and only in (None, one.pk)
                for role, place, only in held[user.pk]
            )
        }
        assert set(rights.reviewers_of(one).values_list("pk", flat=True)) == decide
        triples += len(users)
    assert triples > 100_000


def give(
    chance: random.Random,
    held: dict[int, set[tuple[str, int, int | None]]],
    user: User,
    space: Namespace,
    repository: Repository | None,
    role: str,
    likely: float,
) -> None:
    """Perhaps a role, perhaps one that has ended."""
    if chance.random() > likely:
        return
    ended = chance.random() < 0.25
    Role.objects.create(
        namespace=space, repository=repository, user=user, name=role, ended_at=timezone.now() if ended else None
    )
    if not ended:
        held[user.pk].add((role, space.pk, repository.pk if repository else None))


def space_of(spaces: list[Namespace], repository: Repository) -> Namespace:
    return next(space for space in spaces if space.pk == repository.namespace_id)


@pytest.mark.django_db
def test_a_role_for_one_repository_does_not_follow_it_into_another_namespace():
    user = User.objects.create(username="noor")
    here, there = Namespace.objects.create(name="here"), Namespace.objects.create(name="there")
    moved = Repository.objects.create(namespace=here, hub_id="1", kind="model", name="here/m", gate="manual")
    Role.objects.create(namespace=here, repository=moved, user=user, name="reviewer")
    assert rights.may(actor_of(user), "accept", moved)
    moved.namespace = there
    moved.save()
    assert not rights.may(actor_of(user), "accept", moved)
    assert not rights.reviewers_of(moved).exists()
