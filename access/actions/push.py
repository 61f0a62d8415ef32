"""What became of a push to the Hub."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from access import events, notices, rights
from access.models import AccessRequest, RequestMirror
from access.subjects import of_request
from hubgate.actors import HUB
from hubgate.audit import log
from hubgate.audit.log import Entry
from hubgate.contention import begins_again
from hubgate.notify import actions as notify


@begins_again
def record_pushed(*, request_ids: Collection[int], hub_status: str, pushed_at: datetime | None = None) -> None:
    """The Hub holds `hub_status` for these requests now. With `pushed_at` (UTC) we told it; without, a read showed
    it."""
    with transaction.atomic(durable=True):
        held = list(
            AccessRequest.objects.select_for_update(of=("self",))
            .select_related("repository", "person")
            .filter(pk__in=request_ids)
            .exclude(hub_status=hub_status, told_status="")
            .order_by("pk")
        )
        facts = {"hub_status": hub_status, "hub_seen_at": timezone.now(), "hub_digest": "", "told_status": ""}
        if pushed_at is not None:
            facts["pushed_at"] = pushed_at
        AccessRequest.objects.filter(pk__in=[request.pk for request in held]).update(**facts)
        data = {"status": hub_status}
        log.record_many(HUB, [Entry(events.PUSHED, of_request(request), data=data) for request in held])


@begins_again
def record_refused(*, sentences: Mapping[int, str]) -> None:
    """The Hub refused decisions for good, by request id with the sentence why: kept in the history, and those who
    decide are told why and what to do."""
    if not sentences:
        return
    with transaction.atomic(durable=True):
        held = list(
            AccessRequest.objects.select_related("repository__namespace", "person")
            .filter(pk__in=sentences)
            .order_by("pk")
        )
        log.record_many(
            HUB,
            [Entry(events.PUSH_REFUSED, of_request(item), data={"reason": sentences[item.pk]}) for item in held],
        )
        reviewers = {item.repository_id: item.repository for item in held}
        told = {pk: list(rights.reviewers_of(repository)) for pk, repository in reviewers.items()}
        notify.send([notices.push_refused(item, told[item.repository_id], sentences[item.pk]) for item in held])


@begins_again
def record_unsure(*, repository_id: int, request_ids: Collection[int], told_status: str, told_at: datetime) -> None:
    """Whether the Hub took `told_status` for these requests is unknown: its lists are read before anything more is told
    to this repository, whatever is decided meanwhile."""
    with transaction.atomic(durable=True):
        requests = AccessRequest.objects.select_for_update().filter(pk__in=request_ids).order_by("pk")
        ids = list(requests.values_list("pk", flat=True))
        AccessRequest.objects.filter(pk__in=ids).update(told_status=told_status, pushed_at=told_at)
        RequestMirror.objects.update_or_create(repository_id=repository_id, defaults={"read_before_push": True})
