"""Accounts, people as the Hub knows them, and what they are in which namespace."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone

from hubgate import rowsets
from hubgate.accounts.models import HubIdentity, HubMembership, User
from hubgate.rowsets import Many

HUB_PROVIDER = "huggingface"  # the `provider_id` of the setting SOCIALACCOUNT_PROVIDERS


@dataclass(frozen=True)
class Person:
    """A person as the Hub shows them. `hub_id` is the stable id; names may have changed since. `verified_orgs` is None
    where the answer does not speak of them, as at a sign-in."""

    hub_id: str
    username: str
    fullname: str = ""
    avatar_url: str = ""
    is_pro: bool = False
    verified_orgs: tuple[str, ...] | None = None


_COPIED = ("username", "fullname", "avatar_url", "is_pro", "verified_orgs")
_ADDED = ("hub_id", *_COPIED, "first_seen_at")


def record_people(people: Iterable[Person]) -> dict[str, HubIdentity]:
    """Take note of people as `people_ids` does. Returns every one of them by Hub id."""
    ids = people_ids(people)
    found = HubIdentity.objects.in_bulk(list(ids.values()))
    return {hub_id: found[pk] for hub_id, pk in ids.items()}


def people_ids(people: Iterable[Person]) -> dict[str, int]:
    """Take note of people as the Hub shows them now, in sets: new ones are added, changed names are updated, someone
    known only by user name gets their id, and whoever did not change is not written. Returns our id of each by Hub id.
    Call inside a transaction."""
    # In one order, so that two lists with the same people, taken in at once, wait for each other and never in a circle.
    shown = {person.hub_id: person for person in sorted(people, key=lambda person: person.hub_id)}
    known = _known(shown)
    missing = {hub_id: person for hub_id, person in shown.items() if hub_id not in known}
    if missing:
        _adopt(missing)
        now = timezone.now()
        fresh = [(hub_id, *_facts(person, []), now) for hub_id, person in missing.items()]
        rowsets.insert(HubIdentity, _ADDED, fresh, skip_known=True)
        ids = HubIdentity.objects.filter(hub_id__one_of=Many(list(missing))).values_list("hub_id", "pk")
        known |= {hub_id: (pk, ()) for hub_id, pk in ids if hub_id is not None}
    changed = {}
    for hub_id, person in shown.items():
        if hub_id in missing:
            continue
        pk, held = known[hub_id]
        facts = _facts(person, held[-1])
        if facts != held:
            changed[pk] = facts
    if changed:
        list(
            # No key changes: rows that refer to these people, such as a decision's notices, may be written meanwhile.
            HubIdentity.objects.select_for_update(no_key=True)
            .filter(pk__one_of=Many(list(changed)))
            .order_by("hub_id")
            .values_list("pk")
        )
        rowsets.update(HubIdentity, _COPIED, [(pk, *facts) for pk, facts in changed.items()])
    return {hub_id: known[hub_id][0] for hub_id in shown}


def _known(hub_ids: Iterable[str]) -> dict[str, tuple[int, tuple[Any, ...]]]:
    """Our id of each Hub id that we know, and the facts of `_COPIED`."""
    rows = HubIdentity.objects.filter(hub_id__one_of=Many(list(hub_ids))).values_list("hub_id", "pk", *_COPIED)
    return {hub_id: (pk, tuple(facts)) for hub_id, pk, *facts in rows if hub_id is not None}


def people_named(usernames: Iterable[str]) -> dict[str, HubIdentity]:
    """Whoever has these user names on the Hub, as far as is known, by name in lower case: somebody whose id is known
    before somebody granted by name; a new unresolved identity for a name never seen."""
    wanted = {username.lower(): username for username in usernames}
    rows = HubIdentity.objects.annotate(lowered=Lower("username")).filter(lowered__one_of=Many(list(wanted)))
    found: dict[str, HubIdentity] = {}
    if not wanted:
        return found
    for identity in rows.order_by(F("hub_id").asc(nulls_first=True), "pk"):
        found[identity.username.lower()] = identity
    missing = sorted(wanted.keys() - found.keys())
    if missing:  # somebody else may name the same people at this moment
        HubIdentity.objects.bulk_create([HubIdentity(username=wanted[name]) for name in missing], ignore_conflicts=True)
        for identity in rows.filter(lowered__one_of=Many(missing)):
            found[identity.username.lower()] = identity
    return found


def person_named(username: str) -> HubIdentity:
    """Whoever has this one user name, as `people_named` gives it."""
    return people_named([username])[username.lower()]


def record_sign_in(user: User, person: Person, memberships: Mapping[str, str]) -> HubIdentity:
    """Tie an account to the person whom the Hub vouches for, and replace what they are in which namespace there
    (`memberships`: namespace name → role)."""
    with transaction.atomic():
        identity = record_people([person])[person.hub_id]
        HubIdentity.objects.filter(user=user).exclude(pk=identity.pk).update(user=None)
        identity.user = user
        identity.save(update_fields=["user"])
        identity.memberships.all().delete()
        HubMembership.objects.bulk_create(
            HubMembership(identity=identity, namespace=name, role=role) for name, role in memberships.items()
        )
    return identity


def ensure_hub_account(person: Person, *, email: str, memberships: Mapping[str, str]) -> User:
    """The account of a person on the Hub, made if there is none: the one that their first sign-in with the Hub leads
    to, because that looks for the same provider and the same stable id."""
    with transaction.atomic():
        known = SocialAccount.objects.filter(provider=HUB_PROVIDER, uid=person.hub_id).select_related("user").first()
        if known is not None:
            found: User = known.user
            return found
        first, _, last = person.fullname.rpartition(" ")
        user = User.objects.create_user(person.username, email=email, first_name=first, last_name=last)
        SocialAccount.objects.create(user=user, provider=HUB_PROVIDER, uid=person.hub_id)
        record_sign_in(user, person, memberships)
    return user


def ensure_operator(*, username: str, password: str | None = None) -> tuple[User, str] | None:
    """Make the first operator if there is none. Returns the account and its password (random unless given); None where
    an operator exists."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    secret = password or secrets.token_urlsafe(12)
    return User.objects.create_superuser(username=username, password=secret), secret


def _adopt(missing: Mapping[str, Person]) -> None:
    """Give those whom we know by name only the ids, and the rest, that the Hub shows."""
    names = {person.username.lower(): person for person in missing.values()}
    nameless = (
        HubIdentity.objects.select_for_update()
        .annotate(lowered=Lower("username"))
        .filter(hub_id=None, lowered__one_of=Many(list(names)))
        .order_by("pk")
    )
    for identity in nameless:
        person = names[identity.username.lower()]
        identity.hub_id = person.hub_id
        for name, value in zip(_COPIED, _facts(person, identity.verified_orgs), strict=True):
            setattr(identity, name, value)
        identity.save(update_fields=["hub_id", *_COPIED])


def _facts(person: Person, orgs: Sequence[str]) -> tuple[Any, ...]:
    """The facts of `_COPIED`; `orgs` are the verified organisations where the answer does not speak of them."""
    told = orgs if person.verified_orgs is None else list(person.verified_orgs)
    return person.username, person.fullname, person.avatar_url, person.is_pro, told
