"""Text of cards as safe HTML: Markdown with tables, cleaned; headings that never skip a level. Pure."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
# No pictures: a page of the stand-in fetches nothing from elsewhere.
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area", "h1", "h2"}
_CLEANER = nh3.Cleaner(tags=_TAGS, link_rel="noopener noreferrer nofollow", url_schemes={"http", "https", "mailto"})
LONGEST = 200_000


def _lower_headings(tokens: list[Token], above: int) -> None:
    """Moves headings below a page's own level `above`: `#` is the next level, and no level is left out."""
    last = above
    for token in tokens:
        if token.type == "heading_open":
            last = min(int(token.tag[1]) + above, last + 1, 6)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{last}"


def to_html(text: str, above: int = 2) -> SafeString:
    """Markdown, perhaps with HTML in it, as HTML without scripts, styles, pictures or forms."""
    tokens = _MARKDOWN.parse(text[:LONGEST])
    _lower_headings(tokens, above)
    return mark_safe(_CLEANER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})))  # noqa: S308


def body_of(readme: str) -> str:
    """A README without its front matter, read as `card.front_matter` reads it."""
    lines = readme.removeprefix("\ufeff").lstrip().splitlines()
    if not lines or lines[0] != "---":
        return readme
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    return "\n".join(lines[end + 1 :]) if end is not None else readme
