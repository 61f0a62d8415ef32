"""Fills an empty store for the demo: a laboratory, two more authors, repositories with gates of all shapes, requests.

The same people, repositories and requests each time; their times end now.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from hubgate.localhub import arrange, clock, demo_people
from hubgate.localhub.demo_people import Person
from hubgate.localhub.models import AccessRequest, Account, Repo

HOUR = 3600.0
DAY = 24 * HOUR
LICENSE = (
    "Use these files for the purpose that the authors agreed to. Say where they came from. There is no warranty.\n"
)
SAFETENSORS = base64.b64encode((2).to_bytes(8, "little") + b"{}").decode()  # a file of that kind without a tensor
FILES: dict[str, dict[str, Any]] = {
    "model": {
        "LICENSE": LICENSE,
        "config.json": '{\n  "model_type": "aurora",\n  "hidden_size": 64\n}\n',
        "model.safetensors": {"base64": SAFETENSORS, "lfs": True},
    },
    "dataset": {
        "LICENSE": LICENSE,
        "data/train.jsonl": '{"id": 1, "text": "An invented line."}\n{"id": 2, "text": "Another one."}\n',
    },
    "space": {"index.html": "<!doctype html><title>Aurora playground</title><p>Prepared outputs, side by side.</p>\n"},
}


@dataclass(frozen=True)
class Token:
    secret: str
    role: str
    display_name: str


@dataclass(frozen=True)
class Persona:
    """Somebody whom the demo's visitor may be. `roles` is what they are in which namespace on the Hub, their own
    included, and `named` what an author named them for in hubgate."""

    name: str
    username: str
    what: str
    tokens: tuple[Token, ...]
    hub_id: str
    email: str
    roles: dict[str, str]
    named: dict[str, str]


def personas() -> list[Persona]:
    """Whom the visitor may be: who they are on the Hub, a line on what they do, and their tokens. Needs no store."""
    accounts = demo_people.load("accounts")
    return [
        Persona(
            name=given.get("fullname") or demo_people.people()[username].fullname,
            username=username,
            what=given["what"],
            tokens=tuple(Token(one["secret"], one["role"], one["display_name"]) for one in given["tokens"]),
            hub_id=hub_id("user", username),
            email=given.get("email") or demo_people.people()[username].email,
            roles={
                username: "admin",
                **{
                    org: one["members"][username] for org, one in accounts["orgs"].items() if username in one["members"]
                },
            },
            named=given.get("named", {}),
        )
        for username, given in accounts["people"].items()
    ]


def namespaces() -> list[str]:
    """The users and organisations that own a repository of the demo, in the order of `demo_data/repos.yaml`."""
    return list(dict.fromkeys(given["repo"].partition("/")[0] for given in repositories()))


def hub_id(*parts: str) -> str:
    """24 hex digits that are the same in every demo."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def repositories() -> list[dict[str, Any]]:
    """The demo's repositories as `demo_data/repos.yaml` writes them, with their type."""
    return [{"type": "model", **given} for given in demo_people.load("repos")]


def _people(now: float) -> None:
    accounts = demo_people.load("accounts")
    own = accounts["people"]
    joined = {name: clock.at(now - (400 + 3 * number) * DAY) for number, name in enumerate(own)}
    for name, given in own.items():
        values = {key: given[key] for key in ("fullname", "email", "is_pro", "verified_orgs") if key in given}
        arrange.person({"name": name, "hub_id": hub_id("user", name), "created_at": joined[name], **values})
    for number, person in enumerate(demo_people.people().values()):
        arrange.person(
            {
                "name": person.name,
                "hub_id": hub_id("user", person.name),
                "fullname": person.fullname,
                "email": person.email,
                "verified_orgs": list(person.orgs),
                "created_at": clock.at(now - (30 + 11 * number) * DAY),
            }
        )
    for name, given in accounts["orgs"].items():
        arrange.org({"name": name, "hub_id": hub_id("org", name), **given})
    for name, given in own.items():
        for one in given["tokens"]:
            scoped = [
                {
                    **grant,
                    "entity": {"_id": hub_id(grant["entity"]["type"], grant["entity"]["name"]), **grant["entity"]},
                }
                for grant in one.get("scoped", ())
            ]
            arrange.token({**one, "person": name, "scoped": scoped})


