"""The home page, signing in as somebody and out, avatars and the style sheet."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hubgate.localhub import callers, reads
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Membership
from hubgate.localhub.pages.layout import go, local_path, page, render

STYLE = Path(__file__).resolve().parent.parent / "static" / "localhub.css"
SHOWN = 200
ROLES = {"admin": "admin of", "write": "writer in", "contributor": "contributor in", "read": "reader in"}
HUES = (12, 32, 95, 140, 165, 200, 250, 285, 320)


def _what(person: Account, roles: dict[int, list[str]], owned: int, asked: int) -> str:
    parts = roles.get(person.pk, [])
    if owned:
        parts = [*parts, f"owns {owned} {'repository' if owned == 1 else 'repositories'}"]
    if asked:
        parts = [*parts, f"asked for access to {asked}"]
    return ", ".join(parts) or "has asked for nothing yet"


def people() -> list[dict[str, Any]]:
    """Whom one may be with one click: everybody with a token, a membership or a repository, authors first."""
    roles: dict[int, list[str]] = {}
    for membership in Membership.objects.select_related("org").order_by("org__folded"):
        roles.setdefault(membership.person_id, []).append(f"{ROLES[membership.role]} {membership.org.name}")
    found = (
        Account.objects.filter(kind=Account.Kind.USER)
        .filter(Q(tokens__isnull=False) | Q(member_of__isnull=False) | Q(repos__isnull=False))
        .annotate(owned=Count("repos", distinct=True), asked=Count("requests", distinct=True))
        .distinct()[:SHOWN]
    )
    shown = [
        {
            "name": person.name,
            "fullname": person.fullname,
            "avatar_url": person.avatar_url,
            "what": _what(person, roles, person.owned, person.asked),
            "order": (person.pk not in roles, not person.owned, person.folded),
        }
        for person in found
    ]
    return sorted(shown, key=lambda one: one["order"])


@csrf_protect
@require_GET
@page
def home(request: HttpRequest) -> HttpResponse:
    """Repositories that the visitor may see, and the people whom one may sign in as."""
    caller = callers.session(request)
    repos = [
        repo
        for kind in ("model", "dataset", "space")
        for repo in reads.visible_repos(kind, caller).order_by("-last_modified", "-id")[:SHOWN]
    ]
    return render(request, "home", {"repos": repos, "people": people(), "next": "/"})


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def login(request: HttpRequest) -> HttpResponse:
    """Signs in as anybody there is: the people are invented and there are no passwords."""
    if request.method == "GET":
        return render(request, "login", {"people": people(), "next": local_path(request, request.GET.get("next", "/"))})
    person = reads.person(user=request.POST.get("user", "").strip())
    if person is None:
        raise Refusal(404, "There is nobody with this user name. Take one of the people on the home page.")
    request.session.flush()
    request.session["person"] = person.hub_id
    return go(request, local_path(request, request.POST.get("next", "/")))


@csrf_protect
@require_POST
@page
def logout(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return go(request, local_path(request, request.POST.get("next", "/")))


@require_GET
def avatar(request: HttpRequest, digest: str) -> HttpResponse:
    """A picture made of the digest, the same at every call."""
    number = int(hashlib.sha256(digest.encode()).hexdigest(), 16)
    hue, turn = HUES[number % len(HUES)], number // 16 % 4 * 90
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
        f'<rect width="40" height="40" fill="hsl({hue} 45% 86%)"/>'
        f'<g fill="hsl({hue} 45% 42%)" transform="rotate({turn} 20 20)">'
        f'<circle cx="{12 + number % 17}" cy="14" r="{5 + number // 7 % 5}"/>'
        f'<path d="M0 40V{26 + number // 11 % 8}L40 {22 + number // 13 % 12}V40Z"/></g></svg>'
    )
    response = HttpResponse(picture, content_type="image/svg+xml")
    response["Cache-Control"] = "max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response


@require_GET
def style(request: HttpRequest) -> FileResponse:
    response = FileResponse(STYLE.open("rb"), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


urlpatterns = [
    path("", home),
    path("login", login),
    path("logout", logout),
    path("avatars/<slug:digest>.svg", avatar),
    path("_static/localhub.css", style),
]
