"""What a content tag may look like, and what a reader is asked before it is shown. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hubgate.hub.card import NFAA_TAG

EVIDENCE_LIMIT = 4_000  # characters
REASON_LIMIT = 2_000
MOST_LINKS = 5
LINK_LIMIT = 500

HIDE, WARN, SHOW = "hide", "warn", "show"  # a reader's choice
ALL, NFAA, NOT_NFAA = "all", "nfaa", "not-nfaa"  # an audience: which repositories a list shows

_HUB_PATH = re.compile(r"(?:https?://[^/\s]+/)?(?:models/|datasets/|spaces/)?([\w.-]+/[\w.-]+)(?:/.*)?", re.ASCII)


def default_audience(choice: str) -> str:
    """Which repositories a list shows to whoever made this choice and asks for no audience."""
    return NOT_NFAA if choice == HIDE else ALL


def asks_first(*, tagged: bool, choice: str, viewed: bool) -> bool:
    """Whether a page asks before it shows a repository's own words. Who hides tagged repositories and opens one all the
    same is asked too; `viewed`: whether the reader has said yes already."""
    return tagged and choice != SHOW and not viewed


def is_tagged(ours: bool | None, hub: bool | None) -> bool:
    """Whether a repository counts as tagged for its readers: either side saying so is enough, so that a change on its
    way to the Hub shows nothing to whom it is to be kept from."""
    return bool(ours) or bool(hub)


def repository_name(text: str) -> str | None:
    """`namespace/name` out of a name or an address of the Hub; None where there is none in it."""
    found = _HUB_PATH.fullmatch(text.strip())
    return found[1] if found else None


def links_in(text: str) -> tuple[list[str], str]:
    """The links in a text, one a line, and what is wrong with them (empty where nothing is)."""
    links = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(links) > MOST_LINKS:
        return links, f"Give at most {MOST_LINKS} links; there are {len(links)}."
    return links, next((problem for problem in map(link_problem, links) if problem), "")


def link_problem(link: str) -> str:
    """What is wrong with a link, in a sentence; empty where it is a web address."""
    if len(link) > LINK_LIMIT:
        return f"A link may have {LINK_LIMIT} characters; one has {len(link)}."
    try:
        parts = urlsplit(link)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        is_web = False
    return (
        "" if is_web and not re.search(r"\s", link) else f"“{link[:60]}” is no web address: one link a line, https://…"
    )


def summary(*, is_set: bool, tag: str = NFAA_TAG) -> str:
    """The first line of the commit."""
    return f"Add the tag {tag}" if is_set else f"Remove the tag {tag}"
