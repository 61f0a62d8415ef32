"""The control door, `/_control/…`: arranges the store, reads the journal, makes faults. JSON, and only from loopback.

A request with an `Origin` header (a browser's page) is refused, and a body must be `application/json`.

- GET ready: `{"ready": true}`
- POST reset `{seed?: "empty"|"conformance"|"demo"}`: store, journal, faults, switches and clock start afresh
- POST people `{people: [{name, fullname?, email?, is_pro?, verified_orgs?, hub_id?, tokens?: [{secret?, role?}]}]}`
- POST orgs `{orgs: [{name, fullname?, members?: {person: "admin"|"write"|"contributor"|"read"|null}}]}`
- POST tokens `{tokens: [{person, secret?, role?, can_read_gated_repos?, scoped?, expired?}]}`: `[{token}]`
- POST repos `{repos: [{repo, type?, gated?, private?, files?, creator?, hide_people?, hide_emails?, …}]}`:
  `[{_id, id, sha}]`; changes the one that is there already
- POST commits `{repo, type?, files: {path: file or null}, title?, branch?}`: changes these files, null takes one away
- POST repos/delete `{repo, type?}`, POST repos/move `{repo, type?, to}`
- POST requests `{repo, type?, requests: [{user, status, timestamp?, reviewedAt?, fields?, …}]}`; status `none` deletes
- POST requests/generate `{repo, type?, count, status? or statuses?: {status: weight}, prefix?, seed?, start?,
  step_seconds?, fields?}`: many at once
- POST requests/delete `{repo, type?, users?: [name]}`: these, or all
- GET requests `?repo=&type=`: rows with the reasons that the Hub never shows again
- GET settings, PUT settings `{requestIds?, lag?, clockOffset?, quotas?: {api?, resolvers?, pages?}}`, in seconds
- GET journal `?after=SEQUENCE`: `[{sequence, time, method, path, query, owner, body_digest?, body?, status, fault?}]`
- DELETE journal
- GET faults: rules with `seen` and `hits`; POST faults: a rule, see `faults.py`; DELETE faults: ends all of them and
  wakes the calls that hang

A file is a text, or `{text | base64 | zeros: N, lfs?: bool, xet_hash?}`. Times are ISO 8601 with a zone.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from hubgate.localhub import answers, arrange, clock, stock
from hubgate.localhub.controls import CONTROLS
from hubgate.localhub.faults import FAULTS
from hubgate.localhub.journal import JOURNAL
from hubgate.localhub.limits import WINDOWS
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import AccessRequest, Account, Repo

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1", "")
SEEDS = ("empty", "conformance", "demo")
Body = dict[str, Any]


def door(*methods: str) -> Callable[[Callable[[HttpRequest, Body], Any]], Callable[[HttpRequest], HttpResponse]]:
    """A view that answers loopback only, takes a JSON object and gives JSON."""

    def wrap(view: Callable[[HttpRequest, Body], Any]) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            if request.META.get("REMOTE_ADDR", "") not in LOOPBACK or request.META.get("HTTP_ORIGIN"):
                refused: Body = {"error": "The control door answers this machine only, and no browser pages"}
                return answers.json(request, refused, 403)
            if request.method not in methods:
                return answers.json(request, {"error": f"Use {' or '.join(methods)}"}, 405)
            try:
                body: Any = {}
                if request.method in ("POST", "PUT"):
                    if request.content_type != "application/json":
                        raise Refusal(400, "Send Content-Type: application/json")
                    body = answers.body_json(request) or {}
                if not isinstance(body, dict):
                    raise Refusal(400, "Send a JSON object")
                return answers.json(request, view(request, body))
            except Refusal as error:
                return answers.json(request, {"error": error.message}, error.status)
            except KeyError as error:
                return answers.json(request, {"error": f"The key {error} is missing"}, 400)
            except (TypeError, ValueError, AttributeError) as error:
                return answers.json(request, {"error": f"A value is not of the kind it must be: {error}"}, 400)

        return answer

    return wrap


@door("GET")
def ready(request: HttpRequest, body: Body) -> Any:
    return {"ready": True}


def seed(name: str) -> None:
    """Fills an empty store: `conformance`, `demo`, or nothing."""
    if name not in SEEDS:
        raise Refusal(400, f"Unknown seed {name!r}; known are {', '.join(SEEDS)}")
    if name == "empty":
        return
    module = importlib.import_module("hubgate.localhub." + {"conformance": "seeds", "demo": "demo"}[name])
    module.fill()


@door("POST")
def reset(request: HttpRequest, body: Body) -> Any:
    FAULTS.clear()
    CONTROLS.restore()
    WINDOWS.clear()
    clock.set_offset(0)
    arrange.empty()
    seed(body.get("seed", "empty"))
    JOURNAL.clear()
    return {}


@door("POST")
def people(request: HttpRequest, body: Body) -> Any:
    with transaction.atomic():
        return [arrange.person(one) for one in body["people"]]


@door("POST")
def orgs(request: HttpRequest, body: Body) -> Any:
    with transaction.atomic():
        return [arrange.org(one) for one in body["orgs"]]


@door("POST")
def tokens(request: HttpRequest, body: Body) -> Any:
    with transaction.atomic():
        return [arrange.token(one) for one in body["tokens"]]


@door("POST")
def repos(request: HttpRequest, body: Body) -> Any:
    with transaction.atomic():
        return [arrange.repo(one) for one in body["repos"]]


@door("POST")
def commits(request: HttpRequest, body: Body) -> Any:
    return {"sha": arrange.commit(body).oid}


@door("POST")
def delete_repo(request: HttpRequest, body: Body) -> Any:
    arrange.find_repo(body).delete()
    return {}


@door("POST")
def move_repo(request: HttpRequest, body: Body) -> Any:
    owner, _, name = str(body["to"]).partition("/")
    account = Account.objects.filter(folded=owner.lower()).first()
    if account is None or not name:
        raise Refusal(400, f"There is no namespace {owner!r} to move to; write to as owner/name")
    if Repo.objects.filter(type=body.get("type", "model"), folded=str(body["to"]).lower()).exists():
        raise Refusal(400, f"{body['to']} is there already")
    stock.move(arrange.find_repo(body), account, name)
    return {}


ROW = ("person__name", "status", "timestamp", "reviewed_at", "fields", "request_id", "rejection_reason", "reset_reason")


@door("GET", "POST")
def requests(request: HttpRequest, body: Body) -> Any:
    if request.method == "GET":
        found = arrange.find_repo(request.GET.dict())
        rows = AccessRequest.objects.filter(repo=found).order_by("id").values(*ROW, "granted_by__name")
        return [
            {
                "user": row["person__name"],
                "status": row["status"],
                "timestamp": row["timestamp"],
                "reviewedAt": row["reviewed_at"],
                "grantedBy": row["granted_by__name"],
                "fields": row["fields"],
                "requestId": row["request_id"],
                "rejectionReason": row["rejection_reason"],
                "resetReason": row["reset_reason"],
            }
            for row in rows
        ]
    found = arrange.find_repo(body)
    with transaction.atomic():
        return [arrange.request(found, one) for one in body["requests"]]


@door("POST")
def generate(request: HttpRequest, body: Body) -> Any:
    return {"count": arrange.generate(arrange.find_repo(body), body)}


@door("POST")
def delete_requests(request: HttpRequest, body: Body) -> Any:
    rows = AccessRequest.objects.filter(repo=arrange.find_repo(body))
    if "users" in body:
        rows = rows.filter(person__folded__in=[str(name).lower() for name in body["users"]])
    return {"count": rows.delete()[0]}


@door("GET", "PUT")
def settings(request: HttpRequest, body: Body) -> Any:
    arrange.wanted(body, ("requestIds", "lag", "clockOffset", "quotas"))
    if "requestIds" in body:
        CONTROLS.request_ids = bool(body["requestIds"])
    if "lag" in body:
        CONTROLS.lag = float(body["lag"])
    if "clockOffset" in body:
        clock.set_offset(float(body["clockOffset"]))
    if "quotas" in body:
        arrange.wanted(body["quotas"], ("api", "resolvers", "pages"))
        CONTROLS.quotas.update({name: int(quota) for name, quota in body["quotas"].items()})
        WINDOWS.clear()
    return {
        "requestIds": CONTROLS.request_ids,
        "lag": CONTROLS.lag,
        "clockOffset": clock.offset(),
        "quotas": CONTROLS.quotas,
    }


@door("GET", "DELETE")
def journal(request: HttpRequest, body: Body) -> Any:
    if request.method == "DELETE":
        JOURNAL.clear()
        return {}
    return JOURNAL.read(int(request.GET.get("after", "0")))


@door("GET", "POST", "DELETE")
def faults(request: HttpRequest, body: Body) -> Any:
    if request.method == "DELETE":
        FAULTS.clear()
        return {}
    if request.method == "POST":
        return FAULTS.add(body)
    return FAULTS.shown()


urlpatterns = [
    path("ready", ready),
    path("reset", reset),
    path("people", people),
    path("orgs", orgs),
    path("tokens", tokens),
    path("repos", repos),
    path("repos/delete", delete_repo),
    path("repos/move", move_repo),
    path("commits", commits),
    path("requests", requests),
    path("requests/generate", generate),
    path("requests/delete", delete_requests),
    path("settings", settings),
    path("journal", journal),
    path("faults", faults),
]
