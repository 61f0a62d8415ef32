"""Filters of the inbox's templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

if TYPE_CHECKING:
    from access.views.listing import Listing

register = template.Library()


@register.filter
def request_url(pk: int, listing: Listing) -> str:
    """The address of a request within a list."""
    return listing.request_url(pk)


@register.filter
def short_name(repository: str) -> str:
    """`aurora-lab/tiny-gated` → `tiny-gated`."""
    return repository.rpartition("/")[2]
