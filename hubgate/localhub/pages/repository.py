"""A repository's page with its gate, the interstitial of tagged repositories, and the requester's own list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST

from hubgate.localhub import blobs, callers, reads, rights, writes
from hubgate.localhub.callers import Caller
from hubgate.localhub.models import AccessRequest, Repo, RepoFile
from hubgate.localhub.pages import gate_form, markup
from hubgate.localhub.pages.layout import go, page, render

NFAA = "not-for-all-audiences"
VIEWED = "viewed"
KEPT = 40
README_BYTES = 400_000


def address(repo: Repo) -> str:
    """The path of a repository's page."""
    return f"/{reads.PREFIXES[repo.type]}{repo.full_name}"


def status_of(caller: Caller, repo: Repo) -> str:
    """The state of the caller's request, empty if there is none."""
    if caller.person is None:
        return ""
    found = AccessRequest.objects.filter(repo=repo, person=caller.person).values_list("status", flat=True).first()
    return found or ""


def _files(repo: Repo) -> list[RepoFile]:
    return reads.files(reads.commit(repo, repo.sha)) if repo.sha else []


def _readme(files: list[RepoFile]) -> str:
    found = next((file for file in files if file.path == "README.md"), None)
    return blobs.read(found.sha256)[:README_BYTES].decode(errors="replace") if found else ""


def frame(caller: Caller, repo: Repo, tab: str) -> dict[str, Any]:
    """What the head of each of a repository's pages shows."""
    return {"repo": repo, "url": address(repo), "tab": tab, "writes": rights.may_write(caller, repo)}


def is_covered(request: HttpRequest, repo: Repo) -> bool:
    """Whether the interstitial stands before the repository's pages (HC §3) for this visitor."""
    return NFAA in repo.tags and repo.hub_id not in request.session.get(VIEWED, ())


@csrf_protect
@require_GET
@page
def show(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """The card, and the gate in its state or the files. The card is public on a gated repository too (HC §1.7)."""
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    context = frame(caller, repo, "card")
    if is_covered(request, repo):
        return render(request, "sensitive", context)
    files = _files(repo)
    readme = _readme(files)
    closed = rights.gate(caller, repo, address(repo)) is not None
    context |= {
        "closed": closed,
        "status": status_of(caller, repo),
        "files": files,
        "card": markup.to_html(markup.body_of(readme)),
        "card_unread": readme.lstrip().startswith("---") and repo.card is None,
        "next": address(repo),
    }
    if closed:
        context["form"] = gate_form.read(repo.card, repo.type, repo.gated)
    return render(request, "repository", context)


@csrf_protect
@require_POST
@page
def view_content(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """The click through the interstitial (HC §3), remembered in the session."""
    repo = reads.repo(kind, full_name, callers.session(request))
    viewed = [hub_id for hub_id in request.session.get(VIEWED, ()) if hub_id != repo.hub_id]
    request.session[VIEWED] = [*viewed[-KEPT:], repo.hub_id]
    return go(request, address(repo))


def _own_requests(caller: Caller) -> QuerySet[AccessRequest]:
    person = callers.known(caller)
    return AccessRequest.objects.filter(person=person).select_related("repo").order_by("-timestamp", "-id")


@csrf_protect
@require_GET
@page
def own_requests(request: HttpRequest) -> HttpResponse:
    """`/settings/gated-repos`: what the person asked for, with the only button that withdraws a request (HC §1.4)."""
    caller = callers.session(request)
    if caller.person is None:
        return go(request, "/login?next=/settings/gated-repos")
    rows = [{"row": row, "url": address(row.repo)} for row in _own_requests(caller)]
    return render(request, "own_requests", {"rows": rows})


@csrf_protect
@require_POST
@page
def cancel(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    writes.cancel(repo, callers.known(caller))
    return go(request, "/settings/gated-repos", f"Your request for {repo.full_name} is withdrawn.")
