"""The release plan of a repository: its stages, what opens the next, and what is done with them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.actions import release as actions
from access.queries.release import ReleaseState, line_of_stage, preview, preview_recall, release_of
from access.release_forms import RecallForm, StageForm
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError, WrongStateError
from repos import panels as repository_panels
from repos import rules as repo_rules
from repos.models import Repository

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The stages as a line in time, what has to be in place for the next, and what changing to it does."""
    state = release_of(actor_of(request.user), pk)
    context: dict[str, Any] = {
        "next": preview(state, state.next) if state.next and state.plan else None,
        "stages_url": reverse("access:new_stage", args=[pk]),
    }
    return _page(request, state, "access/release.html", context)


@login_required
@_form_page
def new_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a stage at the end of the plan."""
    actor = actor_of(request.user)
    state = release_of(actor, pk)
    form = StageForm(request.POST or None) if request.method == "POST" else StageForm()
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_stage(actor=actor, repository_id=pk, stage=form.facts())
        except InvalidInputError as error:
            form.refuse(error)
        else:
            flash.success(request, "The stage is in the plan. It changes nothing on the Hub until it is opened.")
            return _back(pk)
    return _stage_page(request, state, form, None)


@login_required
@_form_page
def stage(request: HttpRequest, pk: int, stage_id: int) -> HttpResponse:
    """Change what a stage says."""
    actor = actor_of(request.user)
    state = release_of(actor, pk)
    line = line_of_stage(state, stage_id)
    form = StageForm(request.POST) if request.method == "POST" else StageForm.of(line.facts)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_stage(actor=actor, repository_id=pk, stage_id=stage_id, stage=form.facts())
        except InvalidInputError as error:
            form.refuse(error)
        except WrongStateError as error:
            flash.error(request, error.message)
            return _back(pk)
        else:
            flash.success(request, f"“{form.cleaned_data['name']}” is saved.")
            return _back(pk)
    return _stage_page(request, state, form, stage_id)


@login_required
@require_POST
def move_stage(request: HttpRequest, pk: int, stage_id: int) -> HttpResponse:
    """Move a stage one place earlier or later."""
    by = -1 if request.POST.get("by") == "earlier" else 1
    return _do(
        request,
        pk,
        lambda actor: actions.move_stage(actor=actor, repository_id=pk, stage_id=stage_id, by=by),
        "The order of the stages is changed.",
    )


@login_required
@require_POST
def remove_stage(request: HttpRequest, pk: int, stage_id: int) -> HttpResponse:
    """Take a stage out of the plan."""
    return _do(
        request,
        pk,
        lambda actor: actions.remove_stage(actor=actor, repository_id=pk, stage_id=stage_id),
        "The stage is out of the plan.",
    )


@login_required
@require_POST
def go(request: HttpRequest, pk: int, stage_id: int) -> HttpResponse:
    """Say that a stage may be opened, or take that back."""
    if request.POST.get("go") == "back":
        return _do(
            request,
            pk,
            lambda actor: actions.take_back_go(actor=actor, repository_id=pk, stage_id=stage_id),
            "Your go is taken back.",
        )
    return _do(
        request,
        pk,
        lambda actor: actions.give_go(actor=actor, repository_id=pk, stage_id=stage_id),
        "You said go. The stage opens when somebody opens it, or on its date.",
    )


@login_required
@_form_page
def open_stage(request: HttpRequest, pk: int, stage_id: int) -> HttpResponse:
    """What opening the next stage, or stepping back to the one before, would do; then do it."""
    actor = actor_of(request.user)
    state = release_of(actor, pk)
    line = line_of_stage(state, stage_id)
    back = state.current is not None and line.place < state.current.place
    if request.method == "POST":
        verb = actions.step_back if back else actions.advance
        done = f"“{line.facts.name}” is in force. hubgate sets the gate on the Hub next."
        return _do(request, pk, lambda actor: verb(actor=actor, repository_id=pk, to=stage_id), done)
    context = {"preview": preview(state, line), "back": back, "line": line}
    return _page(request, state, "access/release_open.html", context)


@login_required
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """End a recall."""
    return _do(
        request,
        pk,
        lambda actor: actions.reopen(actor=actor, repository_id=pk),
        "The recall is over. hubgate sets the gate of the stage on the Hub next.",
    )


@login_required
@require_POST
def gate(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle a gate that was changed on the Hub by hand, or try again to tell the Hub ours."""
    ways = {
        "ours": (actions.put_ours_back, "hubgate sets the gate of the plan on the Hub next."),
        "theirs": (actions.take_theirs, "The gate stays as the Hub has it. The plan is paused."),
        "retry": (actions.retry_gate, "The Hub is told again now."),
    }
    found = ways.get(request.POST.get("way", ""))
    if found is None:
        release_of(actor_of(request.user), pk)
        flash.error(request, "Choose what to do with the gate: put ours back, take theirs, or try again.")
        return _back(pk)
    return _do(request, pk, lambda actor: found[0](actor=actor, repository_id=pk), found[1])


@login_required
@_form_page
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose how far to close the gate and whose grants to reset, see what that does, then do it."""
    actor = actor_of(request.user)
    state = release_of(actor, pk)
    if request.method != "POST":
        first = state.current
        whose = f"stage-{first.stage.pk}" if first and first.taken is not None else "everybody"
        form = RecallForm(state.lines, initial={"key": uuid4(), "whose": whose})
        return _page(request, state, "access/release_recall.html", {"form": form})
    form, status, shown = RecallForm(state.lines, request.POST), 422, None
    if form.is_valid():
        facts = form.cleaned_data
        try:
            if request.POST.get("confirmed"):
                done = actions.recall(
                    actor=actor,
                    repository_id=pk,
                    key=facts["key"],
                    gate=facts["gate"],
                    whose=form.chosen(),
                    reason=facts["reason"],
                )
                flash.success(request, "Recalled. The gate is closed on the Hub before anything else.")
                return HttpResponseRedirect(reverse("access:bulk", args=[done.bulk.key])) if done.bulk else _back(pk)
            actions.check_reason(facts["reason"])
            shown, status = preview_recall(state, facts["gate"], form.chosen()), 200
        except InvalidInputError as error:
            form.refuse(error)
    return _page(request, state, "access/release_recall.html", {"form": form, "preview": shown}, status=status)


def _do(request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponse:
    """Carry an act out and say how it went, on the page of the plan."""
    try:
        act(actor_of(request.user))
    except WrongStateError as error:
        flash.error(request, error.message)
    else:
        flash.success(request, done)
    return _back(pk)


def _back(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("access:release", args=[pk]))


def _stage_page(request: HttpRequest, state: ReleaseState, form: StageForm, stage_id: int | None) -> HttpResponse:
    in_force = state.current is not None and state.current.stage.pk == stage_id
    context = {"form": form, "stage_id": stage_id, "is_in_force": in_force}
    return _page(request, state, "access/release_stage.html", context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, state: ReleaseState, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    repository = state.repository
    shown = {
        "repository": repository,
        "state": state,
        "tab": "release",
        "hub_url": settings.HUB_URL + repo_rules.web_path(repository.kind, repository.name),
        "is_space": repository.kind == Repository.Kind.SPACE,
        **repository_panels.tabs(repository),
        **context,
    }
    return render(request, template, shown, status=status)
