"""Discussions and pull requests over HTTP (HC §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubgate.localhub import answers, callers, discussions, messages, reads, rights, stock, threads
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Discussion, Repo
from hubgate.localhub.validation import MISSING, Issues

TITLE = (3, 200)
MAX_TEXT = 65536


def text_of(body: Mapping[str, Any], key: str, shortest: int = 1, longest: int = MAX_TEXT) -> str:
    """A text of the body without the blanks round it; 400 when it is none, too short or too long."""
    issues = Issues()
    value = body.get(key, MISSING)
    if not isinstance(value, str):
        issues.add("Invalid input: expected string", key)
    elif len(value.strip()) < shortest:
        issues.add(f"Too small: expected string to have >={shortest} characters", key)
    issues.text(value, key, longest)
    issues.raise_any()
    return str(value).strip()


def _body(request: HttpRequest) -> dict[str, Any]:
    body = answers.body_json(request)
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Refusal(400, "✖ Invalid input: expected object")
    return body


def optional_text(body: Mapping[str, Any], key: str) -> str:
    """Like `text_of`, empty where there is none."""
    return text_of(body, key) if body.get(key) else ""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """The list, or a new discussion or pull request. A pull request opened here has no commits yet: a draft."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    if request.method != "POST":
        threads.require_reader(repo)
        return answers.json(request, threads.page(repo, request.GET.dict()))
    person = rights.require_speaker(caller, repo)
    body = _body(request)
    title, text = text_of(body, "title", *TITLE), text_of(body, "description")
    if body.get("pullRequest") is True:
        start = reads.commit(repo, stock.MAIN)
        made = discussions.open_pull_request(repo, person, title, text, start, draft=True)
    else:
        made = discussions.open_discussion(repo, person, title, text)
    return answers.json(request, {"num": made.num, "pullRequest": made.is_pull_request})


@require_safe
def details(request: HttpRequest, types: str, full_name: str, num: str) -> HttpResponse:
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    threads.require_reader(repo)
    wants_diff = request.GET.get("diff", "").lower() in ("1", "true")
    row = threads.found(repo, int(num))
    return answers.json(request, threads.details(row, diff_for=caller if wants_diff else None))


def _spoken(
    request: HttpRequest, types: str, full_name: str, num: str
) -> tuple[Caller, Repo, Account, Discussion, dict[str, Any]]:
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    person = rights.require_speaker(caller, repo)
    return caller, repo, person, threads.found(repo, int(num)), _body(request)


def require_owner(caller: Caller, repo: Repo, person: Account, owner_id: int | None) -> None:
    """Who began a thing may change it, and who writes to the repository."""
    if owner_id != person.pk and not rights.may_write(caller, repo):
        raise messages.read_only()


@csrf_exempt
@require_POST
def comment(request: HttpRequest, types: str, full_name: str, num: str) -> HttpResponse:
    _, _, person, found, body = _spoken(request, types, full_name, num)
    made = discussions.comment(found, person, text_of(body, "comment"))
    return answers.json(request, {"newMessage": threads.event(made)})


@csrf_exempt
@require_POST
def status(request: HttpRequest, types: str, full_name: str, num: str) -> HttpResponse:
    caller, repo, person, found, body = _spoken(request, types, full_name, num)
    require_owner(caller, repo, person, found.author_id)
    issues = Issues()
    issues.option(body.get("status", MISSING), ("open", "closed"), "status")
    issues.raise_any()
    made = discussions.set_status(found, person, body["status"], optional_text(body, "comment"))
    return answers.json(request, {"newStatus": threads.event(made)})


@csrf_exempt
@require_POST
def title(request: HttpRequest, types: str, full_name: str, num: str) -> HttpResponse:
    caller, repo, person, found, body = _spoken(request, types, full_name, num)
    require_owner(caller, repo, person, found.author_id)
    made = discussions.rename(found, person, text_of(body, "title", *TITLE))
    return answers.json(request, {"newTitle": threads.event(made)})


@csrf_exempt
@require_POST
def merge(request: HttpRequest, types: str, full_name: str, num: str) -> HttpResponse:
    caller, repo, person, found, body = _spoken(request, types, full_name, num)
    if not rights.may_write(caller, repo):
        raise messages.read_only()
    if not found.is_pull_request:
        raise Refusal(400, "This is a discussion, not a pull request")
    made = discussions.merge(found, person, optional_text(body, "comment"))
    return answers.json(request, {"newStatus": threads.event(made)})


@csrf_exempt
@require_POST
def edit(request: HttpRequest, types: str, full_name: str, num: str, comment_id: str) -> HttpResponse:
    _, _, person, found, body = _spoken(request, types, full_name, num)
    row = threads.comment(found, comment_id)
    if row.author_id != person.pk:
        raise messages.read_only()
    return answers.json(request, {"updatedComment": threads.event(discussions.edit(row, text_of(body, "content")))})


@csrf_exempt
@require_POST
def hide(request: HttpRequest, types: str, full_name: str, num: str, comment_id: str) -> HttpResponse:
    caller, repo, person, found, _ = _spoken(request, types, full_name, num)
    row = threads.comment(found, comment_id)
    require_owner(caller, repo, person, row.author_id)
    return answers.json(request, {"updatedComment": threads.event(discussions.hide(row))})
