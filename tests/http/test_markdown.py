"""Markdown of others: what it may do, and all that it may not."""

from __future__ import annotations

import re

import pytest

from hubgate.http import markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](vbscript:msgbox(1))",
    "[a](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![a](https://tracker.example/pixel.png)",
    "![a](javascript:alert(1))",
    '[a](https://example.org "onmouseover=alert(1)")',
    '[a](https://example.org/" onclick="alert(1))',
    "[a][r]\n\n[r]: javascript:alert(1)",
    "<a href='https://example.org' onclick='alert(1)'>a</a>",
    "<style>body{display:none}</style>",
    '<p style="position:fixed">a</p>',
    "<form action=https://evil.example><input name=password></form>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "| a |\n|:-:|\n| <b onclick=alert(1)>b</b> |",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "\x00<script>alert(1)</script>",
]
ALLOWED_TAG = re.compile(
    r"</?(a|blockquote|br|code|del|em|h[3-6]|hr|li|ol|p|pre|s|strong|t(able|body|d|h|head|r)|ul)\b[^<>]*>"
)


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_stays_text(text):
    html = markdown.render(text)
    tags = re.findall(r"<[^>]*>", html)
    for tag in tags:
        assert ALLOWED_TAG.fullmatch(tag), tag
        assert not re.search(r"\son\w+\s*=(?![^\"]*\"\s)", re.sub(r'"[^"]*"', '""', tag)), tag
        assert "style=" not in tag
        href = re.search(r'href="([^"]*)"', tag)
        assert href is None or re.match(r"(https?|mailto):", href[1]), tag


def test_links_say_that_we_do_not_vouch_for_them():
    html = markdown.render("[terms](https://example.org/terms) and <mailto:a@example.org>")
    assert html.count('rel="nofollow noopener"') == 2
    assert 'href="https://example.org/terms"' in html


def test_headings_start_below_the_page_s_own():
    assert markdown.render("# One\n\n###### Six") == "<h3>One</h3>\n<h6>Six</h6>\n"


def test_what_authors_use_works():
    html = markdown.render(
        "**bold** *em* ~~gone~~ `code`\n\n- a\n- b\n\n3. c\n\n> q\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"
    )
    for tag in ("strong", "em", "s", "code", "ul", "ol", "blockquote", "table", "td"):
        assert f"<{tag}" in html
    assert '<ol start="3">' in html


def test_an_endless_text_is_cut_and_says_so():
    assert "it was cut here" in markdown.render("word " * 20_000, limit=1000)
