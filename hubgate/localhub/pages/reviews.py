"""The author's side: the four lists of access requests, decisions, adding a person, and the repository's settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from hubgate.localhub import callers, infos, messages, reads, request_lists, rights, states, stock, validation, writes
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import AccessRequest, Account, Repo
from hubgate.localhub.pages.layout import go, page, render
from hubgate.localhub.pages.repository import address, frame

PAGE = 20
TARGETS = ("accepted", "rejected", "reset", "pending")
DONE = {
    "pending": "put back to pending",
    "accepted": "accepted",
    "rejected": "rejected",
    "reset": "reset; they may ask again",
}
GATES = (("false", "Off"), ("auto", "Automatic approval"), ("manual", "Manual approval"))


def _written(request: HttpRequest, kind: str, full_name: str) -> tuple[Caller, Repo, Account]:
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    return caller, repo, rights.require_writer(caller, repo)


def _reasons(repo: Repo, items: list[dict[str, Any]]) -> dict[str, AccessRequest]:
    ids = [item["requestId"] for item in items if "requestId" in item]
    return {row.request_id: row for row in AccessRequest.objects.filter(repo=repo, request_id__in=ids)}


def _lists(request: HttpRequest, caller: Caller, repo: Repo) -> HttpResponse:
    status = request.GET.get("status", "pending")
    if status not in states.STATUSES:
        raise Refusal(400, f"There is no list {status!r}; there are {', '.join(states.STATUSES)}")
    prefix = request.GET.get("q", "")[: validation.MAX_QUERY]
    query = {"limit": PAGE, "q": prefix, "cursor": request.GET.get("cursor", "")}
    rows, cursor = request_lists.page(repo, status, query)
    # What the API would send, read back: the rows hold JSON text that is not parsed yet.
    items: list[dict[str, Any]] = orjson.loads(orjson.dumps(rows))
    counts = dict(AccessRequest.objects.filter(repo=repo).values_list("status").annotate(Count("id")))
    base = f"{address(repo)}/settings/requests"
    reasons = _reasons(repo, items)
    for item in items:
        row = reasons.get(item.get("requestId", ""))
        item["reason"] = (row.rejection_reason or row.reset_reason) if row else ""
    context = {
        **frame(caller, repo, "requests"),
        "status": status,
        "q": prefix,
        "tabs": [(name, counts.get(name, 0), f"{base}?status={name}") for name in states.STATUSES],
        "items": items,
        "targets": [target for target in TARGETS if states.may_handle(status, target)],
        "more": f"{base}?{urlencode({'status': status, 'q': prefix, 'cursor': cursor})}" if cursor else "",
        "longest": validation.MAX_REASON,
    }
    return render(request, "requests", context)


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def requests(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """The lists; a POST decides about one request."""
    caller, repo, reviewer = _written(request, kind, full_name)
    if request.method == "GET":
        return _lists(request, caller, repo)
    status, reason = request.POST.get("status", ""), request.POST.get("reason", "").strip()
    body = {"requestId": request.POST.get("request", ""), "status": status}
    key = {"rejected": "rejectionReason", "reset": "resetReason"}.get(status)
    if key and reason:
        body[key] = reason
    writes.handle(repo, reviewer, validation.handle(body))
    came_from = request.POST.get("list", "pending")
    row = AccessRequest.objects.select_related("person").get(repo=repo, request_id=body["requestId"])
    shown = "The request is" if repo.hide_people else f"The request of {row.person.name} is"
    target = f"{address(repo)}/settings/requests?{urlencode({'status': came_from})}"
    return go(request, target, f"{shown} {DONE[status]}.")


@csrf_protect
@require_POST
@page
def grant(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """Adds a person by user name."""
    _, repo, reviewer = _written(request, kind, full_name)
    name = request.POST.get("user", "").strip()
    writes.grant(repo, reviewer, validation.grant({"user": name}))
    return go(request, f"{address(repo)}/settings/requests?status=accepted", f"{name} has access now.")


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def settings(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """Gate and visibility."""
    caller, repo, _ = _written(request, kind, full_name)
    if request.method == "GET":
        return render(request, "settings", {**frame(caller, repo, "settings"), "gates": GATES})
    given = request.POST.get("gated", "")
    body = {"gated": False if given == "false" else given, "private": request.POST.get("private") == "on"}
    writes.settings(repo, validation.settings(body, repo.type == Repo.Type.SPACE))
    return go(request, f"{address(repo)}/settings", "Saved.")


@csrf_protect
@require_POST
@page
def rename(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """A new name in the same namespace; the old one leads to it. For owners, organisation admins and who made it."""
    _, repo, person = _written(request, kind, full_name)
    if rights.role_in(person, repo.owner) not in ("owner", "admin") and repo.creator_id != person.pk:
        raise messages.read_only()
    new = f"{repo.owner.name}/{request.POST.get('name', '').strip()}"
    _, name = infos.repo_id(new)
    if Repo.objects.filter(type=kind, folded=new.lower()).exclude(pk=repo.pk).exists():
        raise Refusal(409, f"{new} is there already.")
    stock.move(repo, repo.owner, name)
    return go(request, f"{address(repo)}/settings", f"It is called {new} now.")
