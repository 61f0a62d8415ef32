"""Which kinds of notification there are, and which topics a person may choose a pace for: registered by the app whose
events they tell of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Topic:
    """What those who decide may be told at once, in digests, or in hubgate only. `default` is a pace of `rules`; a
    topic that is not `news` never counts as unread, because nothing is to be done."""

    key: str
    name: str
    about: str
    default: str
    news: bool = True


@dataclass(frozen=True)
class Message:
    """`title` is the mail's subject and the line in the list, with `{values}`; `template` is the text of the body;
    `why` says to its reader why they get it. A message without a `topic` is always mailed at once; one with a topic may
    stand in a digest, as `line` under "1 …" or "N …" (`one`, `many`). `sample` are values for a preview. `made` gives
    further values from the kept ones whenever the text is written: what must not be kept, such as the secret of a
    link."""

    title: str
    template: str
    why: str
    topic: str = ""
    line: str = ""
    one: str = ""
    many: str = ""
    sample: Mapping[str, Any] = field(default_factory=dict)
    made: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Rendered:
    """A notification as a person reads it, plain text."""

    title: str
    body: str
    why: str


_messages: dict[str, Message] = {}
_topics: dict[str, Topic] = {}


def register(kind: str, message: Message) -> None:
    """Called from an app's `ready()`, once for each kind; its topic first."""
    if kind in _messages:
        raise ValueError(f"The notification {kind} is registered twice.")
    if message.topic and message.topic not in _topics:
        raise ValueError(f"The notification {kind} is of the topic {message.topic}, which nobody registered.")
    _messages[kind] = message


def register_topic(topic: Topic) -> None:
    """Called from an app's `ready()`, once for each topic, before its messages."""
    if topic.key in _topics:
        raise ValueError(f"The topic {topic.key} is registered twice.")
    _topics[topic.key] = topic


def topics() -> list[Topic]:
    """The topics that some message is of, in the order of registration."""
    used = {message.topic for message in _messages.values()}
    return [topic for topic in _topics.values() if topic.key in used]


def topic_of(kind: str) -> Topic | None:
    """The topic of a kind; None where it is always mailed at once, or where nobody registered the kind."""
    message = _messages.get(kind)
    return _topics[message.topic] if message and message.topic else None


def kinds_of(topic: str) -> list[str]:
    """The kinds of a topic; those without one for an empty name."""
    return [kind for kind, message in _messages.items() if message.topic == topic]


def messages() -> Mapping[str, Message]:
    """Every kind, in the order of registration."""
    return _messages


def render(kind: str, data: Mapping[str, Any]) -> Rendered:
    """The text of a notification. KeyError where no app registered the kind."""
    message = _messages[kind]
    data = {**data, **message.made(data)} if message.made else data
    title = " ".join(message.title.format_map(data).split())
    why = message.why.format_map(data)
    body = render_to_string(message.template, {**data, "title": title, "why": why})
    return Rendered(title, body.strip() + "\n", why)


def line(kind: str, data: Mapping[str, Any]) -> str:
    """A notification as one line under the name of its repository."""
    message = _messages[kind]
    return " ".join((message.line or message.title).format_map(data).split())


def counted(kind: str, number: int) -> str:
    """`390` of a kind in words: "390 new requests"."""
    message = _messages[kind]
    return message.one if number == 1 else f"{number:,} {message.many}"
