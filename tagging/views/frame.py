"""What content tags put into the frame round every page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from hubgate.accounts.queries import actor_of
from hubgate.http import web
from tagging import queries

_MOST = 99


def register() -> None:
    """Called once, from the app's `ready()`."""
    web.register_nav(25, nav)


def nav(request: HttpRequest) -> web.NavItem | None:
    """The proposals to rule on, counted."""
    if not request.user.is_authenticated:
        return None
    count = queries.count_to_rule(actor_of(request.user), most=_MOST)
    return web.NavItem(
        "Content tags",
        reverse("tagging:queue"),
        "tag",
        count=min(count, _MOST),
        more=count > _MOST,
        current=request.path.startswith(("/tags/", "/content/")),
    )
