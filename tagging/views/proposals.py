"""The tag queue, and the page of one proposal."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError
from tagging import actions, queries, rights
from tagging.forms import RulingForm
from tagging.models import Proposal
from tagging.views.links import hub_url

_LONGEST_NAME = 300


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What is to be ruled on, what did not reach the Hub, and one's own proposals; leads to the tag of a repository by
    its name."""
    actor = actor_of(request.user)
    asked = request.GET.get("repository", "").replace("\0", "").strip()[:_LONGEST_NAME]
    found = queries.find(actor, asked) if asked else []
    if len(found) == 1:
        return HttpResponseRedirect(reverse("tagging:tag", args=[found[0].pk]))
    context = {
        "asked": asked,
        "found": found,
        "to_rule": queries.to_rule(actor),
        "count": queries.count_to_rule(actor),
        "parked": queries.parked(actor),
        "own": queries.own(actor),
        "choice": queries.choice_of(actor),
    }
    return render(request, "tagging/queue.html", context)


@login_required
@require_safe
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """A proposal with its evidence."""
    return _page(request, actor_of(request.user), proposal_id, RulingForm())


@login_required
@require_POST
def rule(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Accept or decline a proposal."""
    actor = actor_of(request.user)
    queries.get_proposal(actor, proposal_id)
    form = RulingForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, proposal_id, form, status=422)
    accept = form.cleaned_data["verdict"]
    try:
        actions.rule(actor=actor, proposal_id=proposal_id, accept=accept, reason=form.cleaned_data["reason"])
    except InvalidInputError as error:
        form.refuse(error)
        return _page(request, actor, proposal_id, form, status=422)
    told = "Accepted: hubgate writes it into the card on the Hub." if accept else "Declined: the tag stays as it is."
    messages.success(request, f"{told} The proposer is told.")
    return HttpResponseRedirect(reverse("tagging:queue"))


@login_required
@require_POST
def withdraw(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take one's own proposal back."""
    actor = actor_of(request.user)
    repository_id = queries.get_proposal(actor, proposal_id).repository_id
    actions.withdraw(actor=actor, proposal_id=proposal_id)
    messages.success(request, "Your proposal is withdrawn.")
    return HttpResponseRedirect(reverse("tagging:tag", args=[repository_id]))


def _page(request: HttpRequest, actor: Actor, proposal_id: int, form: RulingForm, *, status: int = 200) -> HttpResponse:
    found = queries.get_proposal(actor, proposal_id)
    is_open = found.status == Proposal.Status.OPEN
    context = {
        "proposal": found,
        "repository": found.repository,
        "ruling": getattr(found, "ruling", None),
        "form": form,
        "may_rule": is_open and rights.may(actor, "rule", found.repository),
        "is_mine": found.proposer_id == actor.user_id,
        "is_open": is_open,
        "state": queries.state_of(actor, found.repository),
        "hub_url": hub_url(found.repository),
    }
    return render(request, "tagging/proposal.html", context, status=status)
