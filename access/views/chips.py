"""The filters of a list: what is in force, each with the list without it, and what else there is to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma

from access import messages, queries, rules, states
from access.queries import Count, Decided, Facets
from access.views.listing import Listing
from hubgate.actors import Actor

STATUSES = {
    states.PENDING: "Pending",
    states.ACCEPTED: "Accepted",
    states.REJECTED: "Rejected",
    states.RESET: "Reset",
    states.WITHDRAWN: "Withdrawn",
    "": "All",
}
MAIL = {
    "institutional": "Institutional mail",
    "free": "Free mail",
    "disposable": "Disposable mail",
    "": "No mail known",
}
AGES = (1, 2, 7, 14, 30, 90, 365)
RENEWALS = queries.Filter(status=states.ACCEPTED, renewal=True)
_SHOWN = 3  # repositories with a chip of their own


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the address of the list without it or with it. `count` is empty where it is not known."""

    label: str
    url: str
    current: bool = False
    count: str = ""


def told(count: Count | None) -> str:
    """`1,000+`; empty for none and for what was not counted."""
    return f"{intcomma(count.number)}{'+' if count.more else ''}" if count and count.number else ""


def statuses(listing: Listing, by_status: Mapping[str, Count]) -> list[Chip]:
    """One chip for each status, of which one is always in force."""
    wanted = listing.wanted
    return [
        Chip(word, listing.with_filter(status=status).url, status == wanted.status, told(by_status.get(status)))
        for status, word in STATUSES.items()
    ]


def renewals(listing: Listing, found: Count) -> Chip | None:
    """The chip that leads to those who ask to renew; None where nobody does, and where it is in force already."""
    if not found.number or listing.wanted.renewal:
        return None
    return Chip("Renewal asked", Listing(RENEWALS).url, count=told(found))


def active(listing: Listing, known: Mapping[int, Decided], people: Mapping[str, str]) -> list[Chip]:
    """One chip for each filter in force beside the status, leading to the list without it. `people` are the names of
    accounts by id."""
    wanted = listing.wanted
    chips = [*_repositories(listing, known)]
    for name, label in (
        ("countries", rules.country_name),
        ("organisations", str),
        ("domains", str),
        ("mail", MAIL.__getitem__),
    ):
        values: tuple[str, ...] = getattr(wanted, name)
        for value in values:
            rest = tuple(other for other in values if other != value)
            chips.append(Chip(label(value), listing.with_filter(**{name: rest}).url))
    if wanted.older:
        chips.append(Chip(f"Over {messages.days(wanted.older)} old", listing.with_filter(older=0).url))
    if wanted.newer:
        chips.append(Chip(f"Within {messages.days(wanted.newer)}", listing.with_filter(newer=0).url))
    if wanted.assigned:
        who = {queries.ME: "me", queries.NOBODY: "nobody"} | dict(people)
        chips.append(
            Chip(f"Assigned to {who.get(wanted.assigned, 'somebody else')}", listing.with_filter(assigned="").url)
        )
    if wanted.renewal:
        chips.append(Chip("Renewal asked", listing.with_filter(renewal=False).url))
    if wanted.ends:
        chips.append(Chip(f"Ends within {messages.days(wanted.ends)}", listing.with_filter(ends=0).url))
    if wanted.text:
        chips.append(Chip(f"“{wanted.text}”", listing.with_filter(text="").url))
    return chips


def _repositories(listing: Listing, known: Mapping[int, Decided]) -> list[Chip]:
    wanted = listing.wanted.repositories
    mine = [pk for pk in wanted if pk in known]
    chips = [
        Chip(known[pk].name, listing.with_filter(repositories=tuple(other for other in wanted if other != pk)).url)
        for pk in mine[:_SHOWN]
    ]
    rest = len(wanted) - len(chips)
    if rest:
        kind = "more" if chips else "other"
        label = f"1 {kind} repository" if rest == 1 else f"{rest} {kind} repositories"
        chips.append(Chip(label, listing.with_filter(repositories=tuple(mine[:_SHOWN])).url))
    return chips


@dataclass(frozen=True)
class Option:
    """One choice of a select or a list of suggestions."""

    value: str
    label: str
    chosen: bool = False


def choices(listing: Listing, found: Facets, known: Mapping[int, Decided]) -> dict[str, Any]:
    """What the form of filters offers. Countries, organisations and domains are suggestions: anything may be typed."""
    wanted = listing.wanted

    def often(pairs: Sequence[tuple[str, int]], label: Any = str) -> list[Option]:
        of = f"of the newest {queries.SAMPLE:,}" if found.more else "waiting"
        return [Option(label(value), f"{number:,} {of}") for value, number in pairs]

    assigned = [(queries.ME, "Me"), (queries.NOBODY, "Nobody"), *((str(pk), name) for pk, name in found.people)]
    if wanted.assigned and wanted.assigned not in dict(assigned):
        assigned.append((wanted.assigned, "Somebody else"))
    return {
        "repositories": [
            Option(str(pk), repository.name, pk in wanted.repositories)
            for pk, repository in known.items()
            if repository.asked
        ],
        "countries": often(found.countries, rules.country_name),
        "organisations": often(found.organisations),
        "domains": often(found.domains),
        "mail": [Option(kind or "none", word, kind in wanted.mail) for kind, word in MAIL.items()],
        "older": _ages(wanted.older),
        "newer": _ages(wanted.newer),
        "ends": _ages(wanted.ends),
        "assigned": [Option(value, name, value == wanted.assigned) for value, name in assigned],
    }


def _ages(chosen: int) -> list[Option]:
    numbers = sorted({*AGES, chosen} - {0})
    return [Option(str(number), messages.days(number), number == chosen) for number in numbers]


def facts(actor: Actor, listing: Listing) -> dict[str, Any]:
    """The filters of a list, for its head."""
    known, found = queries.scope(actor), queries.facets(actor)
    return {
        "active": active(listing, known, {str(pk): name for pk, name in found.people}),
        "choices": choices(listing, found, known),
        "kept": [
            (name, value)
            for name, value in listing.parameters
            if name in ("status", "country", "organisation", "domain", "renewal", "q")
        ],
        "all_statuses": listing.with_filter(status="").url,
        "without_filters": Listing(queries.Filter(status=listing.wanted.status)).url,
        "one_namespace": len({repository.name.partition("/")[0] for repository in known.values()}) < 2,
        "anybody_asked": any(repository.asked for repository in known.values()),
    }
