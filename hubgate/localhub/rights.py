"""What a caller may do with a repository (HC §1.6, §1.7, §7)."""

from __future__ import annotations

from hubgate.localhub import messages
from hubgate.localhub.callers import Caller
from hubgate.localhub.models import AccessRequest, Account, Membership, Repo, Token

# Files of the root that `/resolve/` gives to anyone although the repository is gated; exact and case-sensitive.
OPEN_FILES = frozenset(("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"))
WRITERS = ("admin", "write")


def role_in(person: Account, owner: Account) -> str:
    """The person's role in a namespace: `owner` in their own, an organisation's role, or nothing."""
    if person.pk == owner.pk:
        return "owner"
    if owner.kind != Account.Kind.ORG:
        return ""
    return Membership.objects.filter(org=owner, person=person).values_list("role", flat=True).first() or ""


def _scoped(token: Token, repo: Repo, permission: str) -> bool:
    entities = {("user", repo.owner.name), ("org", repo.owner.name), (repo.type, repo.full_name)}
    return any(
        permission in grant.get("permissions", ())
        and (grant.get("entity", {}).get("type"), grant.get("entity", {}).get("name")) in entities
        for grant in token.scoped
    )


def token_writes(token: Token | None, repo: Repo) -> bool:
    """Whether the token itself allows writing here; a person signed in with a cookie needs none."""
    if token is None or token.role == Token.Role.WRITE:
        return True
    return token.role == Token.Role.FINE_GRAINED and _scoped(token, repo, "repo.write")


def may_write(caller: Caller, repo: Repo) -> bool:
    """Owner, organisation admin or writer, or the contributor who made the repository; with a token that writes."""
    if caller.person is None or not token_writes(caller.token, repo):
        return False
    role = role_in(caller.person, repo.owner)
    return role == "owner" or role in WRITERS or (role == "contributor" and repo.creator_id == caller.person.pk)


def may_see(caller: Caller, repo: Repo) -> bool:
    """Whether the repository exists for the caller: a private one only for its owner and the organisation's members."""
    if not repo.private:
        return True
    if caller.person is None or not role_in(caller.person, repo.owner):
        return False
    token = caller.token
    if token is None or token.role != Token.Role.FINE_GRAINED:
        return True
    return _scoped(token, repo, "repo.content.read") or _scoped(token, repo, "repo.write")


def bypasses_gate(person: Account, repo: Repo) -> bool:
    """Owner; members of the organisation, unless they are gated too: then its admins and the repository's creator."""
    role = role_in(person, repo.owner)
    if role == "owner":
        return True
    if repo.org_members_gated:
        return bool(role) and (role == "admin" or repo.creator_id == person.pk)
    return bool(role)


def gate(caller: Caller, repo: Repo, url: str) -> messages.Refusal | None:
    """None if the caller may read the files, else the refusal that says why not; `url` is the repository's page."""
    if not repo.gated:
        return None
    person = caller.person
    if person is not None:
        if bypasses_gate(person, repo):
            return None
        status = AccessRequest.objects.filter(repo=repo, person=person).values_list("status", flat=True).first()
        if status != AccessRequest.Status.ACCEPTED:
            return messages.gate_closed(repo.type, repo.full_name, url, status, True)
        token = caller.token
        if token is not None and token.role == Token.Role.FINE_GRAINED and not token.can_read_gated_repos:
            return messages.Refusal(403, messages.NO_GATED_SCOPE)
        return None
    return messages.gate_closed(repo.type, repo.full_name, url, None, False)


def require_writer(caller: Caller, repo: Repo) -> Account:
    """The caller's account if it may write here; 401 for a stranger, 403 for a reader."""
    if caller.person is None:
        raise messages.unauthenticated()
    if not may_write(caller, repo):
        raise messages.read_only()
    return caller.person


def require_pusher(caller: Caller, repo: Repo) -> Account:
    """The caller's account if it may commit to a branch; a stranger to the repository is shown to pull requests."""
    if caller.person is None:
        raise messages.unauthenticated()
    if may_write(caller, repo):
        return caller.person
    if caller.token is not None and caller.token.role == Token.Role.WRITE:
        raise messages.Refusal(403, messages.PROPOSE)
    raise messages.read_only()


def require_proposer(caller: Caller, repo: Repo, url: str) -> Account:
    """The caller's account if it may open a pull request with a commit: whoever may read the files, with a token that
    writes (HC §3). `url` is the repository's page."""
    person = require_speaker(caller, repo)
    refused = gate(caller, repo, url)
    if refused is not None:
        raise refused
    return person


def require_speaker(caller: Caller, repo: Repo) -> Account:
    """The caller's account if it may open discussions and comment: anybody signed in who sees the repository, also a
    gated one (HC §5), with a token that writes or has `discussion.write`."""
    if caller.person is None:
        raise messages.unauthenticated()
    if repo.discussions_disabled:
        raise messages.Refusal(403, messages.NO_DISCUSSIONS)
    token = caller.token
    if token is None or token.role == Token.Role.WRITE:
        return caller.person
    if token.role == Token.Role.FINE_GRAINED and (
        "discussion.write" in token.global_permissions
        or _scoped(token, repo, "discussion.write")
        or _scoped(token, repo, "repo.write")
    ):
        return caller.person
    raise messages.read_only()
