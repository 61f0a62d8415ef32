"""Connecting a namespace, and its page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError
from repos import actions, panels, queries
from repos.forms import ANOTHER, ConnectForm, TokenForm
from repos.messages import TOKEN_STATES
from repos.queries import RepositoryFilter
from repos.views.lines import entries

_SHOWN = 10  # repositories on a namespace's page; the list has all
_SLOW_AFTER = 10  # looks at a check, one a second, before the page says that it takes long


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Ask for a namespace and a token, and store them."""
    actor = actor_of(request.user)
    offered = queries.connectable(actor)
    form = ConnectForm(request.POST or None, offered=offered, initial=_initial(request, offered))
    if request.method == "POST" and form.is_valid():
        try:
            namespace = actions.connect(
                actor=actor,
                name=form.cleaned_data["name"],
                token=form.cleaned_data["token"],
                changes_enabled=settings.DEMO,
                mail_requesters=settings.DEMO,
            )
        except InvalidInputError as error:
            _add_errors(form, error)
        except NotAllowedError as error:
            form.add_error(None, error.message)
        else:
            return HttpResponseRedirect(reverse("repos:namespace", args=[namespace.name]))
    context = {"form": form, "token_url": _token_url(), "demo": settings.DEMO}
    return render(request, "repos/connect.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def namespace(request: HttpRequest, name: str) -> HttpResponse:
    """A namespace: its token, what hubgate may do for it, its mirror, people, repositories and history."""
    return _namespace_page(request, name, TokenForm())


@login_required
@require_safe
def statistics(request: HttpRequest, name: str) -> HttpResponse:
    """How many asked over all repositories of a namespace, how fast they were decided, and how."""
    actor = actor_of(request.user)
    found = queries.get_run_namespace(actor, name)
    build = panels.registry.statistics
    if build is None:
        raise NotFoundOrHiddenError("No requests are mirrored here.")
    panel = build(found, request.GET.get("reach", ""), reverse("repos:namespace-statistics", args=[found.name]))
    return render(request, "repos/namespace_statistics.html", {"namespace": found, "panel": panel})


@login_required
@require_safe
def token_state(request: HttpRequest, name: str) -> HttpResponse:
    """How the check of a token goes, for the page that waits for it; the page itself once it is done."""
    detail = queries.namespace_detail(actor_of(request.user), name)
    if not detail.check.running:
        response = HttpResponse(status=200)
        response["HX-Redirect"] = reverse("repos:namespace", args=[detail.namespace.name])
        return response
    looks = request.GET.get("looks", "")
    number = min(int(looks), 9999) + 1 if looks.isdecimal() and len(looks) < 6 else 1
    context = {**_token_context(detail), "looks": number, "slow": number > _SLOW_AFTER}
    return render(request, "repos/token_state.html", context)


@login_required
@require_safe
def reading(request: HttpRequest, name: str) -> HttpResponse:
    """How far the first reading of a namespace's requests is, for the page that shows it; the page itself once it is
    done."""
    actor = actor_of(request.user)
    detail = queries.namespace_detail(actor, name)
    panel = panels.progress_of(actor, detail.namespace) if detail.may_run else None
    if panel is None:
        response = HttpResponse(status=200)
        response["HX-Redirect"] = reverse("repos:namespace", args=[detail.namespace.name])
        return response
    return render(request, "repos/reading.html", {"namespace": detail.namespace, "reading": panel})


@login_required
@require_POST
def replace_token(request: HttpRequest, name: str) -> HttpResponse:
    """Store a new token for a connected namespace."""
    actor = actor_of(request.user)
    found = queries.get_namespace(actor, name)
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            actions.connect(actor=actor, name=found.name, token=form.cleaned_data["token"])
        except InvalidInputError as error:
            _add_errors(form, error)
        else:
            return HttpResponseRedirect(reverse("repos:namespace", args=[found.name]))
    return _namespace_page(request, name, form, status=422)


@login_required
@require_POST
def check_token(request: HttpRequest, name: str) -> HttpResponse:
    """Ask the Hub about the stored token again."""
    actor = actor_of(request.user)
    found = queries.get_namespace(actor, name)
    actions.check_token(actor=actor, namespace=found)
    return HttpResponseRedirect(reverse("repos:namespace", args=[found.name]))


@login_required
@require_POST
def switch_changes(request: HttpRequest, name: str) -> HttpResponse:
    """Let hubgate change the Hub for a namespace (`on` is 1), or stop it."""
    actor, on = actor_of(request.user), request.POST.get("on") == "1"
    found = queries.get_namespace(actor, name)
    actions.switch_changes(actor=actor, namespace=found, on=on)
    said = f"hubgate may change the Hub for {found.name} now." if on else f"{found.name} is reading only now."
    messages.success(request, said)
    return HttpResponseRedirect(reverse("repos:namespace", args=[found.name]))


@login_required
@require_POST
def switch_mail(request: HttpRequest, name: str) -> HttpResponse:
    """Have decisions mailed to requesters (`on` is 1), or not."""
    actor, on = actor_of(request.user), request.POST.get("on") == "1"
    found = queries.get_namespace(actor, name)
    actions.switch_mail(actor=actor, namespace=found, on=on)
    messages.success(request, "Requesters get mail from now on." if on else "Requesters get no more mail.")
    return HttpResponseRedirect(reverse("repos:namespace", args=[found.name]))


def _namespace_page(request: HttpRequest, name: str, form: TokenForm, *, status: int = 200) -> HttpResponse:
    actor = actor_of(request.user)
    detail = queries.namespace_detail(actor, name)
    page = queries.repository_page(actor, RepositoryFilter(namespace=detail.namespace.name))
    shown = page.rows[:_SHOWN]
    facts = panels.facts_of([repository.pk for repository in shown])
    context = {
        **_token_context(detail),
        "authors": detail.authors,
        "may_run": detail.may_run,
        "webhook": queries.webhook_of(detail.namespace) if detail.may_run else None,
        "timeline": entries(detail.timeline),
        "files": reverse("repos:namespace-history-file", args=[detail.namespace.name]),
        "form": form,
        "rows": [(repository, facts.get(repository.pk, panels.Facts())) for repository in shown],
        "has_statistics": panels.registry.statistics is not None,
        "has_more": page.has_next or len(page.rows) > _SHOWN,
        "reading": panels.progress_of(actor, detail.namespace)
        if detail.may_run and detail.namespace.mirrored_at
        else None,
        "more": panels.registry.namespace(actor, detail.namespace) if panels.registry.namespace else None,
        "looks": 0,
        "slow": False,
    }
    return render(request, "repos/namespace.html", context, status=status)


def _token_context(detail: queries.NamespaceDetail) -> dict[str, Any]:
    found = detail.namespace
    state = "checking" if detail.check.running else found.token_state
    return {
        "namespace": found,
        "check": detail.check,
        "token": TOKEN_STATES[state],
        "token_state": state,
        "token_url": _token_url(),
        "hub_url": f"{settings.HUB_URL}/{found.name}",
    }


def _initial(request: HttpRequest, offered: list[str]) -> dict[str, str]:
    wanted = request.GET.get("namespace", "")
    if not wanted:
        return {}
    return {"choice": wanted} if wanted in offered else {"choice": ANOTHER, "name": wanted}


def _add_errors(form: TokenForm, error: InvalidInputError) -> None:
    for field, sentence in error.fields.items():
        form.add_error(field if field in form.fields else None, sentence)
    if not error.fields:
        form.add_error(None, error.message)


def _token_url() -> str:
    """Where one makes a fine-grained token on the Hub (HC §7)."""
    return f"{settings.HUB_URL}/settings/tokens/new?tokenType=fineGrained"
