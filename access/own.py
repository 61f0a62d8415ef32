"""What a requester reads about their own request: sentences, and which events they may see. Pure.

Nothing here names anybody but the reader: who decided, and what those who decide tell each other, stays with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access import ends, events, states
from access.measures import duration

FEW = 5  # waits; of fewer nothing is said
PYTHON = {
    "model": 'from huggingface_hub import snapshot_download\n\nsnapshot_download("{name}")',
    "dataset": 'from huggingface_hub import snapshot_download\n\nsnapshot_download("{name}", repo_type="dataset")',
    "space": 'from huggingface_hub import snapshot_download\n\nsnapshot_download("{name}", repo_type="space")',
}

SENTENCES = {
    events.ASKED: "You asked for access",
    events.ASKED_AGAIN: "You asked again",
    events.ANSWERS_CHANGED: "Your answers changed on the Hub",
    events.ACCEPTED: "You were given access",
    events.GRANTED: "You were given access without having asked",
    events.REJECTED: "Your request was rejected",
    events.RESET: "Your request was reset: you may ask again",
    events.PUT_BACK: "Your request waits again",
    events.HUB_CHANGED: "Changed on the Hub: {after}",
    events.SUPERSEDED: "Changed on the Hub: {after}",
    events.WITHDRAWN: "Your request is gone from the Hub: withdrawn",
    events.WITHDRAWN_HERE: "You withdrew the request",
    events.ENDED: "Your access ended, as was set",
    events.END_SET: "When your access ends was changed: {after}",
    events.RENEWAL_ASKED: "You asked to renew your access",
    events.RENEWAL_REFUSED: "Your access is not renewed",
}
ICONS = {
    events.ACCEPTED: "check",
    events.GRANTED: "check",
    events.REJECTED: "cross",
    events.RESET: "undo",
    events.PUT_BACK: "clock",
    events.WITHDRAWN: "withdrawn",
    events.WITHDRAWN_HERE: "withdrawn",
    events.ENDED: "clock",
    events.END_SET: "clock",
    events.RENEWAL_ASKED: "retry",
    events.RENEWAL_REFUSED: "cross",
    events.HUB_CHANGED: "external",
    events.SUPERSEDED: "external",
}
_WITH_REASON = (events.REJECTED, events.RESET, events.ENDED, events.RENEWAL_REFUSED)
_UNDOABLE = (events.ACCEPTED, events.REJECTED, events.RESET, events.PUT_BACK)


@dataclass(frozen=True)
class Happened:
    """An event of a request as the trail has it: when (UTC), which, and its facts."""

    at: datetime
    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """A line of a requester's own history."""

    at: datetime
    sentence: str
    icon: str
    detail: str


def history(happened: Sequence[Happened]) -> list[Line]:
    """What a requester may see of what happened (newest first, as given): a decision that was undone never was."""
    lines: list[Line] = []
    undone = 0
    for one in happened:
        if one.event == events.UNDONE:
            undone += 1
        elif undone and one.event in _UNDOABLE:
            undone -= 1
        elif one.event in SENTENCES:
            facts = {"after": "…", **{name: str(value) for name, value in one.data.items()}}
            detail = str(one.data.get("reason") or "") if one.event in _WITH_REASON else ""
            sentence = SENTENCES[one.event].format_map(facts)
            asked_at = one.data.get("asked_at") if one.event == events.ASKED else None
            at = datetime.fromisoformat(asked_at) if asked_at else one.at
            lines.append(Line(at, sentence, ICONS.get(one.event, "inbox"), detail))
    return lines


@dataclass(frozen=True)
class Waits:
    """How long those waited who were decided lately: how many they are, and within how many seconds half and nine
    tenths of them were decided (None without any)."""

    number: int = 0
    median: int | None = None
    ninth: int | None = None


def place(number: int) -> str:
    """Where a request stands among those that wait: `number` counts from 1."""
    if number == 1:
        return "Yours has waited longest of those that wait for this repository."
    return f"Yours is number {number:,} of those that wait for this repository, the longest wait first."


def wait(waits: Waits) -> str:
    """How long it takes, as far as that was measured."""
    if waits.number < FEW or waits.median is None or waits.ninth is None:
        return "Too few were decided here lately to say how long it takes."
    return (
        f"Of the last {waits.number:,} decided here, half were decided within {duration(waits.median)} and nine of ten "
        f"within {duration(waits.ninth)}."
    )


def next_step(
    *, status: str, cause: str, hub_status: str, ends_at: datetime | None, private: bool, renewal: str, now: datetime
) -> str:
    """What a requester can do next, in a sentence. `renewal` is empty, `asked` or a ruling on the end that stands."""
    if status == states.ACCEPTED:
        return _with_access(hub_status, ends_at, private, renewal, now)
    return {
        states.PENDING: "You need not do anything: you are told as soon as it is decided. You can withdraw it.",
        states.REJECTED: "You cannot ask again by yourself on the Hub. Whoever runs the repository can change it.",
        states.RESET: "You may ask again on the Hub: fill in the form once more.",
        states.WITHDRAWN: "You may ask again on the Hub whenever you like.",
    }[status]


def _with_access(hub_status: str, ends_at: datetime | None, private: bool, renewal: str, now: datetime) -> str:
    if ends_at is not None and ends_at <= now:
        return f"Your access ended on {ends.day_of(ends_at)}. Ask to renew it, or ask again on the Hub."
    if hub_status != states.ACCEPTED:
        return "The Hub is being told. In a moment you can download."
    if private:
        return "The repository is private at the moment: your access counts once it is public again."
    if renewal == "asked":
        return "You asked to renew. You are told as soon as somebody has decided; until then everything works."
    if renewal == "refused":
        return "It is not renewed: download what you need before it ends. After that you may ask again on the Hub."
    if ends.may_renew(status=states.ACCEPTED, ends_at=ends_at, now=now):
        return "It ends soon. If you need it longer, ask to renew it."
    return "You can download it now."


def snippet(kind: str, name: str) -> str:
    """How to download from a terminal."""
    return f"hf auth login\nhf download {name}{'' if kind == 'model' else f' --repo-type {kind}'}"


def python(kind: str, name: str) -> str:
    """How to download in Python."""
    return PYTHON[kind].format(name=name)
