"""The tag of one repository: for everybody who sees the repository, and what an author does with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from repos import panels as repository_panels
from tagging import actions, queries
from tagging.forms import DecideForm, ProposalForm
from tagging.views.links import hub_url


@login_required
@require_safe
def tag(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Where the tag stands, how it was ruled on, and what one can do about it."""
    return _page(request, actor_of(request.user), repository_id)


@login_required
@require_POST
def decide(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Set or clear the tag."""
    actor = actor_of(request.user)
    queries.get_visible(actor, repository_id)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, repository_id, decide_form=form, status=422)
    try:
        actions.decide(actor=actor, repository_id=repository_id, **form.cleaned_data)
    except InvalidInputError as error:
        form.refuse(error)
        return _page(request, actor, repository_id, decide_form=form, status=422)
    word = "set" if form.cleaned_data["is_set"] else "cleared"
    messages.success(request, f"“Not For All Eyes” is {word}. hubgate writes it into the card on the Hub.")
    return HttpResponseRedirect(_address(repository_id))


@login_required
@require_POST
def propose(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Propose what differs from now."""
    actor = actor_of(request.user)
    queries.get_visible(actor, repository_id)
    form = ProposalForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, repository_id, proposal_form=form, status=422)
    try:
        actions.propose(actor=actor, repository_id=repository_id, **form.cleaned_data)
    except WrongStateError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "Your proposal is with the authors. You are told what they rule, and why.")
    return HttpResponseRedirect(_address(repository_id))


@login_required
@require_POST
def retry(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Try once more to change the card."""
    actions.retry(actor=actor_of(request.user), repository_id=repository_id)
    messages.success(request, "hubgate tries again now.")
    return HttpResponseRedirect(_address(repository_id))


@login_required
@require_POST
def view_content(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Show this repository's own words for the rest of the session; back to the page that asked."""
    queries.get_visible(actor_of(request.user), repository_id)
    name, value = queries.with_viewed(request.session, repository_id)
    request.session[name] = value
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = _address(repository_id)
    return HttpResponseRedirect(back)


def _page(
    request: HttpRequest,
    actor: Actor,
    repository_id: int,
    *,
    decide_form: DecideForm | None = None,
    proposal_form: ProposalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    repository = queries.get_visible(actor, repository_id)
    state = queries.state_of(actor, repository)
    context: dict[str, Any] = {
        "repository": repository,
        "state": state,
        "tab": "tag",
        "sees": queries.sees_repository(actor, repository),
        "runs": queries.runs_namespace(actor, repository),
        **repository_panels.tabs(repository),
        "rulings": queries.rulings(repository),
        "open": queries.open_proposals(repository),
        "mine": queries.own_open(actor, repository),
        "decide_form": decide_form or DecideForm(initial={"is_set": "off" if state.is_set else "on"}),
        "proposal_form": proposal_form or ProposalForm(),
        "hub_url": hub_url(repository),
    }
    return render(request, "tagging/tag.html", context, status=status)


def _address(repository_id: int) -> str:
    return reverse("tagging:tag", args=[repository_id])
