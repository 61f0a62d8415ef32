"""Notes on a request."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from access import actions, queries
from access.forms import NoteForm
from access.views.listing import Listing
from hubgate.accounts.queries import actor_of
from hubgate.http import web


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """The notes on a request, and a form that adds one."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.add_note(actor=actor, request_id=pk, text=form.cleaned_data["text"])
        if not web.wants_partial(request):
            return HttpResponseRedirect(listing.request_url(pk) + "#hg-notes")
        return _show(request, listing, pk, NoteForm(), said="The note is added.")
    return _show(request, listing, pk, form, status=422 if form.errors else 200)


@login_required
@require_POST
def remove_note(request: HttpRequest, pk: int, note_id: int) -> HttpResponse:
    """Remove one's own note."""
    listing = Listing.read(request.GET)
    actions.remove_note(actor=actor_of(request.user), note_id=note_id)
    if not web.wants_partial(request):
        return HttpResponseRedirect(listing.request_url(pk) + "#hg-notes")
    return _show(request, listing, pk, NoteForm(), said="The note is removed.")


def _show(
    request: HttpRequest, listing: Listing, pk: int, form: NoteForm, *, said: str = "", status: int = 200
) -> HttpResponse:
    actor = actor_of(request.user)
    subject = queries.get_request(actor, pk)
    context = {"subject": subject, "listing": listing, "notes": queries.notes(actor, subject), "note_form": form}
    partial = web.wants_partial(request)
    template = "access/notes.html" if partial else "access/notes_page.html"
    response = render(request, template, context, status=status)
    if said:
        response["HX-Trigger"] = json.dumps({"announce": said})
    return response
