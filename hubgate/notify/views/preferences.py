"""How one wants to be told: topics, exceptions, time zone, previews and tests."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.notify import catalogue, forms, preferences, queries, rules, trials
from hubgate.notify.places import Place


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences_page(request: HttpRequest) -> HttpResponse:
    """Choose how soon one is told of each topic, and when the day's digest comes."""
    if request.method != "POST":
        return _page(request)
    form = forms.PreferencesForm(request.POST, topics=catalogue.topics())
    if not form.is_valid():
        return _page(request, form=form, status=422)
    preferences.choose(
        actor=actor_of(request.user),
        paces=form.paces,
        zone=form.cleaned_data["zone"],
        daily_hour=form.cleaned_data["daily_hour"],
    )
    flash.success(request, "Kept. What waits for a digest follows your choice.")
    return HttpResponseRedirect(reverse("notify:settings"))


@login_required
@require_POST
def add_exception(request: HttpRequest) -> HttpResponse:
    """Be told otherwise about one repository or namespace."""
    actor = actor_of(request.user)
    form = forms.ExceptionForm(request.POST, topics=catalogue.topics())
    if not form.is_valid():
        return _page(request, exception=form, status=422)
    try:
        places = preferences.find_place(actor=actor, text=form.cleaned_data["place"])
    except InvalidInputError as error:
        form.add_error("place", error.message)
        return _page(request, exception=form, like=error.data["like"], status=422)
    for place in places:
        preferences.add_exception(
            actor=actor, place=place, topic=form.cleaned_data["topic"], pace=form.cleaned_data["pace"]
        )
    flash.success(request, f"Kept for {places[0].name}.")
    return HttpResponseRedirect(reverse("notify:settings") + "#exceptions")


@login_required
@require_POST
def remove_exception(request: HttpRequest, choice_id: int) -> HttpResponse:
    """Be told about a repository or namespace as everywhere."""
    preferences.remove_exception(actor=actor_of(request.user), choice_id=choice_id)
    flash.success(request, "Removed: you are told there as everywhere.")
    return HttpResponseRedirect(reverse("notify:settings") + "#exceptions")


@login_required
@require_safe
def previews(request: HttpRequest) -> HttpResponse:
    """Each kind of notice as it would be mailed."""
    return render(
        request,
        "notify/previews.html",
        {"previews": trials.previews(str(request.user)), "address": _account(request).email},
    )


@login_required
@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Mail one preview to oneself."""
    user = _account(request)
    try:
        trials.send_test(
            actor=actor_of(user), address=user.email, kind=request.POST.get("kind", "")[:80], name=str(user)
        )
    except WrongStateError as error:
        flash.error(request, error.message)
    else:
        flash.success(request, f"On its way to {user.email}; at most one test of a kind each minute.")
    return HttpResponseRedirect(reverse("notify:previews"))


def _page(
    request: HttpRequest,
    *,
    form: forms.PreferencesForm | None = None,
    exception: forms.ExceptionForm | None = None,
    like: list[Place] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, topics = _account(request), catalogue.topics()
    chosen = queries.preferences_of([user.pk])[user.pk]
    meanings = forms.meanings(chosen)
    form = form or forms.PreferencesForm(initial=_initial(chosen), topics=topics)
    exception = exception or forms.ExceptionForm(
        initial={"place": request.GET.get("for", "")[:200], "pace": rules.DAILY}, topics=topics
    )
    context: dict[str, Any] = {
        "form": form,
        "rows": form.rows(),
        "meanings": list(meanings.values()),
        "exception": exception,
        "exceptions": [(one, forms.PACES[one.choice.pace].lower()) for one in queries.exceptions_of(actor_of(user))],
        "like": like or [],
        "zones": sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        "guess_zone": not form.is_bound and not queries.has_zone(user.pk),
        "address": user.email,
        "missed": queries.last_missed(user.pk),
        "waiting": queries.waiting_for(user.pk).count(),
    }
    return render(request, "notify/settings.html", context, status=status)


def _initial(chosen: rules.Preferences) -> dict[str, object]:
    paces = {
        f"topic_{topic.key}": rules.resolve(chosen, topic=topic.key, default=topic.default).pace
        for topic in catalogue.topics()
    }
    return {**paces, "zone": chosen.zone, "daily_hour": chosen.daily_hour}


def _account(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
