"""What became of our word on a tag at the Hub, and what the Hub says of its own."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from hubgate.actors import HUB, SYSTEM
from hubgate.audit import log
from hubgate.hub.card import NFAA_TAG
from hubgate.hub.types import CommitInfo
from hubgate.notify import actions as notify
from repos.subjects import of_repository
from tagging import events, notices, rights
from tagging.models import Ruling, Tag


def record_committed(*, tag: Tag, commit: CommitInfo) -> None:
    """The Hub took a commit for the word that `tag` held when it was read; a ruling made since waits on."""
    with transaction.atomic(durable=True):
        now = _locked(tag)
        now.commit_sha, now.commit_url, now.committed_at = commit.sha, commit.url[:500], timezone.now()
        now.waits = now.ruling_id != tag.ruling_id
        now.save(update_fields=["commit_sha", "commit_url", "committed_at", "waits"])
        log.record(SYSTEM, events.COMMITTED, of_repository(now.repository), data={"commit": commit.sha[:12]})


def record_agreed(*, tag: Tag) -> None:
    """The card says already what `tag` held when it was read."""
    with transaction.atomic(durable=True):
        now = _locked(tag)
        if not now.waits or now.ruling_id != tag.ruling_id:
            return
        now.waits = False
        now.save(update_fields=["waits"])
        log.record(SYSTEM, events.AGREED, of_repository(now.repository))


def record_hub_word(*, tag: Tag, is_set: bool) -> None:
    """The card was changed on the Hub itself, after ours had reached it: what the Hub says stands. Nothing is sent
    back."""
    with transaction.atomic(durable=True):
        now = _locked(tag)
        if now.waits or now.ruling_id != tag.ruling_id or now.is_set == is_set:
            return
        now.ruling = Ruling.objects.create(
            repository=now.repository,
            outcome=Ruling.Outcome.SET if is_set else Ruling.Outcome.CLEARED,
            cause=Ruling.Cause.HUB,
            made_by_label=HUB.label,
        )
        now.is_set = is_set
        now.save(update_fields=["is_set", "ruling"])
        data = {"after": events.WORDS[is_set]}
        log.record(HUB, events.HUB_CHANGED, of_repository(now.repository), cause="hub", data=data)


def record_refused(*, sentences: Mapping[int, str]) -> None:
    """Our word on the tag of each repository (by id) did not reach the Hub, and why. Its authors are told."""
    if not sentences:
        return
    with transaction.atomic(durable=True):
        found = Tag.objects.select_related("repository__namespace").filter(
            repository__in=sentences, tag=NFAA_TAG, waits=True
        )
        for tag in found:
            sentence = sentences[tag.repository_id]
            data = {"reason": sentence}
            log.record(SYSTEM, events.COMMIT_REFUSED, of_repository(tag.repository), data=data)
            notify.send([notices.commit_refused(tag, rights.rulers_of(tag.repository), sentence)])


def _locked(tag: Tag) -> Tag:
    return Tag.objects.select_for_update(of=("self",)).select_related("repository__namespace").get(pk=tag.pk)
