"""What every page of the web door shares: the navigation round it, and how much of it to render.

Apps put their entries in from `AppConfig.ready()`; this module knows none of them:

    web.register_nav(10, lambda request: NavItem("Inbox", reverse("access:inbox"), "inbox", count=waiting(request)))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest

THEME_COOKIE = "hubgate_theme"
KEYS_COOKIE = "hubgate_keys"
THEMES = {"light": "hubgate", "dark": "hubgate-dark"}


@dataclass(frozen=True)
class NavItem:
    """An entry of the side navigation. `icon` is one of `hubgate.http.icons`; `count` is shown unless 0 or None, and
    `more` says that counting stopped there."""

    label: str
    url: str
    icon: str
    count: int | None = None
    more: bool = False
    current: bool = False


@dataclass(frozen=True)
class FooterState:
    """The line at the foot of the navigation: "Hub in step, 40 s ago". `url` leads to more, where there is more."""

    text: str
    icon: str = "cloud"
    url: str = ""


@dataclass(frozen=True)
class Bell:
    """The notices bell: how many are unread, and where they are."""

    url: str
    unread: int


@dataclass(frozen=True)
class Search:
    """The search field of the top bar: a GET form to `url` with the words in `q`."""

    url: str
    placeholder: str = "Search people, answers, repositories"


@dataclass(frozen=True)
class NamespaceChoice:
    """The namespace select of the top bar: a GET form to `url` with the name in `namespace`, empty for all."""

    url: str
    options: tuple[str, ...]
    current: str = ""


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a `timeline`: a full sentence, when (aware), an icon, and what was said, if anything."""

    sentence: str
    at: Any
    icon: str = "circle"
    detail: str = ""


class Registry:
    """What the apps have put into the frame. One instance lives as long as the process; tests make their own."""

    def __init__(self) -> None:
        self.nav: list[tuple[int, Callable[[HttpRequest], NavItem | None]]] = []
        self.footer: Callable[[HttpRequest], FooterState | None] | None = None
        self.bell: Callable[[HttpRequest], Bell | None] | None = None
        self.search: Callable[[HttpRequest], Search | None] | None = None
        self.namespaces: Callable[[HttpRequest], NamespaceChoice | None] | None = None


registry = Registry()


def register_nav(order: int, build: Callable[[HttpRequest], NavItem | None]) -> None:
    """Put an entry into the side navigation, lower `order` first; `build` gives None for those without use for it."""
    registry.nav.append((order, build))
    registry.nav.sort(key=lambda entry: entry[0])


def register_footer_state(build: Callable[[HttpRequest], FooterState | None]) -> None:
    """Say how the Hub stands at the foot of the navigation."""
    registry.footer = build


def register_bell(build: Callable[[HttpRequest], Bell | None]) -> None:
    """Show the notices bell in the top bar."""
    registry.bell = build


def register_search(build: Callable[[HttpRequest], Search | None]) -> None:
    """Show the search field in the top bar."""
    registry.search = build


def register_namespaces(build: Callable[[HttpRequest], NamespaceChoice | None]) -> None:
    """Show the namespace select in the top bar."""
    registry.namespaces = build


class Chrome:
    """The frame round one page. Each part is asked for only when the template shows it, so a partial costs nothing."""

    def __init__(self, request: HttpRequest, source: Registry | None = None) -> None:
        self._request = request
        self._source = source or registry

    @cached_property
    def nav(self) -> list[NavItem]:
        """The entries for this person, in order."""
        items = (build(self._request) for _, build in self._source.nav)
        return [item for item in items if item is not None]

    @cached_property
    def state(self) -> FooterState | None:
        """The Hub's state, or None."""
        return self._source.footer(self._request) if self._source.footer else None

    @cached_property
    def bell(self) -> Bell | None:
        """Unread notices, or None where there are no notices."""
        return self._source.bell(self._request) if self._source.bell else None

    @cached_property
    def search(self) -> Search | None:
        """The search form, or None."""
        return self._source.search(self._request) if self._source.search else None

    @cached_property
    def namespaces(self) -> NamespaceChoice | None:
        """The namespaces to choose from, or None."""
        return self._source.namespaces(self._request) if self._source.namespaces else None

    @property
    def theme(self) -> str:
        """What the person chose: `light`, `dark` or `system`."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else "system"

    @property
    def theme_name(self) -> str:
        """The stylesheet's name for the chosen theme; empty leaves it to the system."""
        return THEMES.get(self.theme, "")

    @property
    def keys(self) -> bool:
        """Whether keyboard shortcuts are on."""
        return self._request.COOKIES.get(KEYS_COOKIE) != "off"


def wants_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page. A page restored from history needs the whole."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def is_prefetch(request: HttpRequest) -> bool:
    """Whether the page is only fetched to be at hand: nobody sees it yet, so nothing may be marked as read or as looked
    at, and no message used up."""
    return request.headers.get("Purpose") == "prefetch"


def target_of(request: HttpRequest) -> str:
    """The id of the element that htmx fills with the answer; empty without htmx."""
    htmx = getattr(request, "htmx", None)
    return (htmx.target or "") if htmx else ""


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `chrome` is the frame; `page_base` is what a page extends (`{% extends page_base %}`): the
    whole app page, or for htmx its main part alone."""
    return {"chrome": Chrome(request), "page_base": "partial.html" if wants_partial(request) else "app.html"}
