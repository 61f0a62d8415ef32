"""Lists of access requests and the report (HC §1.2, §1.5), cheap for repositories with 100,000 and more of them.

The ORM writes the SQL; rows are taken from the cursor as they are, JSON columns as text that goes out unparsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import Q, QuerySet

from hubgate.localhub import reads
from hubgate.localhub.controls import CONTROLS
from hubgate.localhub.models import AccessRequest, Account, Repo

CHUNK = 2000


class Row(NamedTuple):
    """A request with its person as the cursor gives it: booleans are 0 or 1, `fields` and `verified_orgs` JSON text."""

    id: int
    request_id: str
    status: str
    timestamp: str
    reviewed_at: str | None
    fields: str | None
    shares_email: int
    person_id: int
    granted_by_id: int | None
    hub_id: str
    avatar_url: str
    is_pro: int
    fullname: str
    name: str
    verified_orgs: str
    email: str


OWN = ("id", "request_id", "status", "timestamp", "reviewed_at", "fields", "shares_email", "person_id", "granted_by_id")
COLUMNS = (*OWN, *(f"person__{key}" for key in Row._fields[len(OWN) :]))


def _rows(requests: QuerySet[AccessRequest], size: int = CHUNK) -> Iterator[list[Any]]:
    """The rows of a query in chunks, as plain tuples in the order of `Row`."""
    sql, params = requests.values_list(*COLUMNS).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(size):
            yield chunk


def row(repo: Repo, person_id: int) -> Row | None:
    """One person's request."""
    for chunk in _rows(AccessRequest.objects.filter(repo=repo, person_id=person_id)):
        return Row._make(chunk[0])
    return None


def _granters(ids: set[int | None]) -> dict[int | None, dict[str, Any]]:
    """`grantedBy` objects by account; they have no e-mail and no organisations."""
    wanted = [pk for pk in ids if pk is not None]
    found = Account.objects.filter(id__in=wanted) if wanted else ()
    return {
        granter.pk: {
            "_id": granter.hub_id,
            "avatarUrl": granter.avatar_url,
            "isPro": granter.is_pro,
            "fullname": granter.fullname,
            "user": granter.name,
            "type": "user",
        }
        for granter in found
    }


def _items(repo: Repo, rows: list[Any]) -> list[dict[str, Any]]:
    granters = _granters({row[8] for row in rows})
    with_ids, people, emails = CONTROLS.request_ids, not repo.hide_people, not repo.hide_emails
    fragment = orjson.Fragment
    out = []
    for (
        _, request_id, status, timestamp, reviewed_at, fields, shares_email, _, granted_by_id,
        hub_id, avatar_url, is_pro, fullname, name, verified_orgs, email,
    ) in rows:  # fmt: skip
        item: dict[str, Any] = {"requestId": request_id} if with_ids else {}
        if people:
            item["user"] = user = {
                "_id": hub_id,
                "avatarUrl": avatar_url,
                "isPro": bool(is_pro),
                "fullname": fullname,
                "user": name,
                "type": "user",
                "verifiedOrgNames": fragment(verified_orgs),
            }
            if emails and shares_email and email:
                user["email"] = email
        item["timestamp"] = timestamp
        if reviewed_at:
            item["reviewedAt"] = reviewed_at
        item["status"] = status
        if fields:
            item["fields"] = fragment(fields)
        if granted_by_id in granters:
            item["grantedBy"] = granters[granted_by_id]
        out.append(item)
    return out


def page(repo: Repo, status: str, query: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """A page of access requests, ready for orjson, and the cursor of the next page (empty on the last).

    `query` comes from `validation.list_query`. `q` matches the start of the user name in any case; `after` and `before`
    exclude their own moment. Newest first by the time of the request, although the Hub documents no order (HC §1.2).
    """
    requests = AccessRequest.objects.filter(repo=repo, status=status)
    if query["q"]:
        requests = requests.filter(person__folded__startswith=query["q"].lower())
    if "after" in query:
        requests = requests.filter(timestamp__gt=query["after"])
    if "before" in query:
        requests = requests.filter(timestamp__lt=query["before"])
    late = CONTROLS.shown_late(repo.pk)
    extra: list[Row] = [old for old in late.values() if old and _belongs(old, status, query)]
    if late:
        requests = requests.exclude(person_id__in=list(late))
    if query["cursor"]:
        timestamp, row_id = reads.decode_cursor(query["cursor"], str, int)
        requests = requests.filter(Q(timestamp__lte=timestamp) & (Q(timestamp__lt=timestamp) | Q(id__lt=row_id)))
        extra = [old for old in extra if (old.timestamp, old.id) < (timestamp, row_id)]
    limit = query["limit"]
    rows = [one for chunk in _rows(requests.order_by("-timestamp", "-id")[: limit + 1]) for one in chunk]
    if extra:
        rows = sorted([*rows, *extra], key=lambda one: (one[3], one[0]), reverse=True)
    shown = rows[:limit]
    cursor = reads.encode_cursor(shown[-1][3], shown[-1][0]) if len(rows) > limit else ""
    return _items(repo, shown), cursor


def _belongs(old: Row, status: str, query: dict[str, Any]) -> bool:
    """Whether the older state of a row that was just written belongs on this list."""
    return (
        old.status == status
        and old.name.lower().startswith(query["q"].lower())
        and query.get("after", "") < old.timestamp < query.get("before", "~")
    )


def report(repo: Repo) -> Iterator[dict[str, Any]]:
    """The access report: all statuses, newest first (HC §1.5)."""
    names = {
        pk: {"fullname": granter["fullname"], "user": granter["user"]}
        for pk, granter in _granters(
            set(AccessRequest.objects.filter(repo=repo).values_list("granted_by", flat=True).distinct())
        ).items()
    }
    for chunk in _rows(AccessRequest.objects.filter(repo=repo).order_by("-timestamp", "-id")):
        for one in map(Row._make, chunk):
            entry: dict[str, Any] = {}
            if not repo.hide_people:
                entry |= {"fullname": one.fullname, "user": one.name}
                if one.shares_email and one.email and not repo.hide_emails:
                    entry["email"] = one.email
            entry["time"] = one.timestamp
            if one.reviewed_at:
                entry["reviewedAt"] = one.reviewed_at
            entry["status"] = one.status
            if one.granted_by_id in names:
                entry["grantedBy"] = names[one.granted_by_id]
            yield entry
