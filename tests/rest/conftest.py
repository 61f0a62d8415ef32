"""A caller of the API: an account with an access token, and the namespace that it runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from access.models import AccessRequest
from hubgate.accounts import actions as accounts
from hubgate.accounts import scopes
from hubgate.accounts.models import User
from repos.models import Repository
from tests import factories

EMAIL, ANSWER = "jordan@northlake.edu", "To study bias"


@dataclass
class Caller:
    """Calls as a script does: a token, JSON out and in."""

    user: User
    token: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response to `METHOD /api/v1/PATH`; header names with underscores."""
        given: dict[str, Any] = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if self.token:
            given.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.token}")
        address = path if path.startswith("http") else f"/api/v1/{path}"
        return Client(raise_request_exception=False).generic(
            method,
            address,
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            content_type="application/json",
            **given,
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)


def caller(user: User, *wanted: str) -> Caller:
    """A caller with a fresh token of the account; all scopes where none is named."""
    _, secret = accounts.make_token(actor=factories.actor(user), name="script", wanted=wanted or scopes.ALL, days=7)
    return Caller(user, secret)


@pytest.fixture(autouse=True)
def _nobody_has_called_yet() -> None:
    cache.clear()


@pytest.fixture
def author(db: None) -> User:
    return factories.make_author()


@pytest.fixture
def script(author: User) -> Caller:
    return caller(author)


@pytest.fixture
def repository(author: User) -> Repository:
    return factories.make_repository(card=factories.form_card({"Purpose": "text"}))


@pytest.fixture
def asked(repository: Repository) -> AccessRequest:
    return factories.ask(repository, "jordan", email=EMAIL, answers={"Purpose": ANSWER})
