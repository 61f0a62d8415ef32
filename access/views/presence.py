"""Who else has a request open, and what became of it meanwhile: asked for every few seconds by the page that shows
it."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from access import actions, messages, queries
from access.views.listing import Listing
from access.views.screens import panel_context
from hubgate.accounts.queries import actor_of


@require_POST
@login_required
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one is here (`deciding=1`: writing a reason) and learn who else is. `stand` and `others` are what the
    page shows: nothing is sent where both are still so (204); where the request changed meanwhile, its state and its
    buttons as they are now."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    actions.record_viewing(actor=actor, request_id=pk, deciding=request.POST.get("deciding") == "1")
    subject, viewers = queries.get_request(actor, pk), queries.viewers(actor, pk)
    changed = request.POST.get("stand", "") != queries.stand(subject)
    here = messages.others_here([(viewer.name, viewer.deciding) for viewer in viewers])
    if not changed and request.POST.get("others", "") == here:
        return HttpResponse(status=204)
    said = here
    if changed:
        said = queries.meanwhile(actor, subject)
        context = panel_context(actor, listing, pk) | {"meanwhile": said}
    else:
        context = {"subject": subject, "listing": listing, "others_here": here, "stand": request.POST.get("stand", "")}
    response = render(request, "access/presence.html", context | {"changed": changed})
    response["HX-Trigger"] = json.dumps({"announce": said, **({"meanwhile": said} if changed else {})})
    return response
