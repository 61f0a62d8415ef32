"""Components: one tag, one template and one style file each. Wrong arguments raise at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import forms as django_forms
from django import template
from django.forms.boundfield import BoundField
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from hubgate.http import flash, forms, markdown, relative_time
from hubgate.http.icons import ICONS

register = template.Library()

STATUSES = {
    "pending": ("clock", "Pending"),
    "accepted": ("check", "Accepted"),
    "rejected": ("cross", "Rejected"),
    "reset": ("undo", "Reset"),
    "withdrawn": ("withdrawn", "Withdrawn"),
    "none": ("circle", "Not asked"),
}
GATES = {
    "open": ("unlock", "Open", "Anyone may download."),
    "auto": ("lock", "Automatic gate", "Whoever fills the form is let in at once."),
    "manual": ("lock", "Manual gate", "Each request is decided by hand."),
    "private": ("eye-off", "Private", "Only members see the repository."),
}
MAIL_KINDS = {
    "free": ("mail", "free mail", ""),
    "disposable": ("alert", "disposable", "bad"),
    "institutional": ("organisation", "institutional", ""),
    "unknown": ("mail", "", ""),
}
ALERTS = {
    "info": ("info", "status"),
    "success": ("check", "status"),
    "warning": ("alert", "status"),
    "error": ("cross", "alert"),
}
TONES = {"": "", "good": "text-success", "bad": "text-error"}
ICON_SIZES = {3: "size-3", 4: "size-4", 5: "size-5", 6: "size-6"}


class ComponentError(ValueError):
    """A component was given an argument that it does not know."""


def _one_of(component: str, argument: str, value: Any, known: Iterable[Any]) -> None:
    if value not in (choices := list(known)):
        raise ComponentError(f"{component}: {argument} is {value!r}; it must be one of {choices}.")


def _required(component: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if not str(value or "").strip():
            raise ComponentError(f"{component}: {name} is missing.")


def _render(name: str, context: dict[str, Any]) -> SafeString:
    """A component's template, without the white space round it: "2 hours ago, on the Hub" has none before its comma."""
    return mark_safe(get_template(f"ui/{name}.html").render(context).strip())  # noqa: S308 (a template's output)


@lru_cache(maxsize=512)
def _svg(name: str, size: int, label: str) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" '
        'stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        ICON_SIZES[size],
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"'),
        mark_safe(ICONS[name]),  # noqa: S308 (our own shapes)
    )


@register.simple_tag
def icon(name: str, size: int = 4, label: str = "") -> SafeString:
    """An icon by its name in `hubgate.http.icons`; hidden from screen readers unless it has a `label` of its own.
    It has no template file: a list shows hundreds, and this way each shape is built once."""
    _one_of("icon", "name", name, ICONS)
    _one_of("icon", "size", size, ICON_SIZES)
    return _svg(name, size, label)


@register.simple_tag
def status(value: str, small: bool = False) -> SafeString:
    """The status of an access request: icon, word and colour."""
    _one_of("status", "value", value, STATUSES)
    mark, word = STATUSES[value]
    return _render("status", {"value": value, "icon": mark, "word": word, "small": small})


@register.simple_tag
def badge(text: str, icon: str = "", tone: str = "", small: bool = False, hint: str = "") -> SafeString:
    """A quiet badge for any other state; `tone` is empty, `good`, `bad` or `caution`."""
    _required("badge", text=text)
    if icon:
        _one_of("badge", "icon", icon, ICONS)
    tones = {"": "quiet", "good": "accepted", "bad": "rejected", "caution": "caution"}
    _one_of("badge", "tone", tone, tones)
    return _render("badge", {"text": text, "icon": icon, "tone": tones[tone], "small": small, "hint": hint})


@register.simple_tag
def nfaa(small: bool = False) -> SafeString:
    """The content tag "Not For All Eyes" (`not-for-all-audiences`)."""
    return _render("nfaa", {"small": small})


