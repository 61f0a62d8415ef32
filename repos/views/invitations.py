"""An invitation as the invited reads it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubgate.accounts.queries import actor_of
from hubgate.errors import WrongStateError
from repos import actions, people
from repos.people_notices import place_of
from repos.role_words import WORDS


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the role is and what it lets one see; a POST accepts it. Opening the link changes nothing, since programs
    that check mails open links too (field report 50)."""
    actor = actor_of(request.user)
    found = people.invitation_by(token)
    refusal, status = people.why_not(found), 200
    if request.method == "POST":
        try:
            role = actions.accept_invitation(actor=actor, token=token)
        except WrongStateError as error:
            refusal, status = error.message, 409
        else:
            place = place_of(role.namespace, role.repository)
            messages.success(request, f"You are {WORDS[role.name].article} of {place} now.")
            return HttpResponseRedirect(reverse("tagging:queue" if role.name == "steward" else "access:inbox"))
    context = {
        "invitation": found,
        "place": place_of(found.namespace, found.repository),
        "words": WORDS[found.role],
        "refusal": refusal,
        "has_hub": actor.hub_id is not None,
    }
    return render(request, "repos/invitation.html", context, status=status)
