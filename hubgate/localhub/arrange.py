"""Arranges states for the control door and the seeds: plain data in, rows out.

Every function takes the JSON object that the door documents and raises `Refusal` 400 with the reason if it is not one.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from hubgate.localhub import blobs, card, clock, states, stock
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import AccessRequest, Account, Commit, Ref, Repo
from hubgate.localhub.settings import BLOBS

TABLES = (
    "localhub_delivery", "localhub_webhook", "localhub_accessrequest", "localhub_discussionevent",
    "localhub_discussion", "localhub_repofile", "localhub_ref", "localhub_commit", "localhub_oldname", "localhub_repo",
    "localhub_token", "localhub_membership", "localhub_account",
)  # fmt: skip
PERSON_KEYS = ("hub_id", "fullname", "email", "email_verified", "is_pro", "avatar_url", "verified_orgs", "created_at")
TOKEN_KEYS = ("secret", "role", "display_name", "can_read_gated_repos", "global_permissions", "scoped", "expired")
REPO_KEYS = (
    "hub_id", "private", "disabled", "org_members_gated", "notifications_mode", "notifications_email", "hide_people",
    "hide_emails", "sdk", "downloads", "likes", "created_at", "last_modified",
)  # fmt: skip


def empty() -> None:
    """Deletes everything in the store."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    shutil.rmtree(BLOBS, ignore_errors=True)


def wanted(given: Mapping[str, Any], known: tuple[str, ...], *more: str) -> dict[str, Any]:
    """The known keys of an object; a key that nobody knows is a mistake and refused."""
    unknown = sorted(set(given) - set(known) - set(more))
    if unknown:
        raise Refusal(400, f"Unknown key {', '.join(unknown)}; known are {', '.join(sorted({*known, *more}))}")
    return {key: given[key] for key in known if key in given}


def _account(name: object, kind: str = "user") -> Account:
    found = Account.objects.filter(folded=str(name).lower(), kind=kind).first()
    if found is None:
        raise Refusal(
            400, f"There is no {'person' if kind == 'user' else 'organisation'} named {name!r}; make it first"
        )
    return found


def find_repo(given: Mapping[str, Any]) -> Repo:
    """The repository named by `repo` ("owner/name") and `type` (default model)."""
    kind = given.get("type", "model")
    found = Repo.objects.select_related("owner").filter(type=kind, folded=str(given.get("repo", "")).lower()).first()
    if found is None:
        raise Refusal(400, f"There is no {kind} named {given.get('repo')!r}; make it first")
    return found


def person(given: Mapping[str, Any]) -> dict[str, Any]:
    """{name, fullname?, email?, is_pro?, verified_orgs?, hub_id?, …, tokens?: [{secret?, role?, …}]}."""
    values = wanted(given, PERSON_KEYS, "name", "tokens")
    account = stock.account(str(given["name"]), **values)
    tokens = [token({"person": account.name, **one})["token"] for one in given.get("tokens", ())]
    return {"_id": account.hub_id, "name": account.name, "tokens": tokens}


def org(given: Mapping[str, Any]) -> dict[str, Any]:
    """{name, fullname?, members?: {person: role}}; a role of null takes the member out."""
    values = wanted(given, PERSON_KEYS, "name", "members")
    account = stock.account(str(given["name"]), kind="org", **values)
    for name, role in given.get("members", {}).items():
        if role is None:
            account.memberships.filter(person=_account(name)).delete()
        elif role in ("admin", "write", "contributor", "read"):
            stock.membership(account, _account(name), role)
        else:
            raise Refusal(400, f"Unknown role {role!r}; known are admin, write, contributor, read")
    return {"_id": account.hub_id, "name": account.name}


def token(given: Mapping[str, Any]) -> dict[str, Any]:
    """{person, secret?, role?: read|write|fineGrained, can_read_gated_repos?, scoped?, expired?}."""
    values = wanted(given, TOKEN_KEYS, "person")
    if values.get("role", "write") not in ("read", "write", "fineGrained"):
        raise Refusal(400, f"Unknown role {values['role']!r}; known are read, write, fineGrained")
    return {"token": stock.token(_account(given.get("person")), **values).secret}


