"""What can go wrong with a call to the Hub, and each time a sentence for the author.

`temporary` errors are worth another try later; the others stay until somebody acts. `outcome_unknown` is true where the
Hub may have applied a write although no good answer came: read before you repeat it. No error holds a token, a body
or a query string.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar


class HubError(Exception):
    """Base of all. `sentence` is for the author; `method` and `path` say which call; `status`, `code` (X-Error-Code)
    and `message` are the Hub's, where it answered; `request_id` is its name for the call, for a question to its
    makers."""

    temporary: ClassVar[bool] = False

    def __init__(
        self,
        sentence: str,
        *,
        method: str = "GET",
        path: str = "",
        status: int | None = None,
        code: str | None = None,
        message: str | None = None,
        request_id: str | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.method = method
        self.path = path
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.outcome_unknown = outcome_unknown


class HubUnreachable(HubError):
    """No connection, no answer in time, a cut connection, or a server error. `retry_at` is set once that has happened
    so often that nobody calls before then (`hubgate.hub.circuit`)."""

    temporary = True

    def __init__(self, sentence: str, *, retry_at: datetime | None = None, **facts: Any) -> None:
        super().__init__(sentence, **facts)
        self.retry_at = retry_at


class BrokenOff(HubUnreachable):
    """The connection was cut in the middle of a call. The next may well succeed."""


class TimedOut(HubUnreachable):
    """The Hub took the call and did not answer in time. The next may take as long."""


class RateLimited(HubError):
    """Not now: `retry_at` says when. `held_back` tells our own restraint (nothing was sent) from the Hub's 429."""

    temporary = True

    def __init__(
        self, sentence: str, *, retry_at: datetime, bucket: str, held_back: bool, **facts: str | int | None
    ) -> None:
        super().__init__(sentence, **facts)  # type: ignore[arg-type]
        self.retry_at = retry_at
        self.bucket = bucket
        self.held_back = held_back


class BadAnswer(HubError):
    """The answer is not what this endpoint gives: a web page, cut or garbled JSON, a redirect elsewhere, too much."""

    temporary = True


class TokenRejected(HubError):
    """401: the Hub no longer knows the token."""


class NoRights(HubError):
    """403: the token is good, but not for this. Whether it is too narrow or another account's, `tokens.refine` can
    tell."""


class TokenTooNarrow(NoRights):
    """The token lacks a permission; `missing` names it in plain words."""

    def __init__(self, sentence: str, *, missing: str, **facts: str | int | bool | None) -> None:
        super().__init__(sentence, **facts)  # type: ignore[arg-type]
        self.missing = missing


class WrongAccount(NoRights):
    """The token belongs to an account that does not run this namespace."""


class RepoNotFound(HubError):
    """The Hub knows no such repository, or hides it from this token."""


class RepoMoved(HubError):
    """The repository has another id now: `new_id`. Nothing was done under the old one."""

    def __init__(self, sentence: str, *, new_id: str, **facts: str | int | None) -> None:
        super().__init__(sentence, **facts)  # type: ignore[arg-type]
        self.new_id = new_id


class GatedRefusal(HubError):
    """The gate of the repository is shut for this token's account."""


class Refused(HubError):
    """Another final 4xx, such as `RepoNotGated` or "User not found"; `status`, `code` and `message` say which."""


class AlreadyThere(Refused):
    """`grant` for somebody who is in already (HC §1.3)."""


class NoSuchRequest(Refused):
    """404 of `handle`: there is no such request, or it is in that state already; the Hub does not say which (HC
    §1.3)."""


class RevisionNotFound(Refused):
    """The repository has no such branch, pull request or commit."""


class EntryNotFound(Refused):
    """The repository has no such file at this revision."""


class ParentMoved(Refused):
    """412: the branch has another head than the commit was made for. Nothing was committed (HC §3)."""
