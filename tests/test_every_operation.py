"""Every operation of the API as everybody, with every method and every scope: the table of who gets what. An address
without a row fails. Personal data is looked for in everything that is given to somebody who may not read it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from access.models import Drift
from hubgate.accounts import actions as accounts
from hubgate.accounts.queries import actor_of
from tests.test_every_url import SECRETS, patterns, world

__all__ = ["world"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Who calls: the account, and the scopes of its token; with a session where there are none.
CALLERS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "anonymous": ("anonymous", None),
    "requester": ("requester", None),
    "requester's script": ("requester", ("read", "personal", "decide")),
    "other author's script": ("other author", ("read", "personal", "decide")),
    "operator's script": ("operator", ("read", "personal", "decide")),
    "author": ("author", None),
    "author's script": ("author", ("read", "personal", "decide")),
    "author's reader": ("author", ("read",)),
    "author's reader of personal data": ("author", ("read", "personal")),
    "author's decider": ("author", ("decide",)),
}
PERSONAL = SECRETS[:3]  # the fourth is a namespace's own text
READS_PERSONAL = {"author", "author's script", "author's reader of personal data"}
_STRANGERS = ("requester", "requester's script", "other author's script", "operator's script")


def row(scope: str, stranger: int, author: int, requester: int | None = None) -> dict[str, int]:
    """What each caller gets from an operation that needs a scope: strangers have every scope; `requester` is what whose
    own request it is gets, where that is something else."""
    found = {"anonymous": 401, **dict.fromkeys(_STRANGERS, stranger), "author": author, "author's script": author}
    if requester is not None:
        found |= {"requester": requester, "requester's script": requester}
    for name in ("author's reader", "author's reader of personal data", "author's decider"):
        found[name] = author if scope in (CALLERS[name][1] or ()) else 403
    return found


# (Method, address) → body, scope, what a stranger and what the author gets, and what the requester, where that differs.
TABLE: dict[tuple[str, str], tuple[Any, ...]] = {
    ("GET", "me"): (None, "read", 200, 200),
    ("GET", "repositories"): (None, "read", 200, 200),
    ("GET", "repositories/<int:repository_id>"): (None, "read", 404, 200),
    ("POST", "repositories/<int:repository_id>/grant"): ({"username": "lena-new"}, "decide", 404, 201),
    ("GET", "repositories/<int:repository_id>/release"): (None, "read", 404, 200),
    ("PUT", "repositories/<int:repository_id>/release"): (
        {"stages": [{"name": "Vetted", "gate": "manual"}, {"name": "Open", "gate": "open"}]},
        "decide",
        404,
        200,
    ),
    ("POST", "repositories/<int:repository_id>/release/go"): ({"stage": 987654321}, "decide", 404, 404),
    ("POST", "repositories/<int:repository_id>/release/advance"): ({"to": 987654321}, "decide", 404, 404),
    ("POST", "repositories/<int:repository_id>/release/step-back"): ({"to": 987654321}, "decide", 404, 404),
    ("POST", "repositories/<int:repository_id>/release/recall"): (
        {"gate": "manual", "whose": "everybody", "reason": "A leak."},
        "decide",
        404,
        409,
    ),
    ("POST", "repositories/<int:repository_id>/release/reopen"): (None, "decide", 404, 409),
    ("POST", "repositories/<int:repository_id>/release/gate"): ({"way": "ours"}, "decide", 404, 409),
    ("GET", "repositories/<int:repository_id>/tag"): (None, "read", 200, 200),
    ("PUT", "repositories/<int:repository_id>/tag"): ({"is_set": True, "reason": "Gore"}, "decide", 403, 200),
    ("POST", "repositories/<int:repository_id>/tag/retry"): (None, "decide", 403, 409),
    ("POST", "repositories/<int:repository_id>/tag/proposals"): ({"evidence": "Gore in 2.png"}, "decide", 201, 403),
    ("GET", "repositories/<int:repository_id>/evaluations"): (None, "read", 200, 200),
    ("POST", "repositories/<int:repository_id>/evaluations"): (
        {"about": "bias", "title": "Bias", "results": [{"metric": "Bias", "value": 0.1}]},
        "decide",
        403,
        201,
    ),
    ("POST", "repositories/<int:repository_id>/evaluations/card"): ({"about": "bias"}, "decide", 403, 409),
    ("GET", "evaluations/<int:evaluation_id>"): (None, "read", 200, 200),
    ("DELETE", "evaluations/<int:evaluation_id>"): (None, "decide", 403, 204),
    ("GET", "tag-proposals"): (None, "read", 200, 200),
    ("GET", "tag-proposals/<int:proposal_id>"): (None, "read", 404, 200),
    ("POST", "tag-proposals/<int:proposal_id>/rule"): ({"accept": False, "reason": "It is not"}, "decide", 404, 200),
    ("POST", "tag-proposals/<int:proposal_id>/withdraw"): (None, "decide", 404, 404),
    ("GET", "me/content-preference"): (None, "read", 200, 200),
    ("PUT", "me/content-preference"): ({"choice": "hide"}, "decide", 200, 200),
    ("GET", "events"): (None, "read", 200, 200),
    ("GET", "requests"): (None, "read", 200, 200),
    ("GET", "requests/counts"): (None, "read", 200, 200),
    ("GET", "requests/<int:request_id>"): (None, "read", 404, 200),
    ("POST", "requests/<int:request_id>/decide"): ({"verb": "accept", "seen_status": "pending"}, "decide", 404, 200),
    ("POST", "requests/<int:request_id>/extend"): ({"ends_at": None}, "decide", 404, 409),
    ("POST", "requests/<int:request_id>/refuse-renewal"): ({"reason": "No."}, "decide", 404, 409),
    ("GET", "my/requests"): (None, "read", 200, 200),
    ("POST", "my/requests/<int:request_id>/withdraw"): (None, "decide", 404, 404, 200),
    ("POST", "my/requests/<int:request_id>/renew"): (None, "decide", 404, 404, 409),
    ("GET", "check"): (None, "read", 400, 400),
    ("POST", "requests/<int:request_id>/undo"): (None, "decide", 404, 409),
    ("POST", "requests/<int:request_id>/retry"): (None, "decide", 404, 409),
    ("POST", "requests/<int:request_id>/assign"): ({"assignee": None}, "decide", 404, 200),
    ("GET", "requests/<int:request_id>/notes"): (None, "personal", 404, 200),
    ("POST", "requests/<int:request_id>/notes"): ({"text": "Ask the dean"}, "decide", 404, 201),
    ("DELETE", "notes/<int:note_id>"): (None, "decide", 404, 204),
    ("GET", "bulk-decisions"): (None, "read", 200, 200),
    ("POST", "bulk-decisions"): ({"verb": "accept", "filter": {}}, "decide", 400, 201),
    ("GET", "bulk-decisions/<uuid:key>"): (None, "read", 404, 200),
    ("GET", "bulk-decisions/<uuid:key>/results"): (None, "read", 404, 200),
    ("POST", "bulk-decisions/<uuid:key>/start"): (None, "decide", 404, 202),
    ("POST", "bulk-decisions/<uuid:key>/cancel"): (None, "decide", 404, 200),
    ("GET", "drift"): (None, "read", 200, 200),
    ("POST", "drift/<int:drift_id>/settle"): ({"way": "pass"}, "decide", 404, 200),
    ("GET", "notifications"): (None, "read", 200, 200),
    ("POST", "notifications/read"): ({"up_to": 1}, "decide", 200, 200),
}
# (Method, address) → what who proposed the tag gets, where it is not what other strangers get.
PROPOSER: dict[tuple[str, str], int] = {
    ("POST", "repositories/<int:repository_id>/tag/proposals"): 409,
    ("GET", "tag-proposals/<int:proposal_id>"): 200,
    ("POST", "tag-proposals/<int:proposal_id>/rule"): 403,
    ("POST", "tag-proposals/<int:proposal_id>/withdraw"): 200,
}
ROUTES = sorted({route for _, route in TABLE})


@pytest.fixture
def drift_id(world: dict[str, Any]) -> int:
    """A difference with the Hub whose request has changed since."""
    request_id = world["values"]["pk"]
    found = Drift.objects.create(
        request_id=request_id, repository_id=world["repository"], ours={}, theirs="rejected", stands="theirs"
    )
    return found.pk


@pytest.mark.parametrize("route", ROUTES)
def test_everybody_gets_what_the_table_says(route: str, world: dict[str, Any], drift_id: int):
    cache.clear()
    signed = {name: sign_in(world, name) for name in CALLERS}
    values = {**world["values"], "request_id": world["values"]["pk"], "drift_id": drift_id}
    for method in METHODS:
        operation = ("GET" if method == "HEAD" else method, route)
        known = TABLE.get(operation)
        expected = row(*known[1:]) if known else {"anonymous": 401, "requester's script": 405, "author": 405}
        if operation in PROPOSER:
            expected |= dict.fromkeys(("requester", "requester's script"), PROPOSER[operation])
        found = {}
        for name in expected:
            before = transaction.savepoint()
            response = call(signed[name], method, address(route, values), known[0] if known else {})
            transaction.savepoint_rollback(before)
            found[name] = response.status_code
            if response.status_code >= 400 and method != "HEAD":
                assert response["Content-Type"] == "application/problem+json", f"{name}, {method} {route}"
            if name not in READS_PERSONAL:
                kept_from = PERSONAL if CALLERS[name][0] == "author" else SECRETS
                leaked = [secret for secret in kept_from if secret.encode() in response.content]
                assert not leaked, f"{name} reads {leaked} at {method} {route}"
        assert found == expected, method


def test_what_is_asked_for_is_given_to_who_may_read_it(world: dict[str, Any]):
    """The secrets looked for above are there to be found."""
    script = sign_in(world, "author's script")
    told = call(script, "GET", f"/api/v1/requests/{world['values']['pk']}", None)
    notes = call(script, "GET", f"/api/v1/requests/{world['values']['pk']}/notes", None)
    assert SECRETS[0] in told.text
    assert SECRETS[1] in told.text
    assert SECRETS[2] in notes.text


def test_every_operation_has_its_row():
    ours = {route.removeprefix("/api/v1/") for route in patterns(get_resolver()) if route.startswith("/api/v1/")}
    assert ours - {"schema"} == set(ROUTES)


def sign_in(world: dict[str, Any], name: str) -> Client:
    """A client that calls as one of `CALLERS`."""
    role, scopes = CALLERS[name]
    user = world["people"][role]
    if scopes is not None:
        _, secret = accounts.make_token(actor=actor_of(user), name="script", wanted=scopes, days=1)
        return Client(headers={"authorization": f"Bearer {secret}"})
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def call(client: Client, method: str, path: str, body: Any) -> Any:
    data = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, path, data, content_type="application/json")


def address(route: str, values: dict[str, int | str | UUID]) -> str:
    path = "/api/v1/" + route
    for name, value in values.items():
        path = path.replace(f"<int:{name}>", str(value)).replace(f"<uuid:{name}>", str(value))
    assert "<" not in path
    return path