def _file(spec: Any) -> Any:
    """A file as text, or {text | base64 | zeros: N bytes, lfs?, xet_hash?}."""
    if isinstance(spec, str):
        return spec
    if not isinstance(spec, dict):
        raise Refusal(400, "A file is a text or an object with text, base64 or zeros")
    more = {key: spec[key] for key in ("lfs", "xet_hash") if key in spec}
    if "base64" in spec:
        return {"bytes": base64.b64decode(spec["base64"]), **more}
    if "zeros" in spec:
        return {"bytes": bytes(int(spec["zeros"])), **more}
    return {"text": spec.get("text", ""), **more}


def repo(given: Mapping[str, Any]) -> dict[str, Any]:
    """{repo: "owner/name", type?, gated?: false|"auto"|"manual", private?, files?: {path: file}, creator?, tags?}."""
    values = wanted(given, REPO_KEYS, "repo", "type", "gated", "files", "creator", "tags")
    kind, name = given.get("type", "model"), str(given.get("repo", ""))
    if kind not in Repo.Type.values or name.count("/") != 1:
        raise Refusal(400, f"{kind} {name!r} is no repository; write type model, dataset or space and repo owner/name")
    if not Account.objects.filter(folded=name.split("/")[0].lower()).exists():
        raise Refusal(400, f"There is no namespace {name.split('/')[0]!r}; make the person or organisation first")
    if "gated" in given:
        if given["gated"] not in (False, "auto", "manual"):
            raise Refusal(400, f"gated is false, auto or manual, not {given['gated']!r}")
        values["gated"] = given["gated"] or ""
    if given.get("creator"):
        values["creator"] = _account(given["creator"])
    files = {path: _file(spec) for path, spec in given["files"].items()} if given.get("files") is not None else None
    found = stock.repo(kind, name, files=files, **values)
    later: dict[str, Any] = {key: values[key] for key in ("last_modified", "created_at") if key in values}
    if later or "tags" in given:
        # A commit sets its own time and the card's tags; what was asked for wins.
        later |= {"tags": list(given["tags"])} if "tags" in given else {}
        Repo.objects.filter(pk=found.pk).update(**later)
    return {"_id": found.hub_id, "id": found.full_name, "sha": found.sha}


def commit(given: Mapping[str, Any]) -> Commit:
    """{repo, type?, files: {path: file or null}, title?, branch?}: changes these files of a branch."""
    wanted(given, ("repo", "type", "files", "title", "branch", "author"))
    found, branch = find_repo(given), str(given.get("branch", "main"))
    base = Ref.objects.filter(repo=found, ref__in=(f"refs/heads/{branch}", "refs/heads/main")).select_related("commit")
    head = base.filter(name=branch).first() or base.first()
    files: dict[str, Any] = {}
    for file in head.commit.files.all() if head else ():
        files[file.path] = {"bytes": blobs.read(file.sha256), "lfs": file.lfs, "xet_hash": file.xet_hash}
    for path, spec in given["files"].items():
        if spec is None:
            files.pop(path, None)
        else:
            files[path] = _file(spec)
    author = str(given.get("author") or found.owner.name)
    return stock.commit(found, files, author=author, title=str(given.get("title", "")), branch=branch)


def _time(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key)
    try:
        return clock.read(value) if value else None
    except (ValueError, TypeError) as error:
        raise Refusal(400, f"{key}: {error}") from None


REQUEST_KEYS = (
    "user", "status", "timestamp", "reviewedAt", "grantedBy", "fields", "sharesEmail", "rejectionReason", "resetReason",
    "requestId",
)  # fmt: skip


