"""Repository infos and lists: JSON → `RepoInfo` (HC §4)."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

from huggingface_hub.utils import HFValidationError, validate_repo_id

from hubgate.hub.reasons import storable
from hubgate.hub.rows import OddItemError, read_items, read_time
from hubgate.hub.types import OddRow, RepoInfo, RepoKind

MAX_WORD = 255

# Only what the mirror keeps: the default answer carries the names of all files. Spaces take no `gated` here, so that
# they are asked for the default answer instead; where it says nothing of a gate, `RepoInfo.gated` is None.
EXPAND = ("author", "createdAt", "disabled", "gated", "lastModified", "private", "sha", "tags")


def info_params(kind: RepoKind, *, with_card: bool) -> list[tuple[str, str]]:
    """Query of `GET /api/{kind}/{id}`."""
    if kind == "spaces":
        return []
    return [("expand", name) for name in (*EXPAND, *(("cardData",) if with_card else ()))]


def list_params(kind: RepoKind, author: str, limit: int) -> list[tuple[str, str]]:
    """Query of `GET /api/{kind}` for all repositories of a namespace."""
    detail = [("full", "true")] if kind == "spaces" else info_params(kind, with_card=False)
    return [("author", author), ("limit", str(limit)), *detail]


def read_repo_rows(body: bytes, kind: RepoKind) -> tuple[list[RepoInfo], list[OddRow]]:
    """The repositories of a list page and the odd ones. Raises NotAPageError."""
    return read_items(body, partial(read_repo, kind=kind), lambda row: row)


def read_repo(item: Any, kind: RepoKind) -> RepoInfo:
    """One info object. Raises OddItemError without a usable `id`; whatever else is odd counts as not said."""
    if type(item) is not dict:
        raise OddItemError("not_an_object", "it is not an object")
    repo_id = item.get("id")
    if type(repo_id) is not str:
        raise OddItemError("no_id", "it has no id")
    try:
        validate_repo_id(repo_id)
    except HFValidationError:
        raise OddItemError("bad_id", "its id is not a repository's") from None
    tags = item.get("tags")
    card_data = item.get("cardData")
    return RepoInfo(
        kind=kind,
        id=repo_id,
        hub_id=_word(item.get("_id")),
        author=_word(item.get("author")),
        gated=_gated(item.get("gated")),
        private=_flag(item.get("private")),
        disabled=_flag(item.get("disabled")),
        sha=_word(item.get("sha")),
        tags=tuple(storable(tag) for tag in tags if type(tag) is str) if type(tags) is list else (),
        last_modified=_time(item.get("lastModified")),
        created_at=_time(item.get("createdAt")),
        card_data=card_data if type(card_data) is dict else None,
    )


def _gated(value: Any) -> bool | str | None:
    """False, a mode, or the text of something that we do not know: a gate of unknown mode, never an open one."""
    if value is None or value is False:
        return value
    return storable(value if type(value) is str else json.dumps(value))[:MAX_WORD]


def _flag(value: Any) -> bool | None:
    return value if type(value) is bool else None


def _word(value: Any) -> str | None:
    return storable(value) if type(value) is str and 0 < len(value) <= MAX_WORD else None


def _time(value: Any) -> datetime | None:
    try:
        return read_time(value, "time")
    except OddItemError:
        return None
