"""What a list can be narrowed to: the values that occur most among what waits, never all of them (field report 74)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

from access.models import AccessRequest
from access.queries.filters import Filter, matching
from access.queries.scope import concealed, scope
from hubgate.actors import Actor

SAMPLE = 2000
MOST = 12
_SECONDS = 30


@dataclass(frozen=True)
class Facets:
    """The most frequent countries (codes), organisations and mail domains among the newest `SAMPLE` requests that wait,
    each with how often it was seen there; `people` are the (id, name) of accounts with requests assigned, by name.
    `more`: there are more requests than were looked at, so that the numbers are a sample's."""

    countries: list[tuple[str, int]]
    organisations: list[tuple[str, int]]
    domains: list[tuple[str, int]]
    people: list[tuple[int, str]]
    more: bool


def facets(actor: Actor) -> Facets:
    """What the actor's lists can be narrowed to, at most 30 s old. Two queries where it is not known."""
    ids = sorted(pk for pk, repository in scope(actor).items() if repository.asked)
    hidden = concealed(actor)
    key = "access.facets." + hashlib.sha256(repr((ids, sorted(hidden))).encode()).hexdigest()
    found: Facets | None = cache.get(key)
    if found is None:
        found = _read(actor, hidden)
        cache.set(key, found, _SECONDS)
    return found


def _read(actor: Actor, hidden: frozenset[int]) -> Facets:
    newest = matching(actor, Filter()).order_by("-asked_at", "-pk")
    rows = list(newest.values_list("repository_id", "country", "organisations", "email_domain")[: SAMPLE + 1])
    assigned = (
        AccessRequest.objects.filter(pk__in=matching(actor, Filter(status="")).exclude(assigned_to=None).values("pk"))
        .order_by("assigned_to__first_name", "assigned_to__username")
        .values_list("assigned_to", "assigned_to__first_name", "assigned_to__last_name", "assigned_to__username")
        .distinct()[:MOST]
    )
    seen = rows[:SAMPLE]
    return Facets(
        countries=_most(country for pk, country, _, _ in seen if pk not in hidden),
        organisations=_most(name for _, _, names, _ in seen for name in names.split("|")),
        domains=_most(domain for pk, _, _, domain in seen if pk not in hidden),
        people=[(pk, f"{first} {last}".strip() or username) for pk, first, last, username in assigned],
        more=len(rows) > SAMPLE,
    )


def _most(values: Iterable[str]) -> list[tuple[str, int]]:
    counted = Counter(value for value in values if value)
    return sorted(counted.most_common(MOST), key=lambda item: (-item[1], item[0]))
