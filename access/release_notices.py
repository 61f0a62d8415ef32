"""What authors are told about the release of their repositories."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from access.models import ReleasePlan, Stage
from hubgate.accounts.models import User
from hubgate.notify import actions as notify
from hubgate.notify import rules
from hubgate.notify.actions import Notice
from hubgate.notify.catalogue import Message, Topic
from repos.notices import recipients

STAGE_OPENED = "access.stage-opened"
STAGE_HELD_BACK = "access.stage-held-back"
GATE_REFUSED = "access.gate-refused"
GATE_DRIFT = "access.gate-drift"
_WHY = "You get this because you decide for {repository}."

RELEASES = Topic(
    "releases", "Release plans", "A stage opened on its date, or something keeps the gate from its plan.", rules.AT_ONCE
)
TOPICS = (RELEASES,)
_SAMPLE = {
    "repository": "aurora-lab/tiny-gated",
    "kind": "model",
    "stage": "Vetted organisations",
    "gate": "by hand",
    "sentence": "The card names no licence.",
    "theirs": "open",
    "ours": "by hand",
    "more_open": True,
    "link": f"{settings.PUBLIC_URL}/repositories/",
}

CATALOGUE = {
    STAGE_OPENED: Message(
        "The stage “{stage}” of {repository} opened",
        "access/mail/stage_opened.txt",
        _WHY,
        topic=RELEASES.key,
        line="“{stage}” opened on its date",
        one="1 stage that opened",
        many="stages that opened",
        sample=_SAMPLE,
    ),
    STAGE_HELD_BACK: Message(
        "The stage “{stage}” of {repository} did not open on its date",
        "access/mail/stage_held_back.txt",
        _WHY,
        topic=RELEASES.key,
        line="“{stage}” did not open: {sentence}",
        one="1 stage that did not open",
        many="stages that did not open",
        sample=_SAMPLE,
    ),
    GATE_REFUSED: Message(
        "The Hub did not take the gate of {repository}",
        "access/mail/gate_refused.txt",
        _WHY,
        topic=RELEASES.key,
        line="{sentence}",
        one="1 gate that the Hub did not take",
        many="gates that the Hub did not take",
        sample=_SAMPLE,
    ),
    GATE_DRIFT: Message(
        "The gate of {repository} was changed on the Hub: it is {theirs}, the plan says {ours}",
        "access/mail/gate_drift.txt",
        _WHY,
        topic=RELEASES.key,
        line="It is {theirs}, and the plan says {ours}",
        one="1 gate that was changed on the Hub",
        many="gates that were changed on the Hub",
        sample=_SAMPLE,
    ),
}


def stage_opened(plan: ReleasePlan, stage: Stage, authors: Iterable[User], *, gate: str) -> Notice:
    """The authors learn that a stage opened by itself; `gate` is in words."""
    return _notice(STAGE_OPENED, plan, authors, f"v{plan.version}", stage=stage.name, gate=gate)


def stage_held_back(plan: ReleasePlan, stage: Stage, authors: Iterable[User], sentence: str) -> Notice:
    """The authors learn, once for each date, that a stage did not open on it, and why."""
    occasion = f"s{stage.pk}-{stage.opens_at:%Y%m%dT%H%M%S}"
    return _notice(STAGE_HELD_BACK, plan, authors, occasion, stage=stage.name, sentence=sentence)


def gate_refused(plan: ReleasePlan, authors: Iterable[User], sentence: str) -> Notice:
    """The authors learn that the Hub did not take the gate, and why."""
    return _notice(GATE_REFUSED, plan, authors, f"v{plan.version}", sentence=sentence)


def gate_drift(plan: ReleasePlan, authors: Iterable[User], *, theirs: str, ours: str, more_open: bool) -> Notice:
    """The authors learn that somebody changed the gate on the Hub by hand."""
    occasion = f"{plan.drift_at:%Y%m%dT%H%M%S%f}"
    return _notice(GATE_DRIFT, plan, authors, occasion, theirs=theirs, ours=ours, more_open=more_open)


def settle_gate_drift(repository_id: int) -> None:
    """The gate is settled: a digest that waits need not ask for it."""
    notify.settle([GATE_DRIFT], "repository", [repository_id])


def _notice(kind: str, plan: ReleasePlan, authors: Iterable[User], occasion: str, **facts: str | bool) -> Notice:
    repository = plan.repository
    return Notice(
        kind=kind,
        subject_type="repository",
        subject_id=repository.pk,
        occasion=occasion,
        recipients=recipients(authors),
        data={
            "repository": repository.name,
            "kind": repository.kind,
            "link": f"{settings.PUBLIC_URL}/repositories/{repository.pk}/release/",
            **facts,
        },
        namespace_id=repository.namespace_id,
        repository_id=repository.pk,
    )
