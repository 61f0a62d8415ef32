"""Plots as a component: a finding in words, the drawing, and the table with its numbers."""

from __future__ import annotations

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from hubgate.http.plots import Figure

register = template.Library()


@register.simple_tag
def plot(figure: Figure) -> SafeString:
    """`{% plot figure %}`: title, finding, SVG with the finding as its label, and a table behind a fold."""
    context = {
        "id": f"plot-{figure.key}",
        "title": figure.title,
        "finding": figure.finding,
        "svg": figure.svg,
        "head": figure.head,
        "rows": figure.rows,
    }
    return mark_safe(get_template("ui/plot.html").render(context).strip())  # noqa: S308 (a template's output)
