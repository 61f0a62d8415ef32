"""A message after an act that offers what to do about it: "Accepted. Undo"."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


@dataclass(frozen=True)
class Offer:
    """A button on a message: a POST to `url`, with its shortcut, while the message stands (`seconds`)."""

    label: str
    url: str
    key: str = ""
    seconds: int = 10


def success(request: HttpRequest, text: str, offer: Offer | None = None) -> None:
    """Say on the next page, or in this answer's part of it, that something was done."""
    messages.success(request, text, extra_tags=json.dumps(asdict(offer)) if offer else "")


def offer_of(message: Message) -> Offer | None:
    """The button that goes with a message, if it has one."""
    if not message.extra_tags or not message.extra_tags.startswith("{"):
        return None
    return Offer(**json.loads(message.extra_tags))
