"""How the set-up does, and what to do about what failed."""

from __future__ import annotations

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import WrongStateError
from hubgate.http import web
from hubgate.operations import actions, forms, queries, rights
from hubgate.outbox import registry

STATE = "hg-operations"


@login_required
@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """The page; for htmx its live part alone."""
    seen = queries.overview(actor_of(request.user))
    template = "operations/state.html" if web.target_of(request) == STATE else "operations/operations.html"
    return render(request, template, {"seen": seen})


@require_POST
@login_required
def retry(request: HttpRequest) -> HttpResponse:
    """Try again what failed: work, mail or a round."""
    actor = actor_of(request.user)
    rights.require(actor)
    form = forms.RetryForm(request.POST)
    given = form.checked()
    try:
        flash.success(request, _carry_out(given, actor))
    except WrongStateError as error:
        flash.info(request, error.message)
    return HttpResponseRedirect(reverse("operations:operations"))


def _carry_out(given: forms.Retry, actor: Actor) -> str:
    if given.what == "work":
        number = actions.retry_work(actor=actor, kind=given.kind, key=given.key)
        return f"{registry.label(given.kind)}: {number} will be tried again within seconds."
    if given.what == "mail":
        number = actions.retry_mail(actor=actor, delivery_id=int(given.key) if given.key else None)
        return f"{number} mail{'' if number == 1 else 's'} will be sent again. What fails again is listed here again."
    actions.retry_round(actor=actor, namespace=given.key)
    return f"{given.key} will be read again within seconds."


def nav(request: HttpRequest) -> web.NavItem | None:
    """Operations, for operators, with how many things failed."""
    if not request.user.is_authenticated:
        return None
    actor = actor_of(request.user)
    if not rights.may_operate(actor):
        return None
    url = reverse("operations:operations")
    count = queries.count_trouble(actor)
    return web.NavItem("Operations", url, "operations", count=count, more=count >= 100, current=request.path == url)
