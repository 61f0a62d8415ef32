"""Pages that belong to no app: how one likes the pages to look, and all components on one page."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from hubgate.http import specimens, web

_YEAR = 365 * 24 * 3600
KEYS = (
    ("a", "Accept the request that is open"),
    ("r", "Reject it, with a reason"),
    ("u", "Undo what you decided last"),
    ("j", "Next in the list"),
    ("k", "Previous in the list"),
    ("/", "Search"),
    ("?", "This list"),
    ("1 – 9", "Choose a reason template, in the dialog for the reason"),
    ("Ctrl Enter", "Send the form that you write in"),
)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember a theme (`light`, `dark`, `system`) or whether shortcuts are on (`on`, `off`) in a cookie; back to where
    one was. Anything else is ignored: a preference is never worth an error page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    for cookie, value, kept in (
        (web.THEME_COOKIE, request.POST.get("theme"), set(web.THEMES)),
        (web.KEYS_COOKIE, request.POST.get("keys"), {"off"}),
    ):
        if value in kept:
            response.set_cookie(cookie, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
        elif value is not None:
            response.delete_cookie(cookie, samesite="Lax")
    return response


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keyboard shortcuts, and a switch for them: what the help dialog shows where scripts run."""
    return render(request, "ui/keys.html", {"keys": KEYS})


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state, on one page; in development and in the demo only."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "ui/components.html", specimens.context(request))


@require_safe
def components_dialog(request: HttpRequest) -> HttpResponse:
    """The sample dialog of the component page: in a dialog with scripts, a page of its own without."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "ui/components_dialog.html", {"form": specimens.ReasonForm()})


@require_safe
def components_inbox(request: HttpRequest) -> HttpResponse:
    """A page shaped like the inbox, with invented people; for htmx the panel alone, where that is what it fills."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    panel = web.wants_partial(request) and request.headers.get("HX-Target") == "hg-panel"
    template = "ui/components_panel.html" if panel else "ui/components_inbox.html"
    return render(request, template, specimens.context(request))
