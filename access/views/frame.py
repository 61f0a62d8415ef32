"""What the inbox puts into the frame round every page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from access import messages, queries
from access.views import undelivered
from hubgate.accounts.queries import actor_of
from hubgate.http import web


def register() -> None:
    """Called once, from the app's `ready()`."""
    web.register_nav(10, nav)
    web.register_nav(15, drift)
    web.register_nav(16, undelivered.nav)
    web.register_nav(18, my_access)
    web.register_footer_state(hub_state)
    web.register_search(search)


def nav(request: HttpRequest) -> web.NavItem | None:
    """The inbox, with how many requests wait."""
    if not request.user.is_authenticated:
        return None
    inbox = reverse("access:inbox")
    waiting = queries.waiting(actor_of(request.user))
    return web.NavItem(
        "Inbox",
        inbox,
        "inbox",
        count=waiting.number,
        more=waiting.more,
        current=request.path.startswith((inbox, "/requests/", "/bulk/")),
    )


def drift(request: HttpRequest) -> web.NavItem | None:
    """What the Hub changed on its own and nobody has settled."""
    if not request.user.is_authenticated:
        return None
    desk = reverse("access:drift")
    found = queries.drift.count(actor_of(request.user), queries.drift.Wanted())
    return web.NavItem(
        "Drift", desk, "cloud", count=found.number, more=found.more, current=request.path.startswith(desk)
    )


def my_access(request: HttpRequest) -> web.NavItem | None:
    """One's own requests, for who has any."""
    if not request.user.is_authenticated:
        return None
    mine = reverse("access:my_access")
    current = request.path.startswith(mine)
    if not current and not queries.has_own(actor_of(request.user)):
        return None
    return web.NavItem("My access", mine, "account", current=current)


def hub_state(request: HttpRequest) -> web.FooterState | None:
    """When the Hub's lists were last read, and what is on its way there; nothing before the first reading."""
    if not request.user.is_authenticated:
        return None
    actor = actor_of(request.user)
    read_at = queries.last_read_at(actor)
    if read_at is None:
        return None
    text, well = messages.in_step(read_at, timezone.now(), queries.pushes_waiting(actor))
    return web.FooterState(text, "cloud" if well else "cloud-off")


def search(request: HttpRequest) -> web.Search | None:
    """Search in all requests."""
    return web.Search(reverse("access:inbox")) if request.user.is_authenticated else None
