"""The evaluations of a repository: for everybody who sees it, and what an author does with them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from repos import panels as repository_panels
from tagging import actions, queries
from tagging.figures import figures
from tagging.forms import AboutForm, EvaluationForm
from tagging.views.links import hub_url


@login_required
@require_safe
def evaluations(request: HttpRequest, repository_id: int) -> HttpResponse:
    """What was measured, as plots with their numbers."""
    return _page(request, actor_of(request.user), repository_id)


@login_required
@require_POST
def attach(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Attach a file with numbers, or a link with the finding."""
    actor = actor_of(request.user)
    queries.get_visible(actor, repository_id)
    form = EvaluationForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = actions.attach(actor=actor, repository_id=repository_id, **form.given())
        except InvalidInputError as error:
            form.refuse(error)
        except WrongStateError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"“{made.title}” is attached.")
            return HttpResponseRedirect(_address(repository_id))
    return _page(request, actor, repository_id, form=form, status=422)


@login_required
@require_POST
def attach_card(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Attach the numbers of the card as they are now."""
    actor = actor_of(request.user)
    queries.get_visible(actor, repository_id)
    form = AboutForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, repository_id, card_form=form, status=422)
    try:
        made = actions.attach_card(actor=actor, repository_id=repository_id, about=form.cleaned_data["about"])
    except WrongStateError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, f"“{made.title}” is attached.")
    return HttpResponseRedirect(_address(repository_id))


@login_required
@require_POST
def remove(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """Take one off."""
    removed = actions.remove(actor=actor_of(request.user), evaluation_id=evaluation_id)
    messages.success(request, f"“{removed.title}” is taken off. The history keeps that it was there.")
    return HttpResponseRedirect(_address(removed.repository_id))


def _page(
    request: HttpRequest,
    actor: Actor,
    repository_id: int,
    *,
    form: EvaluationForm | None = None,
    card_form: AboutForm | None = None,
    status: int = 200,
) -> HttpResponse:
    repository = queries.get_visible(actor, repository_id)
    state = queries.state_of(actor, repository)
    attached = queries.evaluations_of(repository)
    context: dict[str, Any] = {
        "repository": repository,
        "state": state,
        "tab": "evaluations",
        **repository_panels.tabs(repository),
        "evaluations": [(one, figures(one.results, key=f"evaluation-{one.pk}")) for one in attached],
        "in_card": queries.card_results(repository) if state.is_author else 0,
        "form": form or EvaluationForm(),
        "card_form": card_form or AboutForm(auto_id="id_card_%s"),
        "hub_url": hub_url(repository),
    }
    return render(request, "tagging/evaluations.html", context, status=status)


def _address(repository_id: int) -> str:
    return reverse("tagging:evaluations", args=[repository_id])
