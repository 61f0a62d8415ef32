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
_ALL = ("read", "personal", "decide", "people")
# Who calls: the account, and the scopes of its token; with a session where there are none.
CALLERS: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "anonymous": ("anonymous", None),
    "requester": ("requester", None),
    "requester's script": ("requester", _ALL),
    "reader's script": ("reader", _ALL),
    "other author's script": ("other author", _ALL),
    "operator's script": ("operator", _ALL),
    "steward's script": ("steward", _ALL),
    "auditor": ("auditor", None),
    "auditor's script": ("auditor", _ALL),
    "reviewer": ("reviewer", None),
    "reviewer's script": ("reviewer", _ALL),
    "one repository's reviewer's script": ("reviewer of one repository", _ALL),
    "author": ("author", None),
    "author's script": ("author", _ALL),
    "author's reader": ("author", ("read",)),
    "author's reader of personal data": ("author", ("read", "personal")),
    "author's decider": ("author", ("decide",)),
}
PERSONAL = SECRETS[:3]  # the fourth is a namespace's own text
READS_PERSONAL = {"author", "author's script", "author's reader of personal data"}
_DECIDERS = ("reviewer", "reviewer's script", "one repository's reviewer's script")
_STRANGERS = (
    *("requester", "requester's script", "reader's script", "other author's script", "operator's script"),
    "steward's script",
)


def row(
    scope: str,
    stranger: int,
    author: int,
    *,
    reviewer: int | None = None,
    auditor: int | None = None,
    one: int = 0,
    steward: int = 0,
    requester: int = 0,
    operator: int = 0,
) -> dict[str, int]:
    """What each caller gets from an operation that needs a scope: strangers have every scope. A reviewer gets what an
    author does and an auditor is refused, unless they are named; `one` is the reviewer of one repository. A steward
    and the requester (who also proposed the tag) get what strangers do, unless they are named, and so does the
    operator."""
    reviewed = author if reviewer is None else reviewer
    found = {
        "anonymous": 401,
        **dict.fromkeys(_STRANGERS, stranger),
        **dict.fromkeys(_DECIDERS, reviewed),
        **dict.fromkeys(("auditor", "auditor's script"), 403 if auditor is None else auditor),
        "author": author,
        "author's script": author,
    }
    if steward:
        found["steward's script"] = steward
    if requester:
        found |= dict.fromkeys(("requester", "requester's script"), requester)
    if operator:
        found["operator's script"] = operator
    if one:
        found["one repository's reviewer's script"] = one
    for name in ("author's reader", "author's reader of personal data", "author's decider"):
        found[name] = author if scope in (CALLERS[name][1] or ()) else 403
    return found


