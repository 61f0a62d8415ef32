"""Which kinds of notification there are: registered by the app whose events they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Message:
    """`title` is the mail's subject and the line in the list, with `{values}`; `template` is the text of the body;
    `why` says to its reader why they get it."""

    title: str
    template: str
    why: str


@dataclass(frozen=True)
class Rendered:
    """A notification as a person reads it, plain text."""

    title: str
    body: str
    why: str


_messages: dict[str, Message] = {}


def register(kind: str, message: Message) -> None:
    """Called from an app's `ready()`, once for each kind."""
    if kind in _messages:
        raise ValueError(f"The notification {kind} is registered twice.")
    _messages[kind] = message


def render(kind: str, data: Mapping[str, Any]) -> Rendered:
    """The text of a notification. KeyError where no app registered the kind."""
    message = _messages[kind]
    title = " ".join(message.title.format_map(data).split())
    why = message.why.format_map(data)
    body = render_to_string(message.template, {**data, "title": title, "why": why})
    return Rendered(title, body.strip() + "\n", why)
