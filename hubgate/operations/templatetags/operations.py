"""Words of the operations page."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from hubgate.operations.queries import Overview, Round
from hubgate.templatetags import ui

register = template.Library()
_STATES: dict[str, tuple[str, str, str]] = {
    "whole": ("In step", "check", "good"),
    "partial": ("Partial", "alert", "caution"),
    "failed": ("Failed", "cross", "bad"),
    "late": ("Late", "clock", "bad"),
    "never": ("Not read yet", "clock", ""),
    "stopped": ("Stopped: its token does not work", "lock", "bad"),
}


@register.filter
def alive(seen: Overview, kind: str) -> int:
    """How many processes of a kind live."""
    return seen.alive(kind)


@register.simple_tag
def round_state(one: Round) -> SafeString:
    """How the mirror of a namespace does, as a badge."""
    label, icon, tone = _STATES[one.word]
    return ui.badge(label, icon=icon, tone=tone, small=True)
