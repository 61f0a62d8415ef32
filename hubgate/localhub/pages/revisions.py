"""The commits of a branch or a pull request, and what one of them changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET

from hubgate.localhub import callers, merges, messages, reads, rights
from hubgate.localhub.models import Commit
from hubgate.localhub.pages import diffs
from hubgate.localhub.pages.layout import page, render
from hubgate.localhub.pages.repository import address, frame, is_covered

PAGE = 50


@csrf_protect
@require_GET
@page
def commits(request: HttpRequest, kind: str, full_name: str, revision: str) -> HttpResponse:
    """Newest first, fifty to a page; the next page begins at the commit that it names."""
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    context = frame(caller, repo, "commits")
    if is_covered(request, repo):
        return render(request, "sensitive", context)
    shown: list[Commit] = []
    one: Commit | None = reads.commit(repo, revision)
    by_id = {row.pk: row for row in repo.commits.all()}
    while one is not None and len(shown) < PAGE:
        shown.append(one)
        one = by_id.get(one.parent_id) if one.parent_id else None
    return render(request, "commits", {**context, "commits": shown, "revision": revision, "older": one})


@csrf_protect
@require_GET
@page
def commit(request: HttpRequest, kind: str, full_name: str, oid: str) -> HttpResponse:
    """What a commit changed; of a gated repository only the files that the visitor may read (HC §1.7)."""
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    context = frame(caller, repo, "commits")
    if is_covered(request, repo):
        return render(request, "sensitive", context)
    found = repo.commits.select_related("parent").filter(oid=oid).first()
    if found is None:
        raise messages.revision_not_found(oid)
    closed = rights.gate(caller, repo, address(repo)) is not None
    changes = merges.changes(reads.files(found.parent), reads.files(found))
    seen = [change for change in changes if not closed or change.path in rights.OPEN_FILES]
    context |= {
        "commit": found,
        "changed": len(changes),
        "hidden": len(changes) - len(seen),
        "diff": diffs.lines(merges.diff(seen)),
    }
    return render(request, "commit", context)
