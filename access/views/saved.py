"""Saved views: the lists that a person looks at often, kept under names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access import actions, queries
from access.forms import ViewForm
from access.models import SavedView
from access.views import chips
from access.views.listing import Listing
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError


@dataclass(frozen=True)
class Saved:
    """A saved view with the list that it opens; `listing` is None where its address means nothing any more, and
    `wrong` says why."""

    view: SavedView
    listing: Listing | None
    wrong: str = ""


def read_all(actor: Actor) -> list[Saved]:
    """The actor's saved views with their lists, in one query."""
    return [_read(view) for view in queries.saved_views(actor)]


def _read(view: SavedView) -> Saved:
    try:
        return Saved(view, Listing.read(QueryDict(view.query)).at(""))
    except InvalidInputError as error:
        return Saved(view, None, error.message)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def views(request: HttpRequest) -> HttpResponse:
    """One's saved views; a POST saves the list of the field `query` under a name and opens it."""
    actor = actor_of(request.user)
    if request.method != "POST":
        return _show(request, actor)
    listing = Listing.read(QueryDict(request.POST.get("query", ""))).at("")
    form = ViewForm(request.POST)
    if form.is_valid():
        try:
            saved = actions.save_view(
                actor=actor, name=form.cleaned_data["name"], query=listing.query.removeprefix("?")
            )
        except InvalidInputError as error:
            form.add_error("name", error.message)
        else:
            flash.success(request, f"Saved as “{saved.name}”. It stands above the list.")
            return HttpResponseRedirect(listing.url)
    return _show(request, actor, new=(form, listing), status=422)


@require_POST
@login_required
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one's view another name."""
    actor, form = actor_of(request.user), ViewForm(request.POST)
    view = queries.get_view(actor, pk)
    if form.is_valid():
        try:
            actions.rename_view(actor=actor, view_id=pk, name=form.cleaned_data["name"])
        except InvalidInputError as error:
            form.add_error("name", error.message)
        else:
            return HttpResponseRedirect(reverse("access:views"))
    return _show(request, actor, renamed=(form, view), status=422)


@require_POST
@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one's view. The requests that it showed stay as they are."""
    removed = actions.remove_view(actor=actor_of(request.user), view_id=pk)
    flash.success(request, f"Removed the view “{removed.name}”.")
    return HttpResponseRedirect(reverse("access:views"))


def _show(
    request: HttpRequest,
    actor: Actor,
    *,
    new: tuple[ViewForm, Listing] | None = None,
    renamed: tuple[ViewForm, SavedView] | None = None,
    status: int = 200,
) -> HttpResponse:
    known = queries.scope(actor)
    people = {str(pk): name for pk, name in queries.facets(actor).people}
    rows: list[dict[str, Any]] = []
    for saved in read_all(actor):
        is_renamed = renamed is not None and renamed[1].pk == saved.view.pk
        form = renamed[0] if renamed and is_renamed else ViewForm(initial={"name": saved.view.name})
        form.auto_id = f"id_{saved.view.pk}_%s"
        shown = [] if saved.listing is None else _words(saved.listing, known, people)
        rows.append({"saved": saved, "words": shown, "form": form, "open": is_renamed})
    context: dict[str, Any] = {"rows": rows, "most": actions.MOST_VIEWS}
    if new is not None:
        form, listing = new
        context |= {
            "new": form,
            "query": listing.query.removeprefix("?"),
            "words": _words(listing, known, people),
            "back": listing.url,
        }
    return render(request, "access/saved_views.html", context, status=status)


def _words(listing: Listing, known: Any, people: dict[str, str]) -> list[str]:
    """What a list shows, filter by filter."""
    status = chips.STATUSES[listing.wanted.status]
    return [f"{status} requests" if listing.wanted.status else "All requests"] + [
        chip.label for chip in chips.active(listing, known, people)
    ]
