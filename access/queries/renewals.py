"""Requests to renew access that nobody has ruled on."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, QuerySet

from access.models import AccessRequest, Renewal


def open_renewals() -> QuerySet[Renewal]:
    """Those of access whose end is still the one that they ask to move."""
    return Renewal.objects.filter(ruling="", request__ends_at=F("ends_at"))


def renewals_of(request_ids: Collection[int]) -> set[int]:
    """Which of these requests somebody asks to renew. One query, none for none."""
    if not request_ids:
        return set()
    return set(open_renewals().filter(request__in=request_ids).values_list("request_id", flat=True))


def open_renewal(request: AccessRequest) -> Renewal | None:
    """What a person asks who wants to keep access longer; None where nothing is asked. One query, none without an
    end."""
    if request.ends_at is None:
        return None
    return Renewal.objects.filter(request=request, ends_at=request.ends_at, ruling="").first()
