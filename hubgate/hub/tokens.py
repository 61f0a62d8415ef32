"""What a token may do in a namespace, told in plain words; and which of the refusals means what (HC §7). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hubgate.hub.errors import (
    GatedRefusal,
    HubError,
    NoRights,
    RateLimited,
    RepoMoved,
    RepoNotFound,
    TokenRejected,
    TokenTooNarrow,
    WrongAccount,
)
from hubgate.hub.reasons import storable
from hubgate.hub.types import Membership, Scope, WhoAmI

FINE_GRAINED = "fineGrained"
WRITING_ROLES = ("write", "admin")
WRITE_PERMISSION = "repo.write"
LIST_PERMISSIONS = frozenset({"repo.write", "repo.access.read"})
PERMISSION_WORDS = {
    "repo.write": "write access to the contents and settings of the repositories of {namespace} (repo.write)",
    "repo.access.read": "reading the access requests of the repositories of {namespace} (repo.access.read)",
}


@dataclass(frozen=True, slots=True)
class TokenReach:
    """`kind` is the Hub's word for the token (read, write, fineGrained, …), `role` the account's in the namespace
    (owner for its own name; None for a stranger). `missing` says in plain words what hubgate lacks to decide there.
    `repos` names the repositories that a fine-grained token may write to, where it was not given the whole
    namespace."""

    namespace: str
    kind: str
    account: str
    role: str | None
    can_list_requests: bool
    can_write: bool
    can_read_gated: bool
    missing: tuple[str, ...]
    repos: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """What the caller knows when a call failed: the namespace, the repository, and the token's reach when last
    judged."""

    namespace: str
    repo_id: str | None = None
    reach: TokenReach | None = None


def read_whoami(content: Any) -> WhoAmI:
    """A whoami answer. Raises ValueError where it names no account."""
    if type(content) is not dict or not _text(content.get("name")):
        raise ValueError("The answer names no account.")
    auth = _map(content.get("auth"))
    token = _map(auth.get("accessToken"))
    fine = _map(token.get("fineGrained"))
    orgs = [_map(org) for org in _list(content.get("orgs"))]
    scopes = [_map(scope) for scope in _list(fine.get("scoped"))]
    role = _text(token.get("role"))
    return WhoAmI(
        hub_id=_text(content.get("id")) or "",
        name=_text(content.get("name")) or "",
        fullname=_text(content.get("fullname")),
        account_type=_text(content.get("type")) or "user",
        is_pro=content.get("isPro") is True,
        memberships=tuple(
            Membership(_text(org.get("name")) or "", _text(org.get("id")), _text(org.get("roleInOrg"))) for org in orgs
        ),
        auth_type=_text(auth.get("type")) or "",
        token_role=role,
        token_name=_text(token.get("displayName")),
        can_read_gated=fine.get("canReadGatedRepos") is True if role == FINE_GRAINED else role is not None,
        scopes=tuple(_scope(scope) for scope in scopes),
        global_permissions=frozenset(_texts(fine.get("global"))),
    )


def judge_token(whoami: WhoAmI, namespace: str) -> TokenReach:
    """What the token of `whoami` may do for hubgate in `namespace`. What the Hub does not say counts as no."""
    kind = whoami.token_role or whoami.auth_type or "unknown"
    role = _role(whoami, namespace)
    missing: list[str] = []
    if role is None:
        missing.append(f"membership of {namespace} with the write or admin role for @{whoami.name}")
    elif role not in ("owner", *WRITING_ROLES):
        missing.append(f"the write or admin role in {namespace} for @{whoami.name}, who is {role} there")
    may_act = not missing
    can_list = can_write = may_act and kind in WRITING_ROLES
    repos: tuple[str, ...] = ()
    if kind == FINE_GRAINED:
        permissions = _permissions(whoami, namespace)
        can_list = may_act and bool(permissions & LIST_PERMISSIONS)
        can_write = may_act and WRITE_PERMISSION in permissions
        if not permissions & LIST_PERMISSIONS:
            missing.append(PERMISSION_WORDS["repo.access.read"].format(namespace=namespace))
        if WRITE_PERMISSION not in permissions:
            missing.append(PERMISSION_WORDS["repo.write"].format(namespace=namespace))
            repos = _writable_repos(whoami, namespace)
    elif kind not in WRITING_ROLES:
        missing.append(f"the write permission: this is a token of the kind {kind}")
    return TokenReach(
        namespace=namespace,
        kind=kind,
        account=whoami.name,
        role=role,
        can_list_requests=can_list,
        can_write=can_write,
        can_read_gated=whoami.can_read_gated,
        missing=tuple(missing),
        repos=repos,
        sentence=_sentence(whoami.name, namespace, role, can_list, can_write, missing, repos),
    )


def refine(error: HubError, reach: TokenReach | None) -> HubError:
    """The same refusal with its cause, where the reach tells it: a stranger's account, or a token that is too
    narrow."""
    if type(error) is not NoRights or reach is None or error.status != 403:
        return error
    facts: dict[str, Any] = {
        name: getattr(error, name)
        for name in ("method", "path", "status", "code", "message", "request_id", "outcome_unknown")
    }
    if reach.role is None:
        return WrongAccount(f"The token belongs to @{reach.account}, who has no role in {reach.namespace}.", **facts)
    if reach.missing:
        missing = "; ".join(reach.missing)
        return TokenTooNarrow(
            f"The token of @{reach.account} is too narrow. It lacks {missing}.", missing=missing, **facts
        )
    return error


def explain(error: HubError, context: ErrorContext) -> str:
    """What happened, to which thing and what the author can do, in two or three sentences."""
    error = refine(error, context.reach)
    namespace, repo = context.namespace, context.repo_id or "the repository"
    account = f"@{context.reach.account}" if context.reach else "its account"
    if isinstance(error, TokenRejected):
        return (
            f"The Hub no longer accepts the token of {namespace}: it was revoked, has expired or was mistyped. "
            "Make a new token in your settings on the Hub and connect the namespace with it. Nothing was deleted here."
        )
    if isinstance(error, WrongAccount):
        return (
            f"The token that {namespace} is connected with belongs to {account}, which has no role in {namespace}. "
            f"Connect it with a token of a member who may write there, or give {account} that role. "
            "Nothing was deleted here."
        )
    if isinstance(error, TokenTooNarrow):
        return (
            f"The token of {account} works, but is too narrow for {namespace}. It lacks: {error.missing.rstrip('.')}. "
            "Widen it in your settings on the Hub, or connect a wider one. Nothing was deleted here."
        )
    if isinstance(error, NoRights):
        return (
            f"The Hub does not let the token of {account} do this at {repo}. The token may be read-only, or the "
            f"account may have no write role in {namespace}: check the connection of {namespace} to see which. "
            "Nothing was deleted here."
        )
    if isinstance(error, RepoNotFound):
        return (
            f"The Hub knows no repository {repo} any more: it was deleted, or made private out of this token's sight. "
            "The token itself works. Its requests are kept here until you remove the repository."
        )
    if isinstance(error, RepoMoved):
        return f"{repo} is called {error.new_id} now. hubgate follows it at the next round."
    if isinstance(error, GatedRefusal):
        return f"{account} is not let in at the gate of {repo}, so hubgate cannot read its files."
    if isinstance(error, RateLimited):
        at = f"{error.retry_at:%H:%M:%S} UTC"
        return f"The Hub's rate limit for {account} is reached. hubgate goes on by itself at {at}."
    if error.temporary:
        next_step = "hubgate reads what the Hub has before it sends this again." if error.outcome_unknown else ""
        return " ".join(part for part in (_closed(error.sentence), next_step) if part)
    return _closed(error.sentence)


def _role(whoami: WhoAmI, namespace: str) -> str | None:
    if whoami.name.casefold() == namespace.casefold():
        return "owner"
    for membership in whoami.memberships:
        if membership.name.casefold() == namespace.casefold():
            return membership.role or "a member of unknown role"
    return None


def _permissions(whoami: WhoAmI, namespace: str) -> frozenset[str]:
    found = [scope.permissions for scope in whoami.scopes if scope.entity_name.casefold() == namespace.casefold()]
    return frozenset[str]().union(whoami.global_permissions, *found)


def _writable_repos(whoami: WhoAmI, namespace: str) -> tuple[str, ...]:
    start = namespace.casefold() + "/"
    return tuple(
        scope.entity_name
        for scope in whoami.scopes
        if scope.entity_name.casefold().startswith(start) and WRITE_PERMISSION in scope.permissions
    )


def _sentence(
    account: str,
    namespace: str,
    role: str | None,
    can_list: bool,
    can_write: bool,
    missing: list[str],
    repos: tuple[str, ...],
) -> str:
    if can_write:
        return f"This token of @{account} may read and decide the access requests of {namespace}."
    if role is None:
        return (
            f"This token belongs to @{account}, who has no role in {namespace}: hubgate sees only what is public there."
        )
    lacks = f"It lacks {'; '.join(missing)}."
    if repos:
        only = ", ".join(repos)
        return (
            f"This token of @{account} may decide only in {only}. For all of {namespace} it lacks {'; '.join(missing)}."
        )
    if can_list:
        return f"This token of @{account} may read the access requests of {namespace}, but not decide them. {lacks}"
    return f"This token of @{account} may neither read nor decide the access requests of {namespace}. {lacks}"


def _scope(content: dict[str, Any]) -> Scope:
    entity = _map(content.get("entity"))
    return Scope(
        _text(entity.get("type")) or "", _text(entity.get("name")) or "", frozenset(_texts(content.get("permissions")))
    )


def _map(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _texts(value: Any) -> list[str]:
    return [item for item in _list(value) if type(item) is str]


def _text(value: Any) -> str | None:
    return storable(value) if type(value) is str and 0 < len(value) <= 512 else None


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."
