"""What people are told about content tags, and who. No evidence goes into a notice, and no proposer's name."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from hubgate.accounts.models import User
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.catalogue import Message
from repos.models import Repository
from tagging import events
from tagging.models import Proposal, Ruling, Tag

PROPOSED = "tagging.proposed"
ACCEPTED = "tagging.accepted"
DECLINED = "tagging.declined"
COMMIT_REFUSED = "tagging.commit-refused"
_TO_AUTHOR = "You get this because you run {namespace}."
_TO_PROPOSER = "You get this because you proposed it."

CATALOGUE = {
    PROPOSED: Message("“Not For All Eyes” is to be {wanted}? {repository}", "tagging/mail/proposed.txt", _TO_AUTHOR),
    ACCEPTED: Message(
        "Your proposal for {repository} was accepted: “Not For All Eyes” is {wanted}",
        "tagging/mail/ruled.txt",
        _TO_PROPOSER,
    ),
    DECLINED: Message("Your proposal for {repository} was declined", "tagging/mail/ruled.txt", _TO_PROPOSER),
    COMMIT_REFUSED: Message(
        "The Hub did not take the change of the tag of {repository}", "tagging/mail/commit_refused.txt", _TO_AUTHOR
    ),
}


def proposed(proposal: Proposal, rulers: Iterable[User]) -> Notice:
    """Those who rule learn of a proposal."""
    return Notice(
        kind=PROPOSED,
        subject_type="proposal",
        subject_id=proposal.pk,
        occasion="once",
        recipients=_to(rulers),
        data={**_facts(proposal.repository, proposal.wants_set), "link": f"{settings.PUBLIC_URL}/tags/{proposal.pk}/"},
    )


def ruled(proposal: Proposal, ruling: Ruling) -> Notice:
    """The proposer learns what became of a proposal, and why."""
    accepted = proposal.status == Proposal.Status.ACCEPTED
    return Notice(
        kind=ACCEPTED if accepted else DECLINED,
        subject_type="proposal",
        subject_id=proposal.pk,
        occasion="once",
        recipients=_to([proposal.proposer] if proposal.proposer else []),
        data={
            **_facts(proposal.repository, proposal.wants_set),
            "accepted": accepted,
            "reason": ruling.reason,
            "link": _page(proposal.repository),
        },
    )


def commit_refused(tag: Tag, rulers: Iterable[User], sentence: str) -> Notice:
    """Authors learn that the change of a card did not reach the Hub, once for each ruling."""
    return Notice(
        kind=COMMIT_REFUSED,
        subject_type="repository",
        subject_id=tag.repository_id,
        occasion=f"ruling-{tag.ruling_id}",
        recipients=_to(rulers),
        data={**_facts(tag.repository, tag.is_set), "sentence": sentence, "link": _page(tag.repository)},
    )


def _to(users: Iterable[User]) -> tuple[Recipient, ...]:
    return tuple(Recipient(user_id=user.pk, address=user.email) for user in users)


def _page(repository: Repository) -> str:
    return f"{settings.PUBLIC_URL}/repositories/{repository.pk}/tag/"


def _facts(repository: Repository, wants_set: bool) -> dict[str, str]:
    return {
        "repository": repository.name,
        "kind": repository.kind,
        "namespace": repository.namespace.name,
        "wanted": events.WORDS[wants_set],
    }
