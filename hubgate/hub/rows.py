"""A list's body → rows. Odd rows are set aside one by one; a body that is not a JSON array is no page at all.

The common case goes through `orjson` and one function per item; text that a database would refuse is mended only on
pages that hold some.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import orjson

from hubgate.hub.reasons import storable
from hubgate.hub.types import OddRow, RequestRow

MAX_ID = 255
MAX_NAME = 512
MAX_URL = 2048
MAX_ANSWER = 65_536
MAX_ANSWERS = 262_144

Row = TypeVar("Row")

# The named constructor of a named tuple is a Python function; a million rows feel it.
_new_tuple = tuple.__new__
_read_iso = datetime.fromisoformat
_join = "".join

_LONE_SURROGATE = re.compile(rb"\\u[dD][89abcdefABCDEF]")


class NotAPageError(ValueError):
    """The body is not a JSON array. The message says what it is instead, without quoting it."""


class OddItemError(ValueError):
    """One item cannot be used: `reason` is the code, the message says why in a few words."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_json(body: bytes) -> tuple[Any, bool]:
    """Parse `body`. The flag tells that its texts may hold NUL or lone surrogates. Raises NotAPageError."""
    try:
        return orjson.loads(body), b"\\u0000" in body
    except orjson.JSONDecodeError as error:
        if not body.strip():
            raise NotAPageError("The body is empty.") from None
        if body.lstrip()[:1] == b"<":
            raise NotAPageError("The body is a web page, not JSON.") from None
        if _LONE_SURROGATE.search(body) is None and _is_utf8(body):
            raise NotAPageError(f"The body is not valid JSON (cut short or garbled at byte {error.pos}).") from None
    try:
        return json.loads(body.decode("utf-8", "replace")), True
    except (ValueError, RecursionError):
        raise NotAPageError("The body is not valid JSON (cut short or garbled).") from None


def read_items(body: bytes, read: Callable[[Any], Row], clean: Callable[[Row], Row]) -> tuple[list[Row], list[OddRow]]:
    """Every item of a JSON array through `read`, and through `clean` where the page needs it. Raises NotAPageError."""
    items, dirty = read_json(body)
    if type(items) is not list:
        raise NotAPageError(f"The body is a JSON {_kind(items)}, where an array was due.")
    rows: list[Row] = []
    odd: list[OddRow] = []
    for item in items:
        try:
            row = read(item)
            rows.append(clean(row) if dirty else row)
        except OddItemError as error:
            odd.append(_set_aside(item, error))
    return rows, odd


def read_request_rows(body: bytes, status: str) -> tuple[list[RequestRow], list[OddRow]]:
    """The rows of the list `status` (HC §1.2) and the odd ones. Raises NotAPageError."""
    return read_items(body, partial(_request_row, status), _clean_request_row)


def read_time(value: Any, what: str) -> datetime:
    """An ISO 8601 time in UTC; a time without a zone is taken as UTC, as the Hub writes. Raises OddItemError."""
    try:
        time = _read_iso(value)
        if time.tzinfo is not UTC:
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise OddItemError("bad_time", f"its {what} is missing or not a time") from None
    return time


def _request_row(list_status: str, item: Any) -> RequestRow:
    if type(item) is not dict:
        raise OddItemError("not_an_object", f"it is a {_kind(item)}, not an object")
    get = item.get
    request_id = get("requestId")
    if type(request_id) is not str or len(request_id) > MAX_ID:
        request_id = _id(request_id, "requestId")
    user_id: Any = None
    username: Any = None
    fullname: Any = None
    email: Any = None
    avatar_url: Any = None
    is_pro = False
    verified_orgs: tuple[str, ...] = ()
    user = get("user")
    if type(user) is dict:
        get_user = user.get
        user_id, username = get_user("_id"), get_user("user")
        fullname, email, avatar_url = get_user("fullname"), get_user("email"), get_user("avatarUrl")
        is_pro = get_user("isPro") is True
        orgs = get_user("verifiedOrgNames")
        if orgs:
            verified_orgs = _names(orgs)
        try:
            plain = len(_join((user_id, username, fullname, email, avatar_url))) <= MAX_ID
        except TypeError:
            plain = False
        if not plain:
            user_id, username = _id(user_id, "user._id"), _id(username, "user.user")
            fullname, email = _name(fullname, "full name"), _name(email, "e-mail address")
            avatar_url = avatar_url if type(avatar_url) is str and len(avatar_url) <= MAX_URL else None
    elif user is not None:
        raise OddItemError("bad_user", f"its user is a {_kind(user)}, not an object")
    if not (request_id or user_id or username):
        raise OddItemError("no_id", "it has neither a requestId nor a user")
    status = get("status")
    if type(status) is not str or not 0 < len(status) <= MAX_ID:
        status = _status(status, list_status)
    reviewed_at = get("reviewedAt")
    if reviewed_at is not None:
        reviewed_at = read_time(reviewed_at, "reviewedAt")
    granted_by = get("grantedBy")
    if granted_by is not None:
        granted_by = granted_by.get("user") if type(granted_by) is dict else None
        if type(granted_by) is not str or len(granted_by) > MAX_ID:
            granted_by = None
    fields = get("fields")
    return _new_tuple(
        RequestRow,
        (
            request_id or None,
            user_id or None,
            username or None,
            fullname or None,
            email or None,
            avatar_url or None,
            is_pro,
            verified_orgs,
            status,
            read_time(get("timestamp"), "timestamp"),
            reviewed_at,
            granted_by,
            _answers(fields) if fields else {},
        ),
    )


