"""What a reader chooses about tagged repositories."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubgate.accounts.queries import actor_of
from tagging import actions, queries
from tagging.forms import ChoiceForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preference(request: HttpRequest) -> HttpResponse:
    """Hide them, ask first, or show them."""
    actor = actor_of(request.user)
    posted = request.method == "POST"
    form = ChoiceForm(request.POST) if posted else ChoiceForm(initial={"choice": queries.choice_of(actor)})
    if posted and form.is_valid():
        actions.choose(actor=actor, choice=form.cleaned_data["choice"])
        messages.success(request, "Your choice is kept with your account.")
        return HttpResponseRedirect(reverse("tagging:content"))
    return render(request, "tagging/content.html", {"form": form}, status=422 if form.errors else 200)
