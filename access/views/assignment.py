"""Whose a request is to decide."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from access import actions, queries
from access.forms import AssignForm
from access.views.listing import Listing
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError
from hubgate.http import flash, web


@require_POST
@login_required
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Assign a request to somebody who decides for its repository, or to nobody."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    form = AssignForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError(str(next(iter(form.errors.values()))[0]))
    assigned = actions.assign(actor=actor, request_id=pk, user_id=form.cleaned_data["assignee"])
    who = assigned.assigned_to
    said = f"Assigned to {'you' if who.pk == actor.user_id else who}." if who else "Assigned to nobody."
    if not web.wants_partial(request):
        flash.success(request, said)
        return HttpResponseRedirect(listing.request_url(pk))
    subject = queries.get_request(actor, pk)
    context = {"subject": subject, "listing": listing, "reviewers": queries.reviewers(subject)}
    response = render(request, "access/assigned.html", context)
    response["HX-Trigger"] = json.dumps({"announce": said})
    return response
