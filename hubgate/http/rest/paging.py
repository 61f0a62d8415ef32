"""Pages by cursor: `next` and `previous` are whole addresses, in the body and in `Link`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.http.rest.shapes import Query

DEFAULT, MOST = 50, 100


class PageQuery(Query):
    """Which page of a list, and how long it is."""

    cursor = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=300, help_text="What a `next` or `previous` carries."
    )
    limit = serializers.IntegerField(
        required=False, default=DEFAULT, min_value=1, max_value=MOST, help_text="Rows on a page."
    )


def page(request: Request, results: Sequence[Any], *, older: str, newer: str) -> Response:
    """A page of a list; `older` and `newer` are the cursors of those beside it, empty where none is."""
    following, before = _at(request, older), _at(request, newer)
    links = [f'<{url}>; rel="{rel}"' for rel, url in (("next", following), ("prev", before)) if url]
    headers = {"Link": ", ".join(links)} if links else {}
    return Response({"results": results, "next": following, "previous": before}, headers=headers)


def _at(request: Request, cursor: str) -> str | None:
    if not cursor:
        return None
    pairs = [(name, value) for name, values in request.GET.lists() for value in values if name != "cursor"]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*pairs, ('cursor', cursor)])}")