def _answers(fields: Any) -> dict[str, str]:
    """Label → answer as text. Something else than a map is kept whole as JSON text under the label "fields"."""
    try:
        if len(_join(fields.values())) <= MAX_ANSWER and len(_join(fields)) <= MAX_ANSWER:
            answers: dict[str, str] = fields
            return answers
    except (AttributeError, TypeError):
        pass
    if type(fields) is not dict:
        fields = {"fields": fields}
    texts = {label: value if type(value) is str else _as_text(value) for label, value in fields.items()}
    if any(len(text) > MAX_ANSWER for text in texts.values()):
        raise OddItemError("too_big", f"one of its answers is longer than {MAX_ANSWER} characters")
    if sum(map(len, texts)) + sum(map(len, texts.values())) > MAX_ANSWERS:
        raise OddItemError("too_big", f"its answers hold more than {MAX_ANSWERS} characters")
    return texts


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise OddItemError("too_deep", "one of its answers is nested too deeply") from None


def _id(value: Any, what: str) -> str | None:
    if value is None:
        return None
    text = str(value) if type(value) is int else value
    if type(text) is not str:
        raise OddItemError("bad_id", f"its {what} is a {_kind(value)}, not a text")
    if len(text) > MAX_ID:
        raise OddItemError("bad_id", f"its {what} is longer than {MAX_ID} characters")
    return text


def _name(value: Any, what: str) -> str | None:
    if value is None:
        return None
    if type(value) is not str:
        raise OddItemError("bad_user", f"its {what} is a {_kind(value)}, not a text")
    if len(value) > MAX_NAME:
        raise OddItemError("too_big", f"its {what} is longer than {MAX_NAME} characters")
    return value


def _names(value: Any) -> tuple[str, ...]:
    try:
        if len(_join(value)) <= MAX_NAME and type(value) is list and "" not in value:
            return tuple(value)
    except TypeError:
        pass
    if type(value) is not list:
        return ()
    return tuple(name for name in value if type(name) is str and 0 < len(name) <= MAX_NAME)


def _status(value: Any, list_status: str) -> str:
    if value is None:
        return list_status
    raise OddItemError(
        "bad_status", "its status is not a text" if type(value) is not str else "its status has an odd length"
    )


def _clean_request_row(row: RequestRow) -> RequestRow:
    fields = {storable(label): storable(answer) for label, answer in row.fields.items()}
    if len(fields) != len(row.fields):
        raise OddItemError("same_label", "two of its questions differ only in characters that cannot be stored")
    texts: dict[str, Any] = {name: storable(value) for name, value in row._asdict().items() if type(value) is str}
    return row._replace(**texts, fields=fields, verified_orgs=tuple(map(storable, row.verified_orgs)))


def _set_aside(item: Any, error: OddItemError) -> OddRow:
    known = _known_ids(item)
    if known:
        seen = "\n".join([error.reason, *known.values()])
    else:
        seen = error.reason + "\n" + _stable_text(item)
    digest = hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()[:32]
    named = ", ".join(f"{key} {storable(value)}" for key, value in known.items()) or "unnamed"
    return OddRow(error.reason, digest, f"The Hub sent a request ({named}) that cannot be read: {error}.")


def _known_ids(item: Any) -> dict[str, str]:
    """The short ids that an item still has, so that a row is recognised when its counters or times change."""
    if type(item) is not dict:
        return {}
    user = item.get("user")
    user = user if type(user) is dict else {}
    found = {
        "requestId": item.get("requestId"),
        "user id": user.get("_id"),
        "user": user.get("user"),
        "id": item.get("id"),
    }
    return {key: value for key, value in found.items() if type(value) is str and 0 < len(value) <= MAX_ID}


def _stable_text(item: Any) -> str:
    try:
        return json.dumps(item, sort_keys=True)
    except RecursionError:
        return "nested too deeply"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return {dict: "object", list: "list", str: "text", int: "number", float: "number", type(None): "null"}[type(value)]


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
