"""Commits over HTTP: `validate-yaml`, `preupload` and `commit` (HC §3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hubgate.localhub import answers, blobs, callers, card, commits, discussions, patterns, reads, rights
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Commit, Repo
from hubgate.localhub.validation import Issues
from hubgate.localhub.views.access import page_url

MAX_FILES = 1000


@csrf_exempt
@require_POST
def validate_yaml(request: HttpRequest) -> HttpResponse:
    """What is wrong with a README's front matter: `{errors, warnings}`, 400 with errors; nobody need be signed in."""
    body = answers.body_json(request)
    body = body if isinstance(body, dict) else {}
    content, kind = body.get("content"), body.get("repoType") or "model"
    issues = Issues()
    if not isinstance(content, str):
        issues.add("Invalid input: expected string", "content")
    issues.option(kind, Repo.Type.values, "repoType")
    issues.raise_any()
    errors, warnings = card.problems(str(content), kind)
    told = {
        "errors": [{"message": message} for message in errors],
        "warnings": [{"message": message} for message in warnings],
    }
    if errors:
        raise Refusal(400, " ".join(errors), body={"error": " ".join(errors), **told})
    return answers.json(request, told)


def _proposes(request: HttpRequest) -> bool:
    return request.GET.get("create_pr", "").lower() in ("1", "true")


def _pushed(request: HttpRequest, types: str, full_name: str, revision: str) -> tuple[Repo, Account]:
    """The repository and the caller who may commit to this revision, or propose to."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    if _proposes(request):
        return repo, rights.require_proposer(caller, repo, page_url(request, repo))
    if revision.startswith("refs/pr/") and caller.person is not None:
        ref = commits.ref_of(repo, revision)
        if discussions.of_ref(repo, ref.ref).author_id == caller.person.pk:
            return repo, rights.require_proposer(caller, repo, page_url(request, repo))
    return repo, rights.require_pusher(caller, repo)


def _text(head: Commit, path: str) -> str:
    file = head.files.filter(path=path, lfs=False).first()
    return blobs.read(file.sha256).decode(errors="replace") if file else ""


@csrf_exempt
@require_POST
def preupload(request: HttpRequest, types: str, full_name: str, revision: str) -> HttpResponse:
    """How each file is to be sent: `regular` in the commit itself or `lfs` before it, by `.gitattributes` and size; and
    whether `.gitignore` leaves it out."""
    repo, _ = _pushed(request, types, full_name, revision)
    body = answers.body_json(request)
    files = body.get("files") if isinstance(body, dict) else None
    issues = Issues()
    if not isinstance(files, list) or not all(_is_file(file) for file in files):
        files = []
        issues.add("Invalid input: expected an array of files with path, size and sample", "files")
    elif len(files) > MAX_FILES:
        issues.add(f"Too big: expected array to have <={MAX_FILES} items", "files")
    issues.raise_any()
    head = commits.ref_of(repo, revision).commit
    attributes = _text(head, ".gitattributes")
    given = body.get("gitIgnore")
    ignored = given if isinstance(given, str) else _text(head, ".gitignore")
    there = {file.path: file for file in reads.files(head)}
    out = []
    for file in files:
        path = file["path"]
        lfs = file["size"] > commits.MAX_REGULAR or patterns.is_lfs(attributes, path)
        entry: dict[str, Any] = {
            "path": path,
            "uploadMode": "lfs" if lfs else "regular",
            "shouldIgnore": patterns.is_ignored(ignored, path),
        }
        if path in there:
            entry["oid"] = there[path].sha256 if there[path].lfs else there[path].oid
        out.append(entry)
    return answers.json(request, {"files": out})


def _is_file(file: object) -> bool:
    if not isinstance(file, dict):
        return False
    size = file.get("size")
    return isinstance(file.get("path"), str) and isinstance(size, int) and not isinstance(size, bool) and size >= 0


@csrf_exempt
@require_POST
def commit(request: HttpRequest, types: str, full_name: str, revision: str) -> HttpResponse:
    """A commit to a branch or a pull request; with `create_pr=1` it opens one."""
    repo, person = _pushed(request, types, full_name, revision)
    if request.content_type != "application/x-ndjson":
        raise Refusal(400, "Send Content-Type: application/x-ndjson")
    draft = commits.read(request.body, repo.type)
    out: dict[str, Any] = {"success": True}
    if _proposes(request):
        made, opened = commits.propose(repo, person, revision, draft)
        out["pullRequestUrl"] = f"{page_url(request, repo)}/discussions/{opened.num}"
    else:
        made = commits.push(repo, person, revision, draft)
    out |= {"commitOid": made.oid, "commitUrl": f"{page_url(request, repo)}/commit/{made.oid}", "hookOutput": ""}
    return answers.json(request, out)
