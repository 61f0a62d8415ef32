"""Checks of request bodies and queries, with the wording of the Hub's validator (HC §1.3, HC §2). Pure.

A check takes decoded JSON and returns the checked values, or raises `Refusal` 400 with one line pair per issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hubgate.localhub import clock
from hubgate.localhub.messages import Refusal

ID = re.compile(r"[0-9a-f]{24}")
TARGETS = ("accepted", "rejected", "pending", "reset")
MAX_REASON = 200
MAX_QUERY = 250
MIN_LIMIT, MAX_LIMIT = 10, 1000
MAX_BATCH = 100
ONE_PERSON = "Either userId or user must be provided, but not both"
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

_TYPES = ((bool, "boolean"), (int, "number"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
MISSING = object()


def kind(value: object) -> str:
    """The validator's word for a value's type."""
    if value is MISSING:
        return "undefined"
    if value is None:
        return "null"
    return next(name for python, name in _TYPES if isinstance(value, python))


class Issues:
    """Collects what is wrong, in order, and raises it together."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, message: str, path: str = "") -> None:
        self.lines.append(f"✖ {message}" + (f"\n  → at {path}" if path else ""))

    def raise_any(self) -> None:
        if self.lines:
            raise Refusal(400, "\n".join(self.lines))

    def option(self, value: object, options: Iterable[str], path: str) -> None:
        if value not in tuple(options):
            self.add("Invalid option: expected one of " + "|".join(f'"{option}"' for option in options), path)

    def text(self, value: object, path: str, longest: int | None = None) -> None:
        """An optional string."""
        if value is MISSING:
            return
        if not isinstance(value, str):
            self.add(f"Invalid input: expected string, received {kind(value)}", path)
        elif longest is not None and len(value) > longest:
            self.add(f"Too big: expected string to have <={longest} characters", path)

    def identity(self, value: object, path: str) -> None:
        """An optional id of 24 hex digits."""
        self.text(value, path)
        if isinstance(value, str) and not ID.fullmatch(value):
            self.add("Invalid string: must match pattern /^[0-9a-f]{24}$/", path)


def _object(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        issues = Issues()
        issues.add(f"Invalid input: expected object, received {kind(body)}")
        issues.raise_any()
    return body  # type: ignore[return-value]


def _person(issues: Issues, body: Mapping[str, Any], path: str, keys: tuple[str, ...]) -> None:
    issues.text(body.get("user", MISSING), f"{path}user")
    issues.identity(body.get("userId", MISSING), f"{path}userId")
    if "requestId" in keys:
        issues.text(body.get("requestId", MISSING), f"{path}requestId")


def _one_person(issues: Issues, body: Mapping[str, Any], path: str, keys: tuple[str, ...]) -> None:
    if sum(key in body for key in keys) != 1:
        issues.add(ONE_PERSON, path)


def handle(body: object) -> dict[str, Any]:
    """Body of `handle`: one of `user`, `userId`, `requestId`; `status`; reasons of up to 200 characters."""
    found = _object(body)
    issues = Issues()
    keys = ("user", "userId", "requestId")
    _person(issues, found, "", keys)
    issues.option(found.get("status", MISSING), TARGETS, "status")
    for key in ("rejectionReason", "resetReason"):
        issues.text(found.get(key, MISSING), key, MAX_REASON)
    issues.raise_any()
    _one_person(issues, found, "", keys)
    issues.raise_any()
    return found


def batch(body: object) -> dict[str, Any]:
    """Body of `batch`: `status`, reasons, 1–100 `requests` of `user` or `userId`."""
    found = _object(body)
    issues = Issues()
    issues.option(found.get("status", MISSING), TARGETS, "status")
    for key in ("rejectionReason", "resetReason"):
        issues.text(found.get(key, MISSING), key, MAX_REASON)
    requests = found.get("requests", MISSING)
    if not isinstance(requests, list):
        issues.add(f"Invalid input: expected array, received {kind(requests)}", "requests")
    elif not requests:
        issues.add("Too small: expected array to have >=1 items", "requests")
    elif len(requests) > MAX_BATCH:
        issues.add(f"Too big: expected array to have <={MAX_BATCH} items", "requests")
    else:
        for index, item in enumerate(requests):
            path = f"requests[{index}]"
            if not isinstance(item, dict):
                issues.add(f"Invalid input: expected object, received {kind(item)}", path)
                continue
            before = len(issues.lines)
            _person(issues, item, f"{path}.", ())
            if len(issues.lines) == before:
                _one_person(issues, item, path, ("user", "userId"))
    issues.raise_any()
    return found


def grant(body: object) -> dict[str, Any]:
    """Body of `grant`: `user` or `userId`."""
    found = _object(body)
    issues = Issues()
    keys = ("user", "userId")
    _person(issues, found, "", ())
    issues.raise_any()
    _one_person(issues, found, "", keys)
    issues.raise_any()
    return found


def list_query(query: Mapping[str, str]) -> dict[str, Any]:
    """Query of a list: `limit` 10–1000, `after`, `before` (ISO times), `q` up to 250 characters, `cursor`."""
    issues = Issues()
    out: dict[str, Any] = {"limit": MAX_LIMIT, "q": query.get("q", ""), "cursor": query.get("cursor", "")}
    if "limit" in query:
        try:
            limit = float(query["limit"] or 0)
        except ValueError:
            limit = float("nan")
        if limit != limit:
            issues.add("Invalid input: expected number, received NaN", "limit")
        elif limit < MIN_LIMIT:
            issues.add(f"Too small: expected number to be >={MIN_LIMIT}", "limit")
        elif limit > MAX_LIMIT:
            issues.add(f"Too big: expected number to be <={MAX_LIMIT}", "limit")
        elif limit != int(limit):
            issues.add("Invalid input: expected int, received number", "limit")
        else:
            out["limit"] = int(limit)
    for key in ("after", "before"):
        if key in query:
            try:
                out[key] = clock.read(query[key])
            except ValueError:
                issues.add("Invalid ISO datetime", key)
    issues.text(out["q"], "q", MAX_QUERY)
    issues.raise_any()
    return out


def settings(body: object, space: bool) -> dict[str, Any]:
    """Body of `PUT …/settings` (HC §2). Unknown keys are dropped, as the Hub drops them."""
    found = _object({} if body is MISSING else body)
    issues = Issues()
    if "gated" in found and found["gated"] not in ("auto", "manual") and found["gated"] is not False:
        issues.add("Invalid input", "gated")
    for key in ("private", "orgMembersGated", "discussionsDisabled"):
        if key in found and not isinstance(found[key], bool):
            issues.add(f"Invalid input: expected boolean, received {kind(found[key])}", key)
    if "visibility" in found:
        issues.option(
            found["visibility"], ("public", "private", "protected") if space else ("public", "private"), "visibility"
        )
    if "gatedNotificationsMode" in found:
        issues.option(found["gatedNotificationsMode"], ("bulk", "real-time"), "gatedNotificationsMode")
    if "discussionsSorting" in found:
        issues.option(found["discussionsSorting"], ("recently-created", "trending", "reactions"), "discussionsSorting")
    if "gatedNotificationsEmail" in found:
        email = found["gatedNotificationsEmail"]
        if not isinstance(email, str) or not EMAIL.fullmatch(email):
            issues.add("Invalid email address", "gatedNotificationsEmail")
    issues.raise_any()
    known = (
        "gated", "private", "visibility", "orgMembersGated", "discussionsDisabled", "discussionsSorting",
        "gatedNotificationsMode", "gatedNotificationsEmail",
    )  # fmt: skip
    return {key: found[key] for key in known if key in found}
