"""The text of a mail: of one notice, or of a digest of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Min, Window
from django.db.models.functions import RowNumber
from django.template.loader import render_to_string
from django.urls import reverse

from hubgate.notify import catalogue, places
from hubgate.notify.catalogue import Rendered
from hubgate.notify.models import Delivery, Digest, Notification
from hubgate.notify.queries import preferences_of
from hubgate.notify.rules import known_zone

NAMED = 10  # notices of a kind that are named for each repository; the others are counted
REPOSITORIES = 20
_IN_SUBJECT = 3
_WHY = "You get this because you decide for these repositories, or have access to them, and chose a digest."


@dataclass(frozen=True)
class Item:
    """One notice in a digest."""

    line: str
    link: str


@dataclass
class Kind:
    """The notices of one kind about one repository: how many, the first of them, how many more."""

    counted: str
    items: list[Item]
    more: int


@dataclass
class Group:
    """What a digest tells of one repository (or of a namespace itself)."""

    name: str
    standing: str
    link: str
    kinds: list[Kind] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    kind: str
    data: dict[str, Any]
    namespace_id: int | None
    repository_id: int | None


def of_delivery(delivery: Delivery) -> Rendered:
    """What a mail says, with where to choose otherwise. KeyError where no app registered its kind."""
    if delivery.digest is not None:
        return of_digest(delivery.digest)
    assert delivery.notification is not None
    return of_notice(delivery.notification.kind, delivery.notification.data)


def of_notice(kind: str, data: dict[str, Any]) -> Rendered:
    """The mail of one notice; what has a topic says where its reader chooses how soon they are told."""
    text = catalogue.render(kind, data)
    if catalogue.topic_of(kind) is None:
        return text
    return Rendered(text.title, f"{text.body}Choose how you are told: {settings_link()}\n", text.why)


def of_digest(digest: Digest) -> Rendered:
    """The mail of a digest: by repository, counted, the first ten of each kind by name. Seven queries at most."""
    mine = Notification.objects.filter(digest=digest)
    by_kind = ("namespace_id", "repository_id", "kind")
    counts = {
        (row["namespace_id"], row["repository_id"], row["kind"]): row["number"]
        for row in mine.order_by().values(*by_kind).annotate(number=Count("pk"))
    }
    first = (
        mine.annotate(place=Window(RowNumber(), partition_by=[F(name) for name in by_kind], order_by="pk"))
        .filter(place__lte=NAMED)
        .order_by("pk")
    )
    rows = [_Row(row.kind, row.data, row.namespace_id, row.repository_id) for row in first]
    oldest = mine.aggregate(oldest=Min("created_at"))["oldest"]
    zone = known_zone(preferences_of([digest.user_id])[digest.user_id].zone)
    since = f"{oldest.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M}, {zone}" if oldest else ""
    return _rendered(str(digest.user), rows, counts, since)


def sample_digest(name: str, kinds: Iterable[str]) -> Rendered:
    """A digest as it would look, with invented notices of these kinds."""
    messages = catalogue.messages()
    rows = [_Row(kind, dict(messages[kind].sample), None, None) for kind in kinds]
    return _rendered(name, rows, {(None, None, row.kind): 12 for row in rows}, "")


def settings_link() -> str:
    """Where one chooses how one is told; from a mail, so with hubgate's own address."""
    return settings.PUBLIC_URL + reverse("notify:settings")


def _rendered(
    name: str, rows: Sequence[_Row], counts: dict[tuple[int | None, int | None, str], int], since: str
) -> Rendered:
    standing = places.registry.standing(sorted({row.repository_id for row in rows if row.repository_id}))
    groups: dict[tuple[str, int | str], Group] = {}
    kinds: dict[tuple[tuple[str, int | str], str], Kind] = {}
    for row in rows:
        title = str(row.data.get("repository") or row.data.get("namespace") or "hubgate")
        key = ("repository", row.repository_id) if row.repository_id else ("name", title)
        known = standing.get(row.repository_id or 0, places.Standing("", ""))
        group = groups.setdefault(key, Group(title, known.sentence, known.link))
        number = counts[row.namespace_id, row.repository_id, row.kind]
        if (key, row.kind) not in kinds:
            kinds[key, row.kind] = Kind(catalogue.counted(row.kind, number), [], number)
            group.kinds.append(kinds[key, row.kind])
        entry = kinds[key, row.kind]
        entry.items.append(Item(catalogue.line(row.kind, row.data), str(row.data.get("link") or "")))
        entry.more -= 1
    ordered = sorted(groups.values(), key=lambda group: group.name.lower())
    title = _subject(counts, ordered)
    context = {
        "name": name,
        "since": since,
        "groups": ordered[:REPOSITORIES],
        "others": len(ordered) - REPOSITORIES,
        "all_link": settings.PUBLIC_URL + reverse("notify:notices"),
        "settings_link": settings_link(),
        "why": _WHY,
    }
    return Rendered(title, render_to_string("notify/digest.txt", context).strip() + "\n", _WHY)


def _subject(counts: dict[tuple[int | None, int | None, str], int], groups: Sequence[Group]) -> str:
    """`390 new requests, 2 decisions refused: aurora-lab/tiny-gated`."""
    totals: dict[str, int] = {}
    for (_, _, kind), number in counts.items():
        totals[kind] = totals.get(kind, 0) + number
    order = list(catalogue.messages())
    told = [catalogue.counted(kind, totals[kind]) for kind in sorted(totals, key=order.index)]
    rest = len(told) - _IN_SUBJECT
    words = ", ".join(told[:_IN_SUBJECT]) + (f" and {rest} more kinds of news" if rest > 0 else "")
    where = groups[0].name if len(groups) == 1 else f"{len(groups)} repositories"
    return f"{words}: {where}"