# (Method, address) → body, and what each caller gets.
TABLE: dict[tuple[str, str], tuple[Any, dict[str, int]]] = {
    ("GET", "me"): (None, row("read", 200, 200, auditor=200)),
    ("GET", "repositories"): (None, row("read", 200, 200, auditor=200)),
    ("GET", "repositories/<int:repository_id>"): (None, row("read", 404, 200, auditor=200)),
    ("POST", "repositories/<int:repository_id>/grant"): ({"username": "lena-new"}, row("decide", 404, 201)),
    ("GET", "repositories/<int:repository_id>/release"): (None, row("read", 404, 200, auditor=200)),
    ("PUT", "repositories/<int:repository_id>/release"): (
        {"stages": [{"name": "Vetted", "gate": "manual"}, {"name": "Open", "gate": "open"}]},
        row("decide", 404, 200, reviewer=403),
    ),
    ("POST", "repositories/<int:repository_id>/release/go"): (
        {"stage": 987654321},
        row("decide", 404, 404, reviewer=403),
    ),
    ("POST", "repositories/<int:repository_id>/release/advance"): (
        {"to": 987654321},
        row("decide", 404, 404, reviewer=403),
    ),
    ("POST", "repositories/<int:repository_id>/release/step-back"): (
        {"to": 987654321},
        row("decide", 404, 404, reviewer=403),
    ),
    ("POST", "repositories/<int:repository_id>/release/recall"): (
        {"gate": "manual", "whose": "everybody", "reason": "A leak."},
        row("decide", 404, 409, reviewer=403),
    ),
    ("POST", "repositories/<int:repository_id>/release/reopen"): (None, row("decide", 404, 409, reviewer=403)),
    ("POST", "repositories/<int:repository_id>/release/gate"): (
        {"way": "ours"},
        row("decide", 404, 409, reviewer=403),
    ),
    ("GET", "repositories/<int:repository_id>/tag"): (None, row("read", 200, 200, auditor=200)),
    ("PUT", "repositories/<int:repository_id>/tag"): (
        {"is_set": True, "reason": "Gore"},
        row("decide", 403, 200, reviewer=403, steward=200),
    ),
    ("POST", "repositories/<int:repository_id>/tag/retry"): (
        None,
        row("decide", 403, 409, reviewer=403, steward=409),
    ),
    ("POST", "repositories/<int:repository_id>/tag/proposals"): (
        {"evidence": "Gore in 2.png"},
        row("decide", 201, 403, reviewer=201, auditor=201, steward=403, requester=409),
    ),
    ("GET", "repositories/<int:repository_id>/evaluations"): (None, row("read", 200, 200, auditor=200)),
    ("POST", "repositories/<int:repository_id>/evaluations"): (
        {"about": "bias", "title": "Bias", "results": [{"metric": "Bias", "value": 0.1}]},
        row("decide", 403, 201, reviewer=403),
    ),
    ("POST", "repositories/<int:repository_id>/evaluations/card"): (
        {"about": "bias"},
        row("decide", 403, 409, reviewer=403),
    ),
    ("GET", "evaluations/<int:evaluation_id>"): (None, row("read", 200, 200, auditor=200)),
    ("DELETE", "evaluations/<int:evaluation_id>"): (None, row("decide", 403, 204, reviewer=403)),
    ("GET", "tag-proposals"): (None, row("read", 200, 200, auditor=200)),
    ("GET", "tag-proposals/<int:proposal_id>"): (
        None,
        row("read", 404, 200, reviewer=404, auditor=404, steward=200, requester=200),
    ),
    ("POST", "tag-proposals/<int:proposal_id>/rule"): (
        {"accept": False, "reason": "It is not"},
        row("decide", 404, 200, reviewer=404, auditor=404, steward=200, requester=403),
    ),
    ("POST", "tag-proposals/<int:proposal_id>/withdraw"): (
        None,
        row("decide", 404, 404, reviewer=404, auditor=404, requester=200),
    ),
    ("GET", "me/content-preference"): (None, row("read", 200, 200, auditor=200)),
    ("PUT", "me/content-preference"): ({"choice": "hide"}, row("decide", 200, 200, auditor=200)),
    ("GET", "namespaces/<str:name>/people"): (None, row("read", 404, 200, auditor=404, one=404)),
    ("POST", "namespaces/<str:name>/people"): (
        {"username": "reader", "role": "auditor"},
        row("people", 404, 201, reviewer=403, auditor=404, one=404),
    ),
    ("POST", "namespaces/<str:name>/people/<int:role_id>/end"): (
        {"reason": "The review is over."},
        row("people", 404, 200, reviewer=403, auditor=404, one=404),
    ),
    ("GET", "events"): (None, row("read", 200, 200, auditor=200)),
    ("GET", "requests"): (None, row("read", 200, 200, auditor=200)),
    ("GET", "requests/counts"): (None, row("read", 200, 200, auditor=200)),
    ("GET", "requests/<int:request_id>"): (None, row("read", 404, 200, auditor=200)),
    ("POST", "requests/<int:request_id>/decide"): (
        {"verb": "accept", "seen_status": "pending"},
        row("decide", 404, 200),
    ),
    ("POST", "requests/<int:request_id>/undo"): (None, row("decide", 404, 409)),
    ("POST", "requests/<int:request_id>/retry"): (None, row("decide", 404, 409)),
    ("POST", "requests/<int:request_id>/assign"): ({"assignee": None}, row("decide", 404, 200)),
    ("GET", "requests/<int:request_id>/notes"): (None, row("personal", 404, 200)),
    ("POST", "requests/<int:request_id>/notes"): ({"text": "Ask the dean"}, row("decide", 404, 201)),
    ("DELETE", "notes/<int:note_id>"): (None, row("decide", 404, 204, reviewer=403)),
    ("GET", "bulk-decisions"): (None, row("read", 200, 200, auditor=200)),
    ("POST", "bulk-decisions"): ({"verb": "accept", "filter": {}}, row("decide", 400, 201, auditor=201)),
    ("GET", "bulk-decisions/<uuid:key>"): (None, row("read", 404, 200, reviewer=404, auditor=404)),
    ("GET", "bulk-decisions/<uuid:key>/results"): (None, row("read", 404, 200, reviewer=404, auditor=404)),
    ("POST", "bulk-decisions/<uuid:key>/start"): (None, row("decide", 404, 202, reviewer=404, auditor=404)),
    ("POST", "bulk-decisions/<uuid:key>/cancel"): (None, row("decide", 404, 200, reviewer=404, auditor=404)),
    ("GET", "drift"): (None, row("read", 200, 200, auditor=200)),
    ("POST", "drift/<int:drift_id>/settle"): ({"way": "pass"}, row("decide", 404, 200)),
    ("GET", "operations"): (None, row("read", 404, 404, auditor=404, operator=200)),
    ("POST", "operations/retry"): (
        {"what": "round", "key": "aurora-lab"},
        row("decide", 404, 404, auditor=404, operator=200),
    ),
    ("GET", "notifications"): (None, row("read", 200, 200, auditor=200)),
    ("POST", "notifications/read"): ({"up_to": 1}, row("decide", 200, 200, auditor=200)),
    ("POST", "requests/<int:request_id>/extend"): ({"ends_at": None}, row("decide", 404, 409)),
    ("POST", "requests/<int:request_id>/refuse-renewal"): ({"reason": "No."}, row("decide", 404, 409)),
    ("GET", "my/requests"): (None, row("read", 200, 200, auditor=200)),
    ("POST", "my/requests/<int:request_id>/withdraw"): (None, row("decide", 404, 404, auditor=404, requester=200)),
    ("POST", "my/requests/<int:request_id>/renew"): (None, row("decide", 404, 404, auditor=404, requester=409)),
    ("GET", "check"): (None, row("read", 400, 400, auditor=400)),
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
        expected = known[1] if known else {"anonymous": 401, "requester's script": 405, "author": 405}
        found = {}
        for name in expected:
            before = transaction.savepoint()
            response = call(signed[name], method, address(route, values), known[0] if known else {})
            transaction.savepoint_rollback(before)
            found[name] = response.status_code
            if response.status_code >= 400 and method != "HEAD":
                assert response["Content-Type"] == "application/problem+json", f"{name}, {method} {route}"
            if name not in READS_PERSONAL and name not in _DECIDERS:
                kept_from = PERSONAL if CALLERS[name][0] in ("author", "auditor") else SECRETS
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
        path = (
            path.replace(f"<int:{name}>", str(value))
            .replace(f"<uuid:{name}>", str(value))
            .replace(f"<str:{name}>", str(value))
        )
    assert "<" not in path
    return path
