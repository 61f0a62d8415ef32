"""The pages of one's own access tokens and sessions."""

from __future__ import annotations

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from hubgate.accounts import actions, queries
from hubgate.accounts.forms import TokenForm
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError

_form_page = require_http_methods(["GET", "HEAD", "POST"])


@_form_page
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """One's access tokens, and a form for another. The secret of a new one is on the page that answers the form, and
    nowhere else."""
    actor = actor_of(request.user)
    form, made, secret, status = TokenForm(request.POST or None), None, "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made, secret = actions.make_token(
                    actor=actor,
                    name=form.cleaned_data["name"],
                    wanted=form.cleaned_data["scopes"],
                    days=form.cleaned_data["days"],
                )
            except InvalidInputError as error:
                form.add_error(None, error.message)
            else:
                form, status = TokenForm(), 200
    found, now = queries.tokens_of(actor), timezone.now()
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "usable": [token for token in found if token.revoked_at is None and token.expires_at > now],
        "ended": [token for token in found if token.revoked_at is not None or token.expires_at <= now][:20],
        "api_url": request.build_absolute_uri("/api/v1/me"),
    }
    response = render(request, "accounts/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@_form_page
@login_required
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Ask, then end one of one's tokens at once."""
    actor = actor_of(request.user)
    if request.method != "POST":
        return render(request, "accounts/revoke_token.html", {"token": queries.get_token(actor, token_id)})
    token = actions.revoke_token(actor=actor, token_id=token_id)
    flash.success(request, f"The token “{token.name}” is revoked: it opens nothing any more.")
    return HttpResponseRedirect(reverse("accounts:tokens"))


@login_required
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's other sessions: that browser has to sign in again."""
    actions.end_session(actor=actor_of(request.user), session_id=session_id)
    flash.success(request, "The session is ended.")
    return HttpResponseRedirect(reverse("usersessions_list"))
