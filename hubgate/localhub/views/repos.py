"""Repositories: creating, moving, deleting, info and lists (HC §4)."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubgate.localhub import answers, callers, card, infos, messages, reads, rights, stock, webhooks
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Repo, Token
from hubgate.localhub.views.access import page_url

SORTS = {"lastModified": "last_modified", "createdAt": "created_at", "downloads": "downloads", "likes": "likes"}
COUNTS = ("downloads", "likes")
PAGE = 1000


def _flag(request: HttpRequest, name: str) -> bool:
    return request.GET.get(name, "").lower() in ("1", "true")


def expand(request: HttpRequest) -> list[str]:
    """The `expand` values of either spelling, without repeats."""
    return list(dict.fromkeys([*request.GET.getlist("expand"), *request.GET.getlist("expand[]")]))


@require_safe
def info(request: HttpRequest, types: str, full_name: str, revision: str = "") -> HttpResponse:
    """A repository, public also when it is gated (HC §1.7)."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    commit = reads.commit(repo, revision) if revision else None
    sha = commit.oid if commit else repo.sha

    def files() -> list[dict[str, Any]]:
        head = commit or (reads.commit(repo, repo.sha) if repo.sha else None)
        masked = rights.gate(caller, repo, "") is not None
        return infos.siblings(reads.files(head), _flag(request, "blobs"), masked)

    names = expand(request)
    infos.expanded(repo.type, names)
    then: dict[str, Any] = {"sha": sha}
    if commit is not None and sha != repo.sha:
        shown = stock.card_of(commit.files.filter(path="README.md").first())
        then |= {"cardData": shown, "tags": card.tags(shown), "lastModified": commit.date}
    body = infos.body(repo, names or infos.FULL[repo.type], files, **then)
    if _flag(request, "securityStatus") and not names:
        body["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": []}
    return answers.json(request, body)


def _filtered(request: HttpRequest, kind: str, caller: Caller) -> QuerySet[Repo]:
    repos = reads.visible_repos(kind, caller)
    query = request.GET
    if query.get("author"):
        repos = repos.filter(owner__folded=query["author"].lower())
    if query.get("search"):
        repos = repos.filter(folded__contains=query["search"].lower())
    if query.get("gated"):
        repos = repos.exclude(gated="") if _flag(request, "gated") else repos.filter(gated="")
    words = [word for given in query.getlist("filter") for word in given.split(",") if word]
    words += [query["pipeline_tag"]] if query.get("pipeline_tag") else []
    for word in words:
        # The column holds JSON text; the quotes keep `en` from matching `english`.
        repos = repos.filter(tags__icontains=json.dumps(word))
    return repos


def _limit(request: HttpRequest) -> int:
    given = request.GET.get("limit", str(PAGE))
    if not given.isdecimal() or int(given) < 1:
        raise Refusal(400, "✖ Invalid input: expected a positive int\n  → at limit")
    return min(int(given), PAGE)


@require_safe
def listing(request: HttpRequest, types: str) -> HttpResponse:
    """Repositories of a type, newest first by `sort` (default `lastModified`), paged by cursor."""
    kind = reads.TYPES[types]
    caller = callers.bearer(request)
    sort = request.GET.get("sort", "lastModified")
    if sort not in SORTS and sort != "trendingScore":
        raise Refusal(400, f"✖ Invalid sort parameter: {sort}\n  → at sort")
    # Nothing trends here, so that order is the order of likes.
    column = SORTS.get(sort, "likes")
    limit = _limit(request)
    repos = _filtered(request, kind, caller)
    if request.GET.get("cursor"):
        value, row_id = reads.decode_cursor(request.GET["cursor"], int if column in COUNTS else str, int)
        repos = repos.filter(Q(**{f"{column}__lt": value}) | Q(**{column: value, "id__lt": row_id}))
    page = list(repos.order_by(f"-{column}", "-id")[: limit + 1])
    names = expand(request)
    infos.expanded(kind, names)
    full = _flag(request, "full")
    keys: tuple[str, ...] = tuple(names) or infos.LISTED[kind] + (infos.LISTED_FULL[kind] if full else ())
    for wanted, key in (("cardData", "cardData"), ("config", "config")):
        if not names and _flag(request, wanted) and key not in keys:
            keys += (key,)
    shown = page[:limit]
    files = reads.files_of_heads(shown) if "siblings" in keys else {}
    items = [infos.body(repo, keys, lambda repo=repo: infos.siblings(files[repo.pk], False, True)) for repo in shown]  # type: ignore[misc]
    response = answers.json(request, items)
    if len(page) > limit:
        last = shown[-1]
        cursor = reads.encode_cursor(getattr(last, column), last.pk)
        query = {key: request.GET.getlist(key) for key in request.GET}
        response["Link"] = reads.next_link(f"{answers.origin(request)}{request.path}", query, cursor)
    return response


