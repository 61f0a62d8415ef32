"""Ends of access: accepting until some day, moving an end, refusing to renew."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from access import actions, ends, messages, queries, states
from access.forms import AcceptForm, EndForm, ReasonForm
from access.models import AccessRequest
from access.subjects import full_name
from access.views.deciding import go, go_on
from access.views.listing import Listing
from access.views.screens import show_in_place, show_request
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.http import flash, web
from hubgate.http.middleware import DIALOG

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@_form_page
@login_required
def accept_until(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask when access ends, then let the person in."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    if request.method != "POST":
        subject = queries.get_decidable(actor, pk, states.ACCEPT)
        form = AcceptForm(length=queries.length_of(subject.repository), initial={"seen_status": subject.status})
        return _ask(request, "access/accept_until.html", listing, subject, form, "accept_until")
    subject = queries.get_request(actor, pk)
    form = AcceptForm(request.POST, length=queries.length_of(subject.repository))
    if form.is_valid():
        try:
            decided = actions.decide(
                actor=actor,
                request_id=pk,
                verb=states.ACCEPT,
                seen_status=form.cleaned_data["seen_status"],
                ends_at=form.wish,
            )
        except InvalidInputError as error:
            form.add_error("ends", error.message)
        except WrongStateError as error:
            return _refused(request, actor, listing, pk, error)
        else:
            return go_on(request, actor, listing, states.ACCEPT, decided)
    return _ask(request, "access/accept_until.html", listing, subject, form, "accept_until", status=422)


@_form_page
@login_required
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another end of somebody's access, then move it."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    subject = queries.get_request(actor, pk)
    if subject.status != states.ACCEPTED:
        sentence = f"This request is {subject.status} now: there is no access whose end could be moved."
        return _refused(request, actor, listing, pk, WrongStateError(sentence))
    given = request.POST if request.method == "POST" else None
    form = EndForm(given, length=queries.length_of(subject.repository), offered=False)
    if request.method == "POST" and form.is_valid():
        try:
            moved = actions.extend(actor=actor, request_id=pk, ends_at=form.wish)
        except InvalidInputError as error:
            form.add_error("ends", error.message)
        except WrongStateError as error:
            return _refused(request, actor, listing, pk, error)
        else:
            return _done(request, actor, listing, pk, messages.end_moved(full_name(moved), moved.ends_at))
    status = 422 if request.method == "POST" else 200
    return _ask(request, "access/extend.html", listing, subject, form, "extend", status=status)


@_form_page
@login_required
def refuse_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then leave the end as it is."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    subject = queries.get_request(actor, pk)
    if queries.open_renewal(subject) is None:
        sentence = "Nobody asks to renew this any more: the end was moved, or somebody ruled on it already."
        return _refused(request, actor, listing, pk, WrongStateError(sentence))
    if request.method != "POST":
        form = ReasonForm(states.REJECT, initial={"seen_status": subject.status})
        return _ask(request, "access/refuse_renewal.html", listing, subject, form, "refuse_renewal")
    form = ReasonForm(states.REJECT, {**request.POST.dict(), "seen_status": states.ACCEPTED})
    if not form.is_valid():
        return _ask(request, "access/refuse_renewal.html", listing, subject, form, "refuse_renewal", status=422)
    try:
        actions.refuse_renewal(actor=actor, request_id=pk, reason=form.cleaned_data["reason"])
    except WrongStateError as error:
        return _refused(request, actor, listing, pk, error)
    return _done(request, actor, listing, pk, messages.UNRENEWED.format(name=full_name(subject)))


def _ask(
    request: HttpRequest,
    template: str,
    listing: Listing,
    subject: AccessRequest,
    form: Any,
    name: str,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "subject": subject,
        "name": full_name(subject),
        "form": form,
        "renewal": queries.open_renewal(subject),
        "ends_on": ends.told(subject.ends_at),
        "action": listing.request_url(subject.pk, name),
        "back": listing.request_url(subject.pk),
        "in_dialog": web.target_of(request) == DIALOG,
    }
    return render(request, template, context, status=status)


def _done(request: HttpRequest, actor: Actor, listing: Listing, pk: int, sentence: str) -> HttpResponse:
    flash.success(request, sentence)
    if web.wants_partial(request):
        return show_in_place(request, actor, listing, pk, sentence)
    return go(request, listing.request_url(pk))


def _refused(request: HttpRequest, actor: Actor, listing: Listing, pk: int, error: WrongStateError) -> HttpResponse:
    response = show_request(request, actor, listing, pk, refusal=error.message, status=409)
    response["HX-Trigger"] = json.dumps({"close-dialog": "", "announce": error.message})
    return response
