"""An answer that is not a success → the error it means (HC §1.3, §1.6, §8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from hubgate.hub.errors import (
    AlreadyThere,
    BadAnswer,
    EntryNotFound,
    GatedRefusal,
    HubError,
    HubUnreachable,
    NoRights,
    NoSuchRequest,
    ParentMoved,
    Refused,
    RepoNotFound,
    RevisionNotFound,
    TokenRejected,
    TokenTooNarrow,
)
from hubgate.hub.reasons import storable

MESSAGE_LIMIT = 500
SAFE_METHODS = ("GET", "HEAD")
NO_SUCH_REQUEST = "no access request found"
ALREADY_THERE = "already has access"


def is_web_page(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").split(";")[0].strip().lower() == "text/html"


def is_trouble(status: int) -> bool:
    """Whether a status says that the Hub itself failed, whatever was asked."""
    return status >= 500 or status == 408


def request_id_of(headers: Mapping[str, str]) -> str | None:
    return headers.get("x-request-id") or headers.get("x-amzn-trace-id") or headers.get("x-amz-cf-id")


def message_of(headers: Mapping[str, str], body: bytes) -> str:
    """The Hub's own words: the header, else `error`, `error_description` or `errors[].message` of the body, else
    nothing."""
    text = headers.get("x-error-message") or ""
    if not text and not is_web_page(headers):
        text = _message_of_body(body)
    return storable(text)[:MESSAGE_LIMIT]


def error_of(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes, *, with_token: bool
) -> HubError:
    """The error for a 4xx or 5xx other than 429. `headers` is case-insensitive."""
    message = message_of(headers, body)
    code = headers.get("x-error-code")
    facts: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": status,
        "code": code,
        "message": message,
        "request_id": request_id_of(headers),
    }
    is_write = method not in SAFE_METHODS
    if is_trouble(status):
        sentence = f"The Hub has trouble of its own (it answered {status}). hubgate tries again later."
        return HubUnreachable(sentence, outcome_unknown=is_write, **facts)
    if code == "GatedRepo":
        return GatedRefusal(message or "The repository is gated and this token is not let in.", **facts)
    if is_web_page(headers):
        sentence = f"A web page came (status {status}) where the Hub's data was due; something stands in between."
        return BadAnswer(sentence, outcome_unknown=is_write, **facts)
    if status == 401:
        if with_token:
            return TokenRejected(
                "The Hub does not accept the token: it was revoked, has expired or was mistyped.", **facts
            )
        return NoRights("The Hub wants a token for this.", **facts)
    if status == 403:
        return _no_rights(headers, message, facts)
    if code == "RepoNotFound":
        return RepoNotFound("The Hub knows no such repository, or hides it from this token.", **facts)
    if code == "RevisionNotFound":
        return RevisionNotFound("The repository has no such branch or commit on the Hub.", **facts)
    if code == "EntryNotFound":
        return EntryNotFound("The repository has no such file on the Hub.", **facts)
    if status == 412:
        return ParentMoved("Somebody else has committed to the repository in the meantime.", **facts)
    if status == 404 and NO_SUCH_REQUEST in message.lower():
        sentence = "The Hub has no such request, or has it in that state already; the list tells which."
        return NoSuchRequest(sentence, **facts)
    if status == 400 and ALREADY_THERE in message.lower():
        return AlreadyThere("That person already has access on the Hub.", **facts)
    return Refused(
        f"The Hub refused this (status {status}): {message or 'it gave no reason'}.".replace("..", "."), **facts
    )


def _no_rights(headers: Mapping[str, str], message: str, facts: dict[str, Any]) -> NoRights:
    """Only some refusals name the token as the cause; the usual one fits a read-only token and a stranger alike."""
    challenge = headers.get("www-authenticate", "").lower()
    lowered = message.lower()
    if "insufficient_scope" in challenge or "token" in lowered or "scope" in lowered:
        missing = message or "a scope that the Hub asks for"
        return TokenTooNarrow(f"The token is too narrow for this. The Hub says: {missing}", missing=missing, **facts)
    return NoRights("The token is good, but may not do this here.", **facts)


def _message_of_body(body: bytes) -> str:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[:MESSAGE_LIMIT].decode("utf-8", "replace").strip()
        return "" if text.startswith(("<", "{", "[")) else text
    if not isinstance(content, dict):
        return ""
    error = content.get("error") or content.get("error_description")
    if isinstance(error, str):
        return error
    parts = error if isinstance(error, list) else content.get("errors")
    if not isinstance(parts, list):
        return ""
    texts = [part.get("message") if isinstance(part, dict) else part for part in parts]
    return "; ".join(text for text in texts if isinstance(text, str))