def _json_object(request: HttpRequest) -> dict[str, Any]:
    body = answers.body_json(request)
    if not isinstance(body, dict):
        raise Refusal(400, "✖ Invalid input: expected object")
    return body


def _kind(body: dict[str, Any]) -> str:
    kind = body.get("type") or "model"
    if kind not in Repo.Type.values:
        raise Refusal(400, '✖ Invalid option: expected one of "model"|"dataset"|"space"\n  → at type')
    return str(kind)


def _namespace(caller: Caller, name: object, kind: str, roles: tuple[str, ...]) -> Account:
    """The namespace in which the caller may make or take away repositories."""
    person = callers.known(caller)
    owner = reads.account(str(name)) if name else person
    scoped = caller.token is not None and caller.token.role == Token.Role.FINE_GRAINED
    writes = caller.token is None or caller.token.role == Token.Role.WRITE
    if scoped and owner is not None and caller.token is not None:
        writes = any(
            "repo.write" in grant.get("permissions", ()) and grant.get("entity", {}).get("name") == owner.name
            for grant in caller.token.scoped
        )
    role = rights.role_in(person, owner) if owner else ""
    if owner is None or not writes or (role != "owner" and role not in roles):
        raise Refusal(403, f'You don\'t have the rights to create a {kind} under the namespace "{name or person.name}"')
    return owner


@csrf_exempt
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """`create_repo`: 409 with the address of the one that is there already."""
    caller = callers.bearer(request)
    callers.known(caller)
    body = _json_object(request)
    kind = _kind(body)
    organization, _, name = str(body.get("name") or "").rpartition("/")
    owner = _namespace(caller, body.get("organization") or organization, kind, ("admin", "write", "contributor"))
    full_name = f"{owner.name}/{name}"
    infos.repo_id(full_name)
    url = f"{answers.origin(request)}/{reads.PREFIXES[kind]}{full_name}"
    if Repo.objects.filter(type=kind, folded=full_name.lower()).exists():
        told = f"You already created this {kind} repo"
        raise Refusal(409, told, body={"error": told, "url": url})
    private = body.get("visibility") == "private" or body.get("private") is True
    repo = stock.repo(kind, full_name, creator=caller.person, private=private, sdk=str(body.get("sdk") or ""))
    with transaction.atomic():
        webhooks.announce(repo, "create", "repo")
    return answers.json(request, {"url": url, "name": repo.full_name, "id": repo.hub_id})


def _administered(caller: Caller, kind: str, full_name: str) -> Repo:
    """A repository that the caller may move or delete: owner, organisation admin, or writer who made it."""
    repo = reads.repo(kind, full_name, caller)
    person = rights.require_writer(caller, repo)
    if rights.role_in(person, repo.owner) not in ("owner", "admin") and repo.creator_id != person.pk:
        raise messages.read_only()
    return repo


@csrf_exempt
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """`move_repo`: the old name answers 307 from then on."""
    caller = callers.bearer(request)
    callers.known(caller)
    body = _json_object(request)
    kind = _kind(body)
    repo = _administered(caller, kind, str(body.get("fromRepo") or ""))
    owner_name, name = infos.repo_id(str(body.get("toRepo") or ""))
    owner = _namespace(caller, owner_name, kind, ("admin", "write"))
    if Repo.objects.filter(type=kind, folded=f"{owner_name}/{name}".lower()).exclude(pk=repo.pk).exists():
        raise Refusal(409, f"{kind} {owner_name}/{name} already exists")
    stock.move(repo, owner, name)
    return answers.json(request, {"url": page_url(request, repo)})


@csrf_exempt
@require_http_methods(["DELETE"])
def delete(request: HttpRequest) -> HttpResponse:
    """`delete_repo`."""
    caller = callers.bearer(request)
    person = callers.known(caller)
    body = _json_object(request)
    name = str(body.get("name") or "")
    if "/" not in name:
        name = f"{body.get('organization') or person.name}/{name}"
    repo = _administered(caller, _kind(body), name)
    with transaction.atomic():
        webhooks.announce(repo, "delete", "repo")
        repo.delete()
    return answers.text("OK")


@require_safe
def agent_harnesses(request: HttpRequest) -> HttpResponse:
    """The `hf` command asks once a day; the Hub that we stand in for has none to offer."""
    raise Refusal(404, messages.NO_PAGE)
