"""Components: one tag, one template and one style file each."""

from django import template

register = template.Library()