@register.simple_tag
def gate(mode: str, small: bool = False) -> SafeString:
    """The gate that the Hub has set: `open`, `auto`, `manual`, `private`; any other mode of the Hub is shown as unknown
    with its name, because the Hub may invent one."""
    _required("gate", mode=mode)
    mark, word, hint = GATES.get(mode, ("alert", f"Unknown gate “{mode}”", "hubgate does not know this gate yet."))
    if mode == "unknown":
        word = "Gate unknown"
    tone = "quiet" if mode in GATES else "caution"
    return _render("badge", {"text": word, "icon": mark, "tone": tone, "small": small, "hint": hint})


@register.simple_tag
def mailkind(kind: str, domain: str = "") -> SafeString:
    """A mail domain and its kind: `free`, `disposable`, `institutional` or `unknown`."""
    _one_of("mailkind", "kind", kind, MAIL_KINDS)
    mark, word, tone = MAIL_KINDS[kind]
    return _render("mailkind", {"icon": mark, "word": word, "tone": tone, "domain": domain})


@register.simple_tag
def when(at: datetime, style: str = "words") -> SafeString:
    """A time: how long ago in `words` or `short`, with the exact time in UTC on hover and for screen readers."""
    if not isinstance(at, datetime) or timezone.is_naive(at):
        raise ComponentError(f"when: {at!r} is not an aware datetime.")
    _one_of("when", "style", style, ("words", "short"))
    short, words = relative_time.relative(at, timezone.now())
    return _render(
        "when",
        {
            "short": short if style == "short" else "",
            "words": words,
            "exact": relative_time.exact(at),
            "iso": at.isoformat(timespec="seconds"),
        },
    )


@register.simple_block_tag
def alert(content: str, kind: str, title: str = "") -> SafeString:
    """`{% alert "error" title="…" %}…{% endalert %}`: info, success, warning or error; an error is read out at once."""
    _one_of("alert", "kind", kind, ALERTS)
    mark, role = ALERTS[kind]
    return _render("alert", {"kind": kind, "icon": mark, "role": role, "title": title, "content": content})


