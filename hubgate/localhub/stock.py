"""Creates and changes accounts, tokens, repositories and their files: for the control door, seeds and `create_repo`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from hubgate.localhub import blobs, card, clock, webhooks
from hubgate.localhub.models import Account, Commit, Membership, OldName, Ref, Repo, RepoFile, Token

MAIN = "refs/heads/main"
GITATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n"


def avatar(name: str) -> str:
    return f"/avatars/{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}.svg"


def account(name: str, *, kind: str = "user", **values: Any) -> Account:
    """Makes the account or changes the given values of one with this name."""
    fresh = {"name": name, "kind": kind, "avatar_url": avatar(name), "created_at": clock.now(), "fullname": name}
    if kind == "user":
        fresh["email"] = f"{name.lower()}@people.example"
    found, _ = Account.objects.update_or_create(
        folded=name.lower(), defaults={"name": name, **values}, create_defaults={**fresh, **values}
    )
    return found


def membership(org: Account, person: Account, role: str) -> None:
    Membership.objects.update_or_create(org=org, person=person, defaults={"role": role})


def token(person: Account, *, role: str = "write", **values: Any) -> Token:
    """Makes a token; with `secret` given, changes the one that has it."""
    values = {"person": person, "role": role, **values}
    if "secret" not in values:
        return Token.objects.create(created_at=clock.now(), **values)
    secret = values.pop("secret")
    found, _ = Token.objects.update_or_create(
        secret=secret, defaults=values, create_defaults={"created_at": clock.now(), **values}
    )
    return found


@transaction.atomic
def repo(
    kind: str, full_name: str, *, creator: Account | None = None, files: Mapping[str, Any] | None = None, **values: Any
) -> Repo:
    """Makes the repository or changes the given values of one with this name; `files` replaces all its files."""
    owner_name, _, name = full_name.partition("/")
    owner = Account.objects.get(folded=owner_name.lower())
    found = Repo.objects.filter(type=kind, folded=full_name.lower()).first()
    if found is None:
        now = clock.now()
        found = Repo(type=kind, owner=owner, creator=creator or (owner if owner.kind == "user" else None), name=name)
        found.full_name, found.folded = f"{owner.name}/{name}", full_name.lower()
        found.created_at = found.last_modified = now
        OldName.objects.filter(type=kind, folded=found.folded).delete()
        files = {".gitattributes": GITATTRIBUTES} if files is None else files
    for key, value in values.items():
        setattr(found, key, value)
    found.save()
    if files is not None:
        commit(found, files, author=(creator or owner).name)
    return found


def _stored(path: str, given: Any) -> RepoFile:
    """A file given as text, bytes, or {"text" or "bytes", "lfs", "xet_hash"}."""
    spec = given if isinstance(given, Mapping) else {"bytes": given} if isinstance(given, bytes) else {"text": given}
    content: bytes = spec["bytes"] if "bytes" in spec else str(spec["text"]).encode()
    sha256 = blobs.keep(content)
    lfs = bool(spec.get("lfs", False))
    oid = blobs.git_id("blob", blobs.pointer(sha256, len(content)) if lfs else content)
    return RepoFile(
        path=path, oid=oid, sha256=sha256, size=len(content), lfs=lfs, xet_hash=str(spec.get("xet_hash") or "")
    )


@transaction.atomic
def commit(found: Repo, files: Mapping[str, Any], *, author: str, title: str = "", branch: str = "main") -> Commit:
    """Commits `files` as the whole of `branch`."""
    ref = Ref.objects.filter(repo=found, ref=f"refs/heads/{branch}").select_related("commit").first()
    parent = ref.commit if ref else None
    title = title or ("Upload files" if parent else "initial commit")
    stored = [_stored(path, given) for path, given in sorted(files.items())]
    return record(found, f"refs/heads/{branch}", stored, parent=parent, author=author, title=title)


def record(
    found: Repo,
    ref: str,
    stored: Sequence[RepoFile],
    *,
    parent: Commit | None,
    author: str,
    title: str,
    message: str = "",
) -> Commit:
    """Makes a commit whose tree is `stored` (unsaved rows, by path) the head of `ref`, a branch or a pull request's.

    On main, what the repository tells of its card, size and last change is refreshed. Call it in a transaction.
    """
    tree = blobs.tree_ids((file.path, file.oid) for file in stored)[""]
    now = clock.now()
    text = f"tree {tree}\n" + (f"parent {parent.oid}\n" if parent else "")
    text += f"author {author} {now}\n\n{title}\n" + (f"\n{message}\n" if message else "")
    # Two pull requests may hold the same change of the same moment; the ref keeps their ids apart.
    oid = blobs.git_id("commit", f"{found.hub_id}\n{ref}\n{text}".encode())
    made = Commit.objects.create(
        repo=found, oid=oid, parent=parent, author=author, title=title, message=message, date=now
    )
    before = {file.path: file for file in parent.files.all()} if parent else {}
    for file in stored:
        old = before.get(file.path)
        file.pk = None
        file.commit = made
        file.changed_in_id = old.changed_in_id if old and old.oid == file.oid else made.pk
    RepoFile.objects.bulk_create(stored, batch_size=500)
    set_ref(found, ref, made)
    if ref == MAIN:
        readme = next((file for file in stored if file.path == "README.md"), None)
        found.card = card_of(readme)
        found.tags = card.tags(found.card)
        found.sha, found.last_modified = made.oid, now
        found.used_storage = sum(file.size for file in stored)
        found.save(update_fields=["card", "tags", "sha", "last_modified", "used_storage"])
    if parent is not None:
        webhooks.content(found, ref, parent, made)
    return made


def set_ref(found: Repo, ref: str, target: Commit) -> None:
    """Points a branch (`refs/heads/…`) or a pull request's ref (`refs/pr/N`) at a commit, making it if it is new."""
    pull_request = ref.startswith("refs/pr/")
    name = ref if pull_request else ref.removeprefix("refs/heads/")
    kind = Ref.Kind.PULL_REQUEST if pull_request else Ref.Kind.BRANCH
    Ref.objects.update_or_create(repo=found, ref=ref, defaults={"name": name, "kind": kind, "commit": target})


def card_of(readme: RepoFile | None) -> dict[str, Any] | None:
    """The front matter of a README.md row; None if there is none."""
    return card.front_matter(blobs.read(readme.sha256).decode(errors="replace")) if readme else None


@transaction.atomic
def move(found: Repo, owner: Account, name: str) -> None:
    """Renames or moves a repository; the old name answers 307 from now on."""
    # Under the old name, which is the one that is watched.
    webhooks.announce(found, "move", "repo", movedTo={"name": f"{owner.name}/{name}", "owner": {"id": owner.hub_id}})
    OldName.objects.update_or_create(type=found.type, folded=found.folded, defaults={"repo": found})
    found.owner, found.name = owner, name
    found.full_name = f"{owner.name}/{name}"
    found.folded = found.full_name.lower()
    OldName.objects.filter(type=found.type, folded=found.folded).delete()
    found.save()
