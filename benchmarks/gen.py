"""Seeded access requests in the Hub's shape: every row follows from its place, so that nothing has to be remembered.

A data set is a number of repositories (sizes by Zipf), each with the requests 0…n-1, newest first. Which person asked,
with which status and when, is arithmetic on (repository, place): the page that the fake Hub serves, the row that is
loaded straight into the tables, and the oracle that a result is checked against are the same by construction.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import gcd
from typing import Any

import orjson

PAGE = 1000
STATUSES = ("pending", "accepted", "rejected", "reset")
TOKEN = "hf_benchmark_write"
ACCOUNT = "bench-owner"
PASSWORD = "only-for-benchmarks"  # of every account
SOLO = "bench-solo"
NEWEST = datetime(2026, 10, 1, tzinfo=UTC)
_SPAN_S = 2 * 365 * 86400
_REPOSITORIES_EACH = 200
_SOLO_INDEX = 1
_FIRST = ("jordan", "riley", "sam", "amara", "yuki", "lena", "omar", "priya", "chen", "mateo", "noor", "ingrid")
_LAST = ("park", "okafor", "tanaka", "weber", "haddad", "iyer", "silva", "larsen", "novak", "kim", "moreau", "reyes")
_DOMAINS = ("northlake.edu", "gmail.com", "uni-tal.example", "outlook.com", "acme-labs.example", "protonmail.com")
_COUNTRIES = ("DE", "FR", "US", "IN", "JP", "BR", "NG", "KR", "GB", "CA")
_USES = (
    "reproduce the evaluation of the paper",
    "fine-tune for a course",
    "red-team the safety filter",
    "benchmark it",
)
CARD = """---
extra_gated_fields:
  Affiliation: text
  Country: country
  Intended use: text
  I agree to the licence: checkbox
---
# A gated model
"""


@dataclass(frozen=True)
class Person:
    """Somebody who asks."""

    hub_id: str
    username: str
    fullname: str
    email: str
    avatar_url: str
    organisations: tuple[str, ...]


@dataclass(frozen=True)
class Repo:
    """A repository and how many requests it has."""

    index: int
    name: str
    namespace: str
    hub_id: str
    sha: str
    rows: int


@dataclass(frozen=True)
class Row:
    """One request, as the Hub knows it. Times are UTC."""

    request_id: str
    person: int
    status: str
    asked_at: datetime
    reviewed_at: datetime | None
    answers: dict[str, str]


@dataclass(frozen=True)
class Dataset:
    """`rows` requests over 200 repositories (1,000 from a million rows on, 40 below ten thousand), by three tenths as
    many people."""

    rows: int

    @property
    def people(self) -> int:
        """How many people there are to ask: ids 0…people-1."""
        return max(500, self.rows * 3 // 10)

    @cached_property
    def repositories(self) -> list[Repo]:
        """All of them, the largest first; sizes fall as 1/rank."""
        number = 1000 if self.rows >= 1_000_000 else _REPOSITORIES_EACH if self.rows >= 10_000 else 40
        weight = sum(1 / rank for rank in range(1, number + 1))
        sizes = [max(1, int(self.rows / weight / rank)) for rank in range(1, number + 1)]
        sizes[0] += self.rows - sum(sizes)
        found = []
        for index, size in enumerate(sizes):
            namespace = SOLO if index == _SOLO_INDEX else f"bench-lab-{index % max(1, number // _REPOSITORIES_EACH)}"
            found.append(
                Repo(
                    index, f"{namespace}/model-{index:04d}", namespace, f"{0xA0000 + index:024x}", f"{index:040x}", size
                )
            )
        return found

    @property
    def namespaces(self) -> list[str]:
        """Their names; the first is the wide reviewer's, `SOLO` has one repository."""
        return list(dict.fromkeys(repo.namespace for repo in self.repositories))

    def person(self, number: int) -> Person:
        """The person of this number."""
        first, last = _FIRST[number % 12], _LAST[number // 12 % 12]
        domain = _DOMAINS[number % 7 % len(_DOMAINS)]
        return Person(
            hub_id=f"{0xB00000000 + number:024x}",
            username=f"{first}-{last}-{number}",
            fullname=f"{first.title()} {last.title()}",
            email=f"{first}.{last}{number}@{domain}",
            avatar_url=f"/avatars/{number:x}.svg",
            organisations=("Acme Labs",) if number % 10 == 0 else (),
        )

    def row(self, repo: Repo, place: int) -> Row:
        """The request at this place of a repository, 0 the newest. One person asks a repository once."""
        step = _coprime(7919 + 2 * repo.index, self.people)
        person = (repo.index * 104_729 + place * step) % self.people
        chance = _chance(repo, place)
        status = self.status(repo, place)
        slot_s = _SPAN_S / repo.rows
        asked_at = NEWEST - timedelta(
            seconds=int(place * slot_s + chance % 1000 / 1000 * slot_s), milliseconds=chance % 997
        )
        return Row(
            request_id=f"{(repo.index << 32) + place:024x}",
            person=person,
            status=status,
            asked_at=asked_at,
            reviewed_at=None if status == "pending" else asked_at + timedelta(days=1 + chance % 5),
            answers={
                "Affiliation": f"University of {_LAST[person % 12].title()}",
                "Country": _COUNTRIES[chance % 10],
                "Intended use": _USES[chance // 16 % 4],
                "I agree to the licence": "on",
            },
        )

    def status(self, repo: Repo, place: int) -> str:
        """The status of the request at this place: a fifth waits, 65 % are accepted."""
        twentieth = _chance(repo, place) % 20
        return "pending" if twentieth < 4 else "accepted" if twentieth < 17 else "rejected"

    def all_rows(self, repo: Repo) -> Iterator[Row]:
        """Every request of a repository, newest first."""
        return (self.row(repo, place) for place in range(repo.rows))

    def item(self, row: Row) -> dict[str, Any]:
        """A request as an item of the Hub's list (HC §1.2)."""
        person = self.person(row.person)
        item: dict[str, Any] = {
            "requestId": row.request_id,
            "user": {
                "_id": person.hub_id,
                "avatarUrl": person.avatar_url,
                "isPro": False,
                "fullname": person.fullname,
                "user": person.username,
                "type": "user",
                "verifiedOrgNames": list(person.organisations),
                "email": person.email,
            },
            "timestamp": wire_time(row.asked_at),
            "status": row.status,
            "fields": row.answers,
        }
        if row.reviewed_at is not None:
            item["reviewedAt"] = wire_time(row.reviewed_at)
        return item

    def pages(self, repo: Repo) -> Iterator[tuple[str, list[bytes]]]:
        """The repository's four lists as the Hub sends them: status, then its pages as JSON."""
        lists: dict[str, list[bytes]] = {status: [] for status in STATUSES}
        for row in self.all_rows(repo):
            lists[row.status].append(orjson.dumps(self.item(row)))
        for status, items in lists.items():
            cut = [items[start : start + PAGE] for start in range(0, len(items), PAGE)] or [[]]
            yield status, [b"[" + b",".join(page) + b"]" for page in cut]


def wire_time(at: datetime) -> str:
    """A time (UTC) as the Hub writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _chance(repo: Repo, place: int) -> int:
    return zlib.crc32(b"%d-%d" % (repo.index, place))


def _coprime(wanted: int, number: int) -> int:
    while gcd(wanted, number) != 1:
        wanted += 1
    return wanted
