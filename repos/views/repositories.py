"""The list of repositories, and the pages of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hubgate.accounts.queries import actor_of
from hubgate.audit import timeline
from hubgate.errors import NotFoundOrHiddenError
from repos import panels, queries, rules
from repos.messages import TOKEN_STATES
from repos.models import Repository
from repos.queries import RepositoryFilter
from repos.views.lines import entries

_KINDS = {"model": "Models", "dataset": "Datasets", "space": "Spaces"}
_GATES = {"gated": "Any gate", "manual": "Manual gate", "auto": "Automatic gate", "open": "Open", "private": "Private"}
_AUDIENCES = {"all": "All", "not-nfaa": "Not tagged", "nfaa": "Not For All Eyes"}
_LATELY = 6
_LONG_PROMPT = 1200  # characters; about what a screen holds


@login_required
@require_safe
def repositories(request: HttpRequest) -> HttpResponse:
    """All repositories of the namespaces that one runs."""
    actor = actor_of(request.user)
    namespaces = list(queries.namespaces(actor))
    wanted = _wanted(request)
    chosen = panels.default_audience(actor) or "all"
    hides = not wanted.audience and chosen == "not-nfaa"
    page = queries.repository_page(actor, replace(wanted, audience=wanted.audience or chosen), number=_number(request))
    facts = panels.facts_of([repository.pk for repository in page.rows])
    context = {
        "namespaces": [(namespace, TOKEN_STATES[namespace.token_state]) for namespace in namespaces],
        "wanted": wanted,
        "filtered": replace(wanted, audience="" if wanted.audience == chosen else wanted.audience)
        != RepositoryFilter(),
        "kinds": _KINDS,
        "gates": _GATES,
        "audiences": _AUDIENCES,
        "hides": hides,
        "chosen": chosen,
        "all_url": f"{reverse('repos:repositories')}?{urlencode({**request.GET.dict(), 'audience': 'all'})}",
        "rows": [(repository, facts.get(repository.pk, panels.Facts())) for repository in page.rows],
        "number": page.number,
        "previous": _page_url(request, page.number - 1) if page.number > 1 else None,
        "next": _page_url(request, page.number + 1) if page.has_next else None,
        "mirrored": any(namespace.mirrored_at for namespace in namespaces),
    }
    return render(request, "repos/repositories.html", context)


@login_required
@require_safe
def repository(request: HttpRequest, repository_id: int) -> HttpResponse:
    """What the Hub says of a repository, what is wrong with its card, and its queue."""
    actor = actor_of(request.user)
    found = queries.get_visible(actor, repository_id)
    queue, told, downloads = panels.registry.queue, panels.registry.told, panels.registry.downloads
    content = panels.registry.content
    context = {
        **_frame(found, "overview"),
        "content": content.overview(actor, found) if content else None,
        "veil": panels.veil_of(actor, found, request.session),
        "queue": queue(actor, found) if queue else None,
        "downloads": downloads(actor, found) if downloads else None,
        "told": told(actor, found) if told else None,
        "timeline": entries(timeline.of_repository(found.pk, limit=_LATELY)),
    }
    return render(request, "repos/repository.html", context)


@login_required
@require_safe
def form(request: HttpRequest, repository_id: int) -> HttpResponse:
    """The gate form as a requester sees it, and its versions."""
    actor = actor_of(request.user)
    found = queries.get_visible(actor, repository_id)
    prompt = (found.form.prompt or "") if found.form else ""
    context = {
        **_frame(found, "form"),
        "veil": panels.veil_of(actor, found, request.session),
        "form": found.form,
        "long_prompt": len(prompt) > _LONG_PROMPT,
        "versions": queries.form_history(found),
        **_compared(request, found),
    }
    return render(request, "repos/repository_form.html", context)


@login_required
@require_safe
def mirror(request: HttpRequest, repository_id: int) -> HttpResponse:
    """How far the mirror is with a repository's requests."""
    actor = actor_of(request.user)
    found = queries.get_visible(actor, repository_id)
    build = panels.registry.mirror
    if build is None:
        raise NotFoundOrHiddenError("No requests are mirrored here.")
    return render(request, "repos/repository_mirror.html", {**_frame(found, "mirror"), "panel": build(actor, found)})