@register.simple_tag(takes_context=True)
def message(context: template.Context, item: Any) -> SafeString:
    """One message of Django's messages framework, with its button where it offers one (`flash.Offer`)."""
    kind = item.level_tag if item.level_tag in ALERTS else "info"
    offer = flash.offer_of(item)
    return _render(
        "message",
        {
            "text": item.message,
            "kind": kind,
            "icon": ALERTS[kind][0],
            "offer": offer,
            "seconds": offer.seconds if offer else 10,
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.simple_block_tag
def empty_state(content: str, title: str, icon: str = "inbox") -> SafeString:
    """Why a list is empty (`title`, and the text inside) and what to do (buttons inside `<div class="hg-actions">`)."""
    _required("empty_state", title=title)
    _one_of("empty_state", "icon", icon, ICONS)
    return _render("empty_state", {"title": title, "icon": icon, "content": content})


@register.simple_tag
def pager(previous: str | None = None, next: str | None = None, label: str = "Pages") -> SafeString:  # noqa: A002
    """Links to the page before and after; None leaves a link out, and without both nothing is shown."""
    _required("pager", label=label)
    return _render("pager", {"previous": previous, "next": next, "label": label})


@register.simple_tag
def chip(label: str, url: str, active: bool = False, current: bool = False, count: str = "") -> SafeString:
    """A filter as a link: `active` ones lead to the view without it; `current` is the one in force of a row of which
    always one is; `count` is how many it shows."""
    _required("chip", label=label, url=url)
    return _render("chip", {"label": label, "url": url, "active": active, "current": current, "count": count})


@register.simple_block_tag
def factbox(content: str) -> SafeString:
    """Facts side by side: holds `fact` blocks."""
    if "<dt>" not in content:
        raise ComponentError("factbox: holds no fact.")
    return _render("factbox", {"content": content})


@register.simple_block_tag
def fact(content: str, label: str, note: str = "", icon: str = "", tone: str = "") -> SafeString:
    """`{% fact "E-mail" note="institutional" %}r.park@northlake.edu{% endfact %}` inside a `factbox`."""
    _required("fact", label=label)
    _one_of("fact", "tone", tone, TONES)
    if icon:
        _one_of("fact", "icon", icon, ICONS)
    context = {"label": label, "note": note, "icon": icon, "tone": TONES[tone], "content": content}
    return _render("fact", context)


@register.simple_tag
def timeline(entries: Iterable[Any], label: str = "History") -> SafeString:
    """What happened, newest first. Entries have `sentence`, `at`, `icon` and `detail` (`web.TimelineEntry` has)."""
    items = list(entries)
    for entry in items:
        _one_of("timeline", "icon", entry.icon, ICONS)
        _required("timeline", sentence=entry.sentence)
    return _render("timeline", {"entries": items, "label": label})


@register.simple_tag
def key(cap: str) -> SafeString:
    """A key cap on a button; the button's `data-key` tells the same to screen readers."""
    _required("key", cap=cap)
    return _render("key", {"cap": cap})


@register.simple_tag
def avatar(name: str, large: bool = False) -> SafeString:
    """The initials of a name; decoration beside the name, so hidden from screen readers."""
    _required("avatar", name=name)
    return _render("avatar", {"initials": initials(name), "large": large})


def initials(name: str) -> str:
    """Up to two letters: first and last word's first letter; one character where a script has no letter case."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word[0].isalnum()]
    if not words:
        return name.strip()[0]
    first = unicodedata.normalize("NFC", words[0])[0]
    if first.upper() == first.lower():
        return first
    last = unicodedata.normalize("NFC", words[-1])[0] if len(words) > 1 else ""
    return (first + last).upper()


@register.simple_tag(takes_context=True)
def progress(
    context: template.Context, label: str, done: int = 0, total: int | None = None, note: str = "", cancel_url: str = ""
) -> SafeString:
    """Long work: `done` of `total` (None: not known yet), a `note` with rate and time left, and a POST to cancel."""
    _required("progress", label=label)
    if total is not None and not 0 <= done <= total:
        raise ComponentError(f"progress: done is {done!r}, total is {total!r}.")
    csrf = context.get("csrf_token")
    return _render(
        "progress",
        {"label": label, "done": done, "total": total, "note": note, "cancel_url": cancel_url, "csrf_token": csrf},
    )


@register.simple_block_tag(takes_context=True)
def dialog(context: template.Context, content: str, title: str) -> SafeString:
    """`{% dialog title="Reject Riley Park" %}…{% enddialog %}`: content of the page's dialog where a `data-dialog` link
    fetched it, else a section of a page of its own with the title as its heading."""
    _required("dialog", title=title)
    request = context.get("request")
    htmx = getattr(request, "htmx", None)
    inside = htmx is not None and bool(htmx) and htmx.target == "hg-dialog-body"
    return _render("dialog", {"title": title, "inside": inside, "content": content})


@register.simple_tag
def error_summary(form: django_forms.BaseForm) -> SafeString:
    """What needs another look, on top of the form, each with a link to its field. Nothing when all is well."""
    if not isinstance(form, django_forms.BaseForm):
        raise ComponentError(f"error_summary: {form!r} is not a form.")
    fields = [(field, field.errors[0]) for field in form if field.errors]
    general = list(form.non_field_errors()) if form.is_bound else []
    return _render("error_summary", {"fields": fields, "general": general, "count": len(fields) + len(general)})


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The bare control of a form field, styled. Most often you want `{{ form.name.as_field_group }}`."""
    if not isinstance(field, BoundField):
        raise ComponentError(f"control: {field!r} is not a form field.")
    return forms.control(field)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is one box to tick."""
    return forms.is_tick(field)


@register.filter
def breakable(text: str) -> SafeString:
    """An address or a name that may break after `@`, `/`, `-`, `_` and before a dot, rather than anywhere."""
    parts = re.split(r"(?<=[@/_-])|(?=\.)", str(text))
    return mark_safe("<wbr>".join(escape(part) for part in parts if part))  # noqa: S308 (each part is escaped)


@register.filter(name="markdown")
def markdown_filter(text: str) -> SafeString:
    """Markdown that others wrote, as safe HTML; wrap it in `<div class="hg-prose">`."""
    return mark_safe(markdown.render(text or ""))  # noqa: S308 (sanitised there)
