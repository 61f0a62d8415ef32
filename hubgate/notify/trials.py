"""Previews of each kind of notice, and a mail to oneself that shows how one arrives."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.notify import catalogue, mail_text
from hubgate.notify.actions import Notice, Recipient, send
from hubgate.notify.catalogue import Message, Rendered

TEST = "notify.test"
DIGEST = "digest"
MESSAGE = Message(
    "Test: {title}", "notify/test.txt", "You get this because you asked for a test under Notices, How you are told."
)


@dataclass(frozen=True)
class Preview:
    """A kind as it would be mailed, with invented people; `topic` is its topic's name, empty for what a requester is
    told."""

    kind: str
    topic: str
    text: Rendered


def previews(name: str) -> list[Preview]:
    """Every kind that can be shown, in order, and a digest last; `name` is its reader's."""
    shown = []
    for kind, message in catalogue.messages().items():
        if message.sample:
            topic = catalogue.topic_of(kind)
            shown.append(Preview(kind, topic.name if topic else "", mail_text.of_notice(kind, dict(message.sample))))
    shown.sort(key=lambda preview: not preview.topic)
    grouped = [kind for kind, message in catalogue.messages().items() if message.sample and message.topic]
    return [*shown, Preview(DIGEST, "Digest", mail_text.sample_digest(name, grouped))]


def send_test(*, actor: Actor, address: str, kind: str, name: str) -> None:
    """Mail a preview to the actor's own address, once a minute at most for each kind. InvalidInputError for an unknown
    kind, WrongStateError without an address."""
    chosen = next((preview for preview in previews(name) if preview.kind == kind), None)
    if chosen is None or actor.user_id is None:
        raise InvalidInputError("There is no such kind of notice.")
    if not address:
        raise WrongStateError("Your account has no mail address, so there is nowhere to send a test.")
    now = timezone.now()
    with transaction.atomic(durable=True):
        send(
            [
                Notice(
                    kind=TEST,
                    subject_type="kind",
                    subject_id=actor.user_id,
                    occasion=f"{kind}:{now:%Y%m%dT%H%M}",
                    recipients=(Recipient(user_id=actor.user_id, address=address),),
                    data={"title": chosen.text.title, "body": chosen.text.body},
                )
            ]
        )
