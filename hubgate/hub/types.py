"""What the Hub says, as plain frozen data. Made by `rows`, `repositories` and `tokens`; times are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

RepoKind = Literal["models", "datasets", "spaces"]
RequestStatus = Literal["pending", "accepted", "rejected", "reset"]
GateMode = Literal[False, "auto", "manual"]

REPO_KINDS: tuple[RepoKind, ...] = ("models", "datasets", "spaces")
REQUEST_STATUSES: tuple[RequestStatus, ...] = ("pending", "accepted", "rejected", "reset")

Row = TypeVar("Row")


class RequestRow(NamedTuple):
    """One access request as a list shows it (HC §1.2). A tuple, because a first mirror makes a million of them.

    `request_id` is None where the Hub sends none; all person fields are None where the repository hides people, and
    then `request_id` is the only key. `status` is the Hub's word, also one that we do not know. `fields` maps the
    label of a question to its answer.
    """

    request_id: str | None
    user_id: str | None
    username: str | None
    fullname: str | None
    email: str | None
    avatar_url: str | None
    is_pro: bool
    verified_orgs: tuple[str, ...]
    status: str
    requested_at: datetime
    reviewed_at: datetime | None
    granted_by: str | None
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class OddRow:
    """A list item that cannot be used. `reason` is a stable code, `hint` a sentence for the author, without answers or
    e-mail. `digest` is the same each time this row is seen with this fault."""

    reason: str
    digest: str
    hint: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list: all of it or nothing. `raw_count` counts the items sent, odd ones included.

    `complete_hint` is true only on a page without `next` that is shorter than the page size; anything else proves
    nothing about rows that did not come (the Hub has been seen to stop at 1,000 rows without saying so)."""

    rows: list[Row]
    odd: list[OddRow]
    next_url: str | None
    raw_count: int
    complete_hint: bool
    etag: str | None


@dataclass(frozen=True, slots=True)
class RepoInfo:
    """A repository as an info or list answer shows it (HC §4). None means that the Hub did not say.

    `hub_id` (`_id`) stays when the repository is renamed or moved. `gated` is False, "auto", "manual" or another text
    for a mode that we do not know. `card_data` is the front matter as the Hub parsed it, only where it was asked for.
    """

    kind: RepoKind
    id: str
    hub_id: str | None
    author: str | None
    gated: bool | str | None
    private: bool | None
    disabled: bool | None
    sha: str | None
    tags: tuple[str, ...]
    last_modified: datetime | None
    created_at: datetime | None
    card_data: dict[str, Any] | None

    @property
    def is_closed(self) -> bool:
        """Whether to treat the gate as shut: only a plain `false` from the Hub means open."""
        return self.gated is not False


@dataclass(frozen=True, slots=True)
class Card:
    """README.md at a revision. `text` is None when `not_modified`: the caller's copy with that ETag is still good."""

    text: str | None
    etag: str | None
    commit: str | None
    not_modified: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """An organisation in a whoami answer, with the account's role there (admin, write, contributor, read; None if
    unsaid)."""

    name: str
    hub_id: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a fine-grained token may do to one entity: a user, an organisation or a repository, by name."""

    entity_type: str
    entity_name: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """The account behind a token and the token's own reach (HC §7). `token_role` is the Hub's word: read, write,
    fineGrained, …"""

    hub_id: str
    name: str
    fullname: str | None
    account_type: str
    is_pro: bool
    memberships: tuple[Membership, ...]
    auth_type: str
    token_role: str | None
    token_name: str | None
    can_read_gated: bool
    scopes: tuple[Scope, ...]
    global_permissions: frozenset[str]


class RequestTarget(NamedTuple):
    """Which request a write means: the person's Hub id, else the user name, else the request's own id."""

    user_id: str | None = None
    username: str | None = None
    request_id: str | None = None

    def to_wire(self) -> dict[str, str]:
        """The one key that `handle` takes (HC §1.1 A2). Raises ValueError for an empty target."""
        for key, value in (("userId", self.user_id), ("user", self.username), ("requestId", self.request_id)):
            if value:
                return {key: value}
        raise ValueError("A request needs a Hub id, a user name or a request id to be found by.")


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one item of a batch. `error` is the Hub's word: user_not_found, request_not_found or another."""

    target: RequestTarget
    ok: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit that the Hub took: its id, the address of its page, and the pull request that it opened, if one."""

    sha: str
    url: str
    pull_request_number: int | None