@transaction.atomic
def request(found: Repo, given: Mapping[str, Any]) -> dict[str, Any]:
    """{user, status, timestamp?, reviewedAt?, grantedBy?, fields?, sharesEmail?, …}: one request (see `REQUEST_KEYS`).

    A person who is not there yet is made. Status `none` takes the request away. Unless given, a decided request was
    reviewed now, and an accepted one by the repository's owner.
    """
    wanted(given, REQUEST_KEYS)
    account = Account.objects.filter(folded=str(given["user"]).lower(), kind="user").first() or stock.account(
        str(given["user"])
    )
    status = given.get("status", "pending")
    if status == "none":
        AccessRequest.objects.filter(repo=found, person=account).delete()
        return {"user": account.name}
    if status not in states.STATUSES:
        raise Refusal(400, f"Unknown status {status!r}; known are none, {', '.join(states.STATUSES)}")
    owner = found.owner if found.owner.kind == "user" else None
    granter = _account(given["grantedBy"]) if given.get("grantedBy") else owner
    values: dict[str, Any] = {
        "status": status,
        "timestamp": _time(given, "timestamp") or clock.now(),
        "reviewed_at": None if status == "pending" else _time(given, "reviewedAt") or clock.now(),
        "granted_by": granter if status == "accepted" else None,
        "fields": given.get("fields"),
        "shares_email": given.get("sharesEmail", True),
        "rejection_reason": given.get("rejectionReason") or "",
        "reset_reason": given.get("resetReason") or "",
    }
    if given.get("requestId"):
        values["request_id"] = given["requestId"]
    row, _ = AccessRequest.objects.update_or_create(repo=found, person=account, defaults=values)
    return {"user": account.name, "requestId": row.request_id, "userId": account.hub_id}


def generate(found: Repo, given: Mapping[str, Any]) -> int:
    """{count, status? or statuses?: {status: weight}, prefix?, seed?, start?, step_seconds?, fields?}: that many.

    People `<prefix>-000000` and on are made where they are missing. Times go `step_seconds` apart from `start` on; the
    rows are the same for the same seed.
    """
    wanted(given, ("repo", "type", "count", "status", "statuses", "prefix", "seed", "start", "step_seconds", "fields"))
    count, prefix = int(given["count"]), str(given.get("prefix", "person"))
    weights = given.get("statuses") or {given.get("status", "pending"): 1}
    if not set(weights) <= set(states.STATUSES):
        raise Refusal(400, f"Unknown status in {sorted(weights)}; known are {', '.join(states.STATUSES)}")
    choose = random.Random(given.get("seed", 1))  # noqa: S311
    start = clock.seconds(_time(given, "start") or "2026-01-01T00:00:00.000Z")
    step = float(given.get("step_seconds", 1))
    labels = given.get("fields") or dict.fromkeys(card.fields(found.card), "answer {n}")
    names = [f"{prefix}-{number:06d}" for number in range(count)]
    chosen = choose.choices(list(weights), list(weights.values()), k=count)
    owner = found.owner_id if found.owner.kind == "user" else None
    # Plain SQL: bulk_create takes half a minute for 100,000 rows, this one second.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR IGNORE INTO localhub_account (hub_id, kind, name, folded, fullname, email, email_verified,"
            " is_pro, avatar_url, verified_orgs, created_at) VALUES (%s, 'user', %s, %s, %s, %s, 1, 0, %s, '[]', %s)",
            [
                (
                    f"{choose.getrandbits(96):024x}",
                    name,
                    name.lower(),
                    f"{prefix.title()} {number}",
                    f"{name.lower()}@people.example",
                    f"/avatars/{name}.svg",
                    clock.at(start),
                )
                for number, name in enumerate(names)
            ],
        )
        ids = dict(Account.objects.filter(folded__startswith=f"{prefix.lower()}-").values_list("folded", "id"))
        rows = []
        for number, (name, status) in enumerate(zip(names, chosen, strict=True)):
            moment = clock.at(start + number * step)
            fields = {label: text.replace("{n}", str(number)) for label, text in labels.items()}
            rows.append(
                (
                    f"{choose.getrandbits(96):024x}",
                    found.pk,
                    ids[name.lower()],
                    status,
                    moment,
                    None if status == "pending" else moment,
                    owner if status == "accepted" else None,
                    json.dumps(fields) if fields else None,
                )
            )
        cursor.executemany(
            "INSERT OR IGNORE INTO localhub_accessrequest (request_id, repo_id, person_id, status, timestamp,"
            " reviewed_at, granted_by_id, fields, shares_email, rejection_reason, reset_reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1, '', '')",
            rows,
        )
    return count
