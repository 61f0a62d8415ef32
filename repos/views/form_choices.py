"""What an author chooses on the page of a gate form."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from hubgate.accounts.queries import actor_of
from repos import actions, queries


@login_required
@require_POST
def first_question(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Choose the answer that lists show first; without a `label` hubgate chooses again."""
    actor = actor_of(request.user)
    found = queries.get_visible(actor, repository_id)
    label = request.POST.get("label", "").replace("\r\n", "\n")  # as browsers send line breaks
    actions.choose_first_question(actor=actor, repository=found, label=label)
    told = "The inbox shows this answer first." if label else "The inbox shows the longest answer in words again."
    messages.success(request, told)
    return HttpResponseRedirect(reverse("repos:form", args=[found.pk]))
