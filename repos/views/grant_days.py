"""How long access to a repository lasts: an author's choice."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError
from hubgate.http import flash, web
from hubgate.http.middleware import DIALOG
from repos import actions, queries
from repos.forms import GrantDaysForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def grant_days(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Ask how long access lasts, then keep it."""
    actor = actor_of(request.user)
    found = queries.get_visible(actor, repository_id)
    initial = {"usual": found.grant_days, "most": found.most_grant_days}
    form, status = GrantDaysForm(initial=initial), 200
    if request.method == "POST":
        form, status = GrantDaysForm(request.POST), 422
        if form.is_valid():
            try:
                actions.choose_grant_days(actor=actor, repository=found, **form.cleaned_data)
            except InvalidInputError as error:
                for name, sentence in error.fields.items():
                    form.add_error(name, sentence)
            else:
                flash.success(request, "Kept. It holds for access that is given from now on.")
                return _go(request, reverse("repos:repository", args=[found.pk]))
    context = {"repository": found, "form": form, "in_dialog": web.target_of(request) == DIALOG}
    return render(request, "repos/grant_days.html", context, status=status)


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """To a page; htmx would put it into the dialog, so it is told to load it."""
    if not web.wants_partial(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response
