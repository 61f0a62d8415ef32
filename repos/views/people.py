"""Who has which role in a namespace: name, invite, take away."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from repos import actions, queries
from repos import people as reads
from repos.forms import EndRoleForm, InviteForm, NameForm
from repos.role_words import WORDS


@login_required
@require_safe
def people(request: HttpRequest, name: str) -> HttpResponse:
    """Everybody with a role, since when and from where; those invited."""
    return _page(request, actor_of(request.user), name)


@login_required
@require_POST
def name_somebody(request: HttpRequest, name: str) -> HttpResponse:
    """Name somebody by their user name on the Hub."""
    actor = actor_of(request.user)
    form = NameForm(request.POST, repositories=reads.repositories_of(reads.get_namespace(actor, name)))
    if form.is_valid():
        wish = form.cleaned_data
        try:
            given = actions.give_role(
                actor=actor,
                namespace=name,
                username=wish["username"],
                role=wish["role"],
                repository_id=wish["repository"],
            )
        except (InvalidInputError, WrongStateError) as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{given.user} is {WORDS[given.name].article} now, and is told.")
            return HttpResponseRedirect(reverse("repos:people", args=[name]))
    return _page(request, actor, name, name_form=form, status=422)


@login_required
@require_POST
def invite(request: HttpRequest, name: str) -> HttpResponse:
    """Invite somebody by mail."""
    actor = actor_of(request.user)
    form = InviteForm(
        request.POST, auto_id="id_invite_%s", repositories=reads.repositories_of(reads.get_namespace(actor, name))
    )
    if form.is_valid():
        wish = form.cleaned_data
        try:
            actions.invite(
                actor=actor,
                namespace=name,
                address=wish["address"],
                role=wish["role"],
                repository_id=wish["repository"],
            )
        except (InvalidInputError, WrongStateError) as error:
            _refuse(form, error)
        else:
            messages.success(request, "The invitation is on its way. It is good for seven days.")
            return HttpResponseRedirect(reverse("repos:people", args=[name]))
    return _page(request, actor, name, invite_form=form, status=422)


@login_required
@require_POST
def take_back(request: HttpRequest, name: str, invitation_id: int) -> HttpResponse:
    """End an invitation that nobody accepted."""
    actions.take_back_invitation(actor=actor_of(request.user), namespace=name, invitation_id=invitation_id)
    messages.success(request, "The invitation is taken back: its link opens nothing any more.")
    return HttpResponseRedirect(reverse("repos:people", args=[name]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: HttpRequest, name: str, role_id: int) -> HttpResponse:
    """Ask why, then take a role away."""
    actor = actor_of(request.user)
    role = reads.get_role(actor, name, role_id)
    form, status = EndRoleForm(request.POST or None), 200
    if request.method == "POST":
        form, status = EndRoleForm(request.POST), 422
        if form.is_valid():
            actions.take_role(actor=actor, namespace=name, role_id=role_id, reason=form.cleaned_data["reason"])
            messages.success(request, f"{role.user} is no longer {WORDS[role.name].article}, and is told why.")
            return HttpResponseRedirect(reverse("repos:people", args=[name]))
    context = {"role": role, "words": WORDS[role.name], "form": form}
    return render(request, "repos/end_role.html", context, status=status)


@login_required
@require_POST
def second_factor(request: HttpRequest, name: str) -> HttpResponse:
    """Ask everybody who decides for a second factor (`on` is 1), or no longer."""
    on = request.POST.get("on") == "1"
    actions.ask_for_second_factor(actor=actor_of(request.user), namespace=name, on=on)
    said = (
        "Whoever decides here needs a second factor from now on." if on else "No second factor is asked for any more."
    )
    messages.success(request, said)
    return HttpResponseRedirect(reverse("repos:people", args=[name]))


def _page(
    request: HttpRequest,
    actor: Actor,
    name: str,
    *,
    name_form: NameForm | None = None,
    invite_form: InviteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = reads.people(actor, name)
    choices = reads.repositories_of(found.namespace) if found.may_name else []
    context = {
        "namespace": found.namespace,
        "people": found,
        "held": [(one, WORDS[one.role]) for one in found.held],
        "ended": [(one, WORDS[one.name]) for one in found.ended],
        "invited": [(one, WORDS[one.invitation.role]) for one in found.invited],
        "roles": [words for words in WORDS.values() if words.not_],
        "name_form": name_form or NameForm(repositories=choices),
        "invite_form": invite_form or InviteForm(repositories=choices, auto_id="id_invite_%s"),
        "runs": queries.runs(actor, found.namespace),
    }
    return render(request, "repos/people.html", context, status=status)


def _refuse(form: forms.Form, error: InvalidInputError | WrongStateError) -> None:
    """What an action refused, at the field that it is about."""
    fields = error.fields if isinstance(error, InvalidInputError) else {}
    for field, sentence in fields.items():
        form.add_error(field if field in form.fields else None, sentence)
    if not fields:
        form.add_error(None, error.message)
