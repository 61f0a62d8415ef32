"""The community tab: discussions and pull requests, read and written by a person signed in here."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from hubgate.localhub import callers, discussions, messages, reads, rights, threads
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Discussion, Repo
from hubgate.localhub.pages import diffs
from hubgate.localhub.pages.layout import go, page, render
from hubgate.localhub.pages.repository import address, frame, is_covered
from hubgate.localhub.views.discussions import MAX_TEXT, TITLE, optional_text, require_owner, text_of

TABS = (("open", "Open"), ("closed", "Closed"))


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def index(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """The list; a POST opens a discussion."""
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    if request.method == "POST":
        person = rights.require_speaker(caller, repo)
        title, text = text_of(request.POST, "title", *TITLE), text_of(request.POST, "description")
        made = discussions.open_discussion(repo, person, title, text)
        return go(request, f"{address(repo)}/discussions/{made.num}")
    threads.require_reader(repo)
    context = frame(caller, repo, "community")
    if is_covered(request, repo):
        return render(request, "sensitive", context)
    status = request.GET.get("status", "open")
    listed = threads.page(repo, {"status": status, "p": request.GET.get("p", "0")})
    base, number = f"{address(repo)}/discussions", listed["start"] // threads.PAGE
    has_more = listed["start"] + len(listed["discussions"]) < listed["count"]
    context |= {
        "items": listed["discussions"],
        "status": status,
        "tabs": [(name, label, f"{base}?{urlencode({'status': name})}") for name, label in TABS],
        "older": f"{base}?{urlencode({'status': status, 'p': number + 1})}" if has_more else "",
        "longest": TITLE[1],
    }
    return render(request, "discussions", context)


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def one(request: HttpRequest, kind: str, full_name: str, num: str) -> HttpResponse:
    """A discussion with all that happened; a POST comments, closes, opens or merges, as its `do` says."""
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    threads.require_reader(repo)
    found = threads.found(repo, int(num))
    if request.method == "POST":
        verb = DEEDS.get(request.POST.get("do", ""))
        if verb is None:
            raise Refusal(400, f"Choose one of {', '.join(DEEDS)}")
        verb(request, caller, repo, rights.require_speaker(caller, repo), found)
        return go(request, f"{address(repo)}/discussions/{found.num}")
    context = frame(caller, repo, "community")
    if is_covered(request, repo):
        return render(request, "sensitive", context)
    told = threads.details(found, diff_for=None)
    is_owner = caller.person is not None and (found.author_id == caller.person.pk or context["writes"])
    context |= {
        "discussion": found,
        "events": told["events"],
        "conflicts": told.get("filesWithConflicts", []),
        "diff": diffs.lines(threads.shown_diff(found, caller)) if found.is_pull_request else [],
        "may_settle": is_owner and found.status != Discussion.Status.MERGED,
        "may_merge": context["writes"] and found.is_pull_request and found.status == Discussion.Status.OPEN,
        "longest": MAX_TEXT,
        "next": f"{address(repo)}/discussions/{found.num}",
    }
    return render(request, "discussion", context)


def _comment(request: HttpRequest, caller: Caller, repo: Repo, person: Account, found: Discussion) -> None:
    discussions.comment(found, person, text_of(request.POST, "comment"))


def _close(request: HttpRequest, caller: Caller, repo: Repo, person: Account, found: Discussion) -> None:
    require_owner(caller, repo, person, found.author_id)
    discussions.set_status(found, person, "closed", optional_text(request.POST, "comment"))


def _open(request: HttpRequest, caller: Caller, repo: Repo, person: Account, found: Discussion) -> None:
    require_owner(caller, repo, person, found.author_id)
    discussions.set_status(found, person, "open", optional_text(request.POST, "comment"))


def _merge(request: HttpRequest, caller: Caller, repo: Repo, person: Account, found: Discussion) -> None:
    if not rights.may_write(caller, repo):
        raise messages.read_only()
    discussions.merge(found, person, optional_text(request.POST, "comment"))


Deed = Callable[[HttpRequest, Caller, Repo, Account, Discussion], None]
DEEDS: dict[str, Deed] = {"comment": _comment, "close": _close, "open": _open, "merge": _merge}
