"""Markdown that others wrote, as HTML that can do no harm."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

_PARSER = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False}).disable("image")
_TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_HEADING_OFFSET = 2


def render(text: str, *, limit: int = 200_000) -> str:
    """HTML of `text`: raw HTML shown as text, images left out, links only to http, https and mailto.

    Headings start at level 3, because the page owns the first two. Text beyond `limit` characters is cut, and says so.
    """
    if len(text) > limit:
        text = text[:limit] + "\n\n*The text goes on; it was cut here.*"
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + _HEADING_OFFSET, 6)}"
        elif token.type in {"th_open", "td_open"}:
            token.attrs.pop("style", None)
    html: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