@login_required
@require_safe
def history(request: HttpRequest, repository_id: int) -> HttpResponse:
    """What happened to a repository and its requests."""
    found = queries.get_visible(actor_of(request.user), repository_id)
    kind, here = request.GET.get("kind", ""), reverse("repos:history", args=[found.pk])
    known = {item.key: item.label for item in timeline.kinds()}
    kind = kind if kind in known else ""
    page = timeline.repository_page(found.pk, kind=kind, cursor=request.GET.get("cursor", ""))
    context = {
        **_frame(found, "history"),
        "timeline": entries(page.lines),
        "kinds": [("All", here, not kind)]
        + [(label, f"{here}?{urlencode({'kind': key})}", key == kind) for key, label in known.items()],
        "narrowed": bool(kind),
        "files": reverse("repos:history-file", args=[found.pk]),
        "previous": _cursor_url(here, kind, page.newer),
        "next": _cursor_url(here, kind, page.older),
    }
    return render(request, "repos/repository_history.html", context)


@login_required
@require_safe
def statistics(request: HttpRequest, repository_id: int) -> HttpResponse:
    """How many asked for a repository, how fast they were decided, and how."""
    found = queries.get_visible(actor_of(request.user), repository_id)
    build = panels.registry.statistics
    if build is None:
        raise NotFoundOrHiddenError("No requests are mirrored here.")
    panel = build(found, request.GET.get("reach", ""), reverse("repos:statistics", args=[found.pk]))
    return render(request, "repos/repository_statistics.html", {**_frame(found, "statistics"), "panel": panel})


@login_required
@require_safe
def named(request: HttpRequest, name: str, short: str) -> HttpResponse:
    """From a name on the Hub, today's or a former one, to the page of the repository; to a list where models, datasets
    and spaces share it."""
    found = queries.named(actor_of(request.user), f"{name}/{short}")
    if len(found) == 1:
        return HttpResponseRedirect(reverse("repos:repository", args=[found[0].pk]))
    return HttpResponseRedirect(f"{reverse('repos:repositories')}?{urlencode({'q': f'{name}/{short}'})}")


def _compared(request: HttpRequest, found: Repository) -> dict[str, Any]:
    """The two versions of the form that an address names; a sentence where it names none that there are."""
    first, second = request.GET.get("from", ""), request.GET.get("to", "")
    if not first and not second:
        return {}
    numbers = [int(text) for text in (first, second) if text.isdecimal() and len(text) < 9]
    compared = queries.compare_versions(found, *numbers) if len(numbers) == 2 else None
    return {"compared": compared, "not_compared": compared is None}


def _cursor_url(here: str, kind: str, cursor: str) -> str | None:
    query = {name: value for name, value in (("kind", kind), ("cursor", cursor)) if value}
    return f"{here}?{urlencode(query)}" if cursor else None


def _frame(found: Repository, tab: str) -> dict[str, Any]:
    """What every page of a repository shows."""
    web = settings.HUB_URL + rules.web_path(found.kind, found.name)
    card = queries.card_state(found)
    return {
        "repository": found,
        "tab": tab,
        "card": card,
        "notes": len(card.errors) + len(card.warnings),
        "hub_url": web,
        "card_url": f"{web}/blob/main/README.md",
        "settings_url": f"{web}/settings",
        **panels.tabs(found),
    }


def _wanted(request: HttpRequest) -> RepositoryFilter:
    """The filter of a query string; words that no filter knows are left out, as no row could match them."""
    kind, gate = request.GET.get("kind", ""), request.GET.get("gate", "")
    audience = request.GET.get("audience", "")
    return RepositoryFilter(
        kind=kind if kind in _KINDS else "",
        gate=gate if gate in _GATES else "",
        namespace=_text(request, "namespace"),
        text=_text(request, "q"),
        audience=audience if audience in _AUDIENCES else "",
    )


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:200]


def _number(request: HttpRequest) -> int:
    given = request.GET.get("page", "")
    return int(given) if given.isdecimal() and len(given) < 6 else 1


def _page_url(request: HttpRequest, number: int) -> str:
    query = {**{key: value for key, value in request.GET.items() if value}, "page": number}
    return f"{reverse('repos:repositories')}?{urlencode(query)}"
