"""Decisions: each takes one action and goes on to the next request of the list."""

from __future__ import annotations

import json

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access import actions, messages, placeholders, queries, states
from access.forms import DecisionForm, GrantForm, ReasonForm
from access.models import AccessRequest
from access.subjects import full_name, label
from access.views.listing import Listing
from access.views.screens import show_in_place, show_request
from access.views.undoing import offer_undo, remember
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.http import web
from hubgate.http.middleware import DIALOG
from hubgate.hub.reasons import REASON_LIMIT, fit_reason, utf16_len

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the person in."""
    return _decide_at_once(request, pk, states.ACCEPT)


@require_POST
@login_required
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back: the request waits again."""
    return _decide_at_once(request, pk, states.PUT_BACK)


@_form_page
@login_required
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then reject."""
    return _decide_with_reason(request, pk, states.REJECT)


@_form_page
@login_required
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then reset."""
    return _decide_with_reason(request, pk, states.RESET_VERB)


@require_POST
@login_required
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try once more to tell the Hub."""
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    try:
        actions.retry_push(actor=actor, request_id=pk)
    except WrongStateError as error:
        return show_request(request, actor, listing, pk, refusal=error.message, status=409)
    flash.success(request, "The Hub is told again now.")
    if web.wants_partial(request):
        return show_request(request, actor, listing, pk)
    return HttpResponseRedirect(listing.request_url(pk))


@_form_page
@login_required
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in by user name who has not asked."""
    actor = actor_of(request.user)
    repository = queries.get_grantable(actor, pk)
    full = queries.stages.places_left([pk]).get(pk) == 0
    form = GrantForm(request.POST or None, length=queries.length_of(repository), full=full)
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                granted = actions.grant(
                    actor=actor,
                    repository_id=pk,
                    username=form.cleaned_data["username"],
                    over_capacity=form.cleaned_data.get("over_capacity", False),
                    ends_at=form.wish,
                )
            except InvalidInputError as error:
                form.add_error("ends" if "ends_at" in error.fields else "username", error.message)
            except WrongStateError as error:
                refusal, status = error, 409
            else:
                flash.success(request, messages.done(states.GRANT, label(granted)))
                return go(request, reverse("access:request", args=[granted.pk]))
    known = refusal.data.get("request") if refusal else None
    context = {
        "form": form,
        "repository": repository,
        "refusal": refusal,
        "other": reverse("access:request", args=[known]) if known else "",
        "in_dialog": web.target_of(request) == DIALOG,
    }
    return render(request, "access/grant.html", context, status=status)


def _decide_at_once(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("The page did not say which status you saw. Load it anew and decide again.")
    try:
        decided = actions.decide(actor=actor, request_id=pk, verb=verb, seen_status=form.cleaned_data["seen_status"])
    except WrongStateError as error:
        return show_request(request, actor, listing, pk, refusal=error.message, status=409)
    return go_on(request, actor, listing, verb, decided)


def _decide_with_reason(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actor, listing = actor_of(request.user), Listing.read(request.GET)
    if request.method != "POST":
        subject = queries.get_decidable(actor, pk, verb)
        seen = request.GET.get("seen", "")
        initial = {"seen_status": seen if seen in states.OURS else subject.status}
        if request.GET.get("fill") == "questions":
            initial["reason"] = queries.ask_to_complete(subject)
        return _ask_reason(request, listing, subject, ReasonForm(verb, initial=initial))
    subject = queries.get_to_decide(actor, pk, verb)
    if "template" in request.POST:
        return _take_template(request, listing, subject, verb)
    if "preview" in request.POST:
        return _preview(request, listing, subject, verb)
    form = ReasonForm(verb, request.POST)
    if not form.is_valid():
        return _ask_reason(request, listing, subject, form, status=422)
    try:
        decided = actions.decide(
            actor=actor,
            request_id=pk,
            verb=verb,
            seen_status=form.cleaned_data["seen_status"],
            reason=form.cleaned_data["reason"],
        )
    except WrongStateError as error:
        response = show_request(request, actor, listing, pk, refusal=error.message, status=409)
        response["HX-Trigger"] = json.dumps({"close-dialog": "", "announce": error.message})
        return response
    return go_on(request, actor, listing, verb, decided)


def _preview(request: HttpRequest, listing: Listing, subject: AccessRequest, verb: str) -> HttpResponse:
    """What the Hub gets of the reason typed so far; nothing is done."""
    if web.target_of(request) == "reason-preview":
        return render(request, "access/reason_preview.html", _fitted(request.POST.get("reason", "")))
    form = ReasonForm(verb, initial=request.POST.dict())
    return _ask_reason(request, listing, subject, form)


def _take_template(request: HttpRequest, listing: Listing, subject: AccessRequest, verb: str) -> HttpResponse:
    """The form again, with the chosen template in it, filled in; what was typed stays. Nothing is done."""
    initial = {name: request.POST.get(name, "") for name in ("seen_status", "reason", "typed", "filled")}
    chosen = next((one for one in queries.reasons_for(subject, verb) if str(one.id) == request.POST["template"]), None)
    form = ReasonForm(verb, initial=initial)
    if chosen is None:
        gone = "That template is gone: somebody removed it. Choose another, or write the reason."
        return _ask_reason(request, listing, subject, form, note=gone)
    text, typed = placeholders.put_in(
        chosen.text, reason=initial["reason"], typed=initial["typed"], filled=initial["filled"]
    )
    form = ReasonForm(verb, initial={**initial, "reason": text, "typed": typed, "filled": text})
    return _ask_reason(request, listing, subject, form)


def _ask_reason(
    request: HttpRequest,
    listing: Listing,
    subject: AccessRequest,
    form: ReasonForm,
    *,
    status: int = 200,
    note: str = "",
) -> HttpResponse:
    context = {
        "subject": subject,
        "listing": listing,
        "form": form,
        "verb": form.verb,
        "note": note,
        "templates": queries.reasons_for(subject, form.verb),
        "templates_url": reverse("access:reason_templates", args=[subject.repository.namespace.name]),
        "name": full_name(subject),
        "action": listing.request_url(subject.pk, form.verb),
        "back": listing.request_url(subject.pk),
        "in_dialog": web.target_of(request) == DIALOG,
        **_fitted(str(form["reason"].value() or "")),
    }
    return render(request, "access/reason.html", context, status=status)


def _fitted(reason: str) -> dict[str, object]:
    reason = reason.replace("\r\n", "\n").strip()
    short = fit_reason(reason)
    return {"units": utf16_len(reason), "limit": REASON_LIMIT, "short": short, "shortened": short != reason}


def go_on(request: HttpRequest, actor: Actor, listing: Listing, verb: str, decided: AccessRequest) -> HttpResponse:
    """After a decision: on to the next request of the list, with an offer to undo."""
    sentence = messages.done(verb, full_name(decided))
    following = queries.next_after(actor, decided, listing.wanted)
    offer_undo(request, listing, decided, sentence)
    response: HttpResponse
    if following is None or not web.wants_partial(request):
        response = go(request, listing.request_url(following) if following else listing.at("").url)
    else:
        response = show_in_place(request, actor, listing, following, sentence)
    return remember(request, response, decided.pk)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """To another page; htmx would put it into a part of this one, so it is told to load it."""
    if not web.wants_partial(request):
        return HttpResponseRedirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response
