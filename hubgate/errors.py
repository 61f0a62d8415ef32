"""What can go wrong, in four families. Each door maps them once (`docs/architecture.md`, Errors)."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A refusal that a person can read: `code` is stable, `message` a sentence with the next step, `data` facts."""

    default_code = "error"

    def __init__(self, message: str, *, code: str | None = None, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.data = data or {}


class NotFoundOrHiddenError(DomainError):
    """No such thing, or not for this person: the two look the same on purpose."""

    default_code = "not_found"


class NotAllowedError(DomainError):
    """The thing may be seen, but this person may not do that with it."""

    default_code = "not_allowed"


class WrongStateError(DomainError):
    """The thing is not in a state from which that can be done; the message says what it is now."""

    default_code = "wrong_state"


class InvalidInputError(DomainError):
    """A value does not fit. `fields` maps an input's name to a sentence about it."""

    default_code = "invalid_input"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: dict[str, str] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, data=data)
        self.fields = fields or {}
