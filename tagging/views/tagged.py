"""All tagged repositories of an author, to be cleared several at once: a tool may have tagged them all."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hubgate.accounts.queries import actor_of
from hubgate.errors import DomainError
from tagging import actions, queries
from tagging.forms import ClearForm

_NAMED = 5  # refusals that a message spells out


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tagged(request: HttpRequest) -> HttpResponse:
    """The list; a POST clears the tag of those ticked (`repository`), each by a ruling of its own."""
    actor = actor_of(request.user)
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    rows, more = queries.tagged(actor, number=number)
    offered = [row.repository.pk for row in rows if not row.clearing]
    form = ClearForm(request.POST if request.method == "POST" else None, offered=offered)
    if form.is_bound and form.is_valid():
        ids = form.cleaned_data["repository"]
        refusals = []
        for repository_id in ids:
            try:
                actions.decide(
                    actor=actor, repository_id=repository_id, is_set=False, reason=form.cleaned_data["reason"]
                )
            except DomainError as error:
                refusals.append(error.message)
        if done := len(ids) - len(refusals):
            tags = "1 tag is" if done == 1 else f"{done} tags are"
            messages.success(request, f"{tags} cleared. hubgate changes the card of each on the Hub.")
        if refusals:
            rest = f" And {len(refusals) - _NAMED} more." if len(refusals) > _NAMED else ""
            messages.warning(request, f"Not cleared: {' '.join(dict.fromkeys(refusals[:_NAMED]))}{rest}")
        return HttpResponseRedirect(request.get_full_path())
    here = reverse("tagging:tagged")
    context = {
        "rows": rows,
        "form": form,
        "ticked": set(request.POST.getlist("repository")),
        "previous": f"{here}?page={number - 1}" if number > 1 else None,
        "next": f"{here}?page={number + 1}" if more else None,
        "may_clear": bool(offered),
    }
    return render(request, "tagging/tagged.html", context, status=422 if form.errors else 200)
