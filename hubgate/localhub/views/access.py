"""The access-request family (HC §1), the settings and the access checks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubgate.localhub import answers, callers, messages, reads, request_lists, rights, validation, writes
from hubgate.localhub.models import Account, Repo


def page_url(request: HttpRequest, repo: Repo) -> str:
    """The absolute address of a repository's page."""
    return f"{answers.origin(request)}/{reads.PREFIXES[repo.type]}{repo.full_name}"


def _written(request: HttpRequest, types: str, full_name: str) -> tuple[Repo, Account]:
    """The repository and the caller who may write to it: unknown repository first, then 401, then 403."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    return repo, rights.require_writer(caller, repo)


@require_safe
def listing(request: HttpRequest, types: str, full_name: str, status: str) -> HttpResponse:
    """A1: a page of requests of one status."""
    repo, _ = _written(request, types, full_name)
    issues = validation.Issues()
    issues.option(status, validation.TARGETS, "status")
    issues.raise_any()
    query = validation.list_query(request.GET)
    items, cursor = request_lists.page(repo, status, query)
    response = answers.json(request, items)
    if cursor:
        base = f"{answers.origin(request)}{request.path}"
        response["Link"] = reads.next_link(base, request.GET.dict(), cursor)
    return response


@csrf_exempt
@require_POST
def handle(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """A2: one decision."""
    repo, reviewer = _written(request, types, full_name)
    writes.handle(repo, reviewer, validation.handle(answers.body_json(request)))
    return answers.json(request, {})


@csrf_exempt
@require_POST
def batch(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """A3: up to 100 decisions of one kind."""
    repo, reviewer = _written(request, types, full_name)
    return answers.json(request, writes.batch(repo, reviewer, validation.batch(answers.body_json(request))))


@csrf_exempt
@require_POST
def grant(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """A4: access without a request."""
    repo, reviewer = _written(request, types, full_name)
    writes.grant(repo, reviewer, validation.grant(answers.body_json(request)))
    return answers.json(request, {})


@csrf_exempt
@require_POST
def cancel(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """A5: the requester withdraws."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    writes.cancel(repo, callers.known(caller))
    return answers.json(request, {"ok": True})


def _answers(request: HttpRequest) -> dict[str, Any]:
    """The gate form's answers from JSON or a form; of a label sent twice the last one counts."""
    if request.content_type == "application/json":
        found = answers.body_json(request)
        return found if isinstance(found, dict) else {}
    return request.POST.dict()


def _ask(request: HttpRequest, kind: str, full_name: str, caller: callers.Caller) -> HttpResponse:
    repo = reads.repo(kind, full_name, caller)
    writes.ask(repo, callers.known(caller), _answers(request))
    target = page_url(request, repo)
    response = answers.text(f"See Other. Redirecting to {target}", 303)
    response["Location"] = target
    return response


@csrf_protect
def _ask_with_cookie(request: HttpRequest, kind: str, full_name: str, caller: callers.Caller) -> HttpResponse:
    return _ask(request, kind, full_name, caller)


@csrf_exempt
@require_POST
def ask(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """A6: the gate form, sent with a token (no CSRF) or from the page by a person signed in there (HC §1.4)."""
    caller = callers.bearer(request)
    if caller.person is None and not caller.sent_credentials:
        signed_in = callers.session(request)
        if signed_in.person is not None:
            return _ask_with_cookie(request, kind, full_name, signed_in)
    return _ask(request, kind, full_name, caller)


@require_safe
def report(request: HttpRequest, kind: str, full_name: str) -> StreamingHttpResponse:
    """A7: everybody who ever asked, as a file."""
    caller = callers.either(request)
    repo = reads.repo(kind, full_name, caller)
    rights.require_writer(caller, repo)
    response = StreamingHttpResponse(answers.json_array(request_lists.report(repo)), content_type="application/json")
    response["Content-Disposition"] = f"attachment; filename=user-access-report-{repo.full_name.replace('/', '-')}.json"
    return response


@csrf_exempt
@require_http_methods(["PUT"])
def settings(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """A9: gate, visibility and their kin (HC §2)."""
    repo, _ = _written(request, types, full_name)
    values = validation.settings(answers.body_json(request), repo.type == Repo.Type.SPACE)
    return answers.json(request, writes.settings(repo, values))


@require_safe
def auth_check(request: HttpRequest, types: str, full_name: str, write: bool = False) -> HttpResponse:
    """A8: whether the caller may read the files, or with `write` change them."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    if write:
        rights.require_writer(caller, repo)
    else:
        refused = rights.gate(caller, repo, page_url(request, repo))
        if refused is not None:
            raise refused
    return answers.text("OK")


@require_safe
def whoami(request: HttpRequest) -> HttpResponse:
    """`/api/whoami-v2` (HC §7)."""
    caller = callers.bearer(request)
    person = callers.known(caller)
    token = caller.token
    if token is None:
        raise messages.unauthenticated()
    access: dict[str, Any] = {"displayName": token.display_name, "role": token.role, "createdAt": token.created_at}
    if token.role == token.Role.FINE_GRAINED:
        access["fineGrained"] = {
            "canReadGatedRepos": token.can_read_gated_repos,
            "global": token.global_permissions,
            "scoped": token.scoped,
        }
    orgs = [
        {
            "type": "org",
            "id": membership.org.hub_id,
            "name": membership.org.name,
            "fullname": membership.org.fullname,
            "email": membership.org.email or None,
            "canPay": False,
            "periodEnd": None,
            "avatarUrl": membership.org.avatar_url,
            "roleInOrg": membership.role,
            "isEnterprise": False,
        }
        for membership in person.member_of.select_related("org").order_by("org__folded")
    ]
    return answers.json(
        request,
        {
            "type": "user",
            "id": person.hub_id,
            "name": person.name,
            "fullname": person.fullname,
            "email": person.email or None,
            "emailVerified": person.email_verified,
            "canPay": False,
            "billingMode": "prepaid",
            "periodEnd": None,
            "isPro": person.is_pro,
            "avatarUrl": person.avatar_url,
            "orgs": orgs,
            "auth": {"type": "access_token", "accessToken": access},
        },
    )