def _repo(given: dict[str, Any], number: int, now: float) -> Repo:
    kind, full_name = given["type"], given["repo"]
    card = (demo_people.DATA / "cards" / f"{full_name.partition('/')[2]}.md").read_text(encoding="utf-8")
    more: dict[str, Any] = {
        key: given[key]
        for key in ("creator", "likes", "downloads", "sdk", "hide_people", "hide_emails")
        if key in given
    }
    arrange.repo(
        {
            "repo": full_name,
            "type": kind,
            "hub_id": hub_id(kind, full_name),
            "gated": given["gated"],
            "files": {"README.md": card, **FILES[kind]},
            "created_at": clock.at(now - (90 + 17 * number) * DAY),
            "last_modified": clock.at(now - (5 + 7 * number) * DAY),
            **more,
        }
    )
    return arrange.find_repo({"repo": full_name, "type": kind})


def _times(status: str, gate: str, now: float, choose: random.Random) -> tuple[float, float | None]:
    """When somebody asked, and when they were answered; nobody reviews where the gate lets everybody in."""
    if status == "pending":
        return now - min(choose.expovariate(1 / (2.5 * DAY)) + HOUR / 2, 12 * DAY), None
    asked = now - choose.uniform(4 * DAY, 60 * DAY)
    if gate == "auto":
        return asked, None
    return asked, min(asked + choose.uniform(3 * HOUR, 6 * DAY), now - HOUR)


def _requests(given: dict[str, Any], found: Repo, accounts: dict[str, Account], now: float) -> Iterator[AccessRequest]:
    choose = random.Random(f"demo {found.full_name}")  # noqa: S311
    reasons = demo_people.load("reasons")
    reviewers = ["mkeller", "tnovak"] if found.owner.kind == Account.Kind.ORG else [found.owner.name]
    known = given.get("known", {})
    own = demo_people.load("accounts")["people"]
    crowd = [person for person in demo_people.people().values() if person.name not in own]
    choose.shuffle(crowd)
    wanted = [status for status, count in given.get("counts", {}).items() for _ in range(count)]
    rows: list[tuple[Person, str, float, float | None]] = []
    for person, status in zip(crowd, wanted, strict=False):
        rows.append((person, status, *_times(status, found.gated, now, choose)))
    for name, one in known.items():
        reviewed = now - one["decided"] * HOUR if "decided" in one else None
        rows.append((demo_people.people()[name], one["status"], now - one["asked"] * HOUR, reviewed))
    for person, status, asked, reviewed in rows:
        reason = choose.choice(reasons[status]) if status in reasons else ""
        yield AccessRequest(
            request_id=hub_id("request", found.type, found.full_name, person.name),
            repo=found,
            person=accounts[person.name],
            status=status,
            timestamp=clock.at(asked),
            reviewed_at=clock.at(reviewed) if reviewed else None,
            granted_by=accounts[choose.choice(reviewers)] if status == "accepted" and reviewed else None,
            fields=demo_people.answers(found.card, given.get("texts", {}), person, today(asked), choose) or None,
            rejection_reason=reason if status == "rejected" else "",
            reset_reason=reason if status == "reset" else "",
        )


def today(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


@transaction.atomic
def fill() -> None:
    """Fills an empty store."""
    now = clock.seconds(clock.now())
    _people(now)
    accounts = {account.name: account for account in Account.objects.all()}
    for number, given in enumerate(repositories()):
        found = _repo(given, number, now)
        AccessRequest.objects.bulk_create(_requests(given, found, accounts, now), batch_size=200)
