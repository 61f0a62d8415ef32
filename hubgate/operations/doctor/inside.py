"""What hubgate itself does: processes, work, mails, the mirror, and who may operate it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

import hubgate
from hubgate.accounts.models import User
from hubgate.operations import queries
from hubgate.operations.doctor.finding import ERROR, OK, WARNING, Findings
from hubgate.operations.models import Heartbeat

_STUCK = timedelta(minutes=5)
_TROUBLE = {"failed": WARNING, "late": WARNING, "stopped": ERROR, "partial": WARNING, "never": WARNING}


def people() -> Findings:
    """Whether anybody may operate this set-up."""
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        yield OK, "There is an operator.", ""
    else:
        yield WARNING, "There is no operator.", "Run: ./run manage first_start"


def processes() -> Findings:
    """Which processes live, and whether beat's ticks reach a worker."""
    now = timezone.now()
    found = queries.processes(now)
    alive = [one for one in found if one.alive]
    bad = 0
    for kind, level in ((Heartbeat.Kind.WEB, WARNING), (Heartbeat.Kind.WORKER, ERROR), (Heartbeat.Kind.BEAT, ERROR)):
        if not any(one.kind in (kind, Heartbeat.Kind.EMBEDDED) for one in alive):
            bad += 1
            yield level, f"No {kind} process lives.", f"Start one; docs/operations.md has the command ({kind})."
    beats = [one for one in alive if one.kind == Heartbeat.Kind.BEAT]
    if len(beats) > 1:
        bad += 1
        yield WARNING, f"{len(beats)} beat processes live: every tick comes as often.", "Run one of them."
    ticked = queries.ticked_at()
    if not bad and (ticked is None or now - ticked > timedelta(seconds=60)):
        bad += 1
        yield ERROR, "Beat's ticks reach no worker.", "See that the broker runs and that all use the same REDIS_URL."
    other = sorted({one.version for one in alive} - {hubgate.__version__})
    if other:
        bad += 1
        yield WARNING, f"Processes of version {', '.join(other)} still run.", "Restart them after an upgrade."
    silent = len(found) - len(alive)
    if silent:
        yield OK, f"{silent} processes ended without saying so within a day.", ""
    if not bad:
        yield OK, f"{len(alive)} processes live, and ticks arrive.", ""


def work() -> Findings:
    """What stands still, and what was refused."""
    now, bad = timezone.now(), 0
    for line in queries.work(now):
        if line.overdue and line.oldest is not None and now - line.oldest > _STUCK:
            bad += 1
            minutes = (now - line.oldest).total_seconds() / 60
            text = f"{line.label}: {line.overdue} wait, the longest for {minutes:.0f} minutes."
            yield ERROR, text, "See that a worker and beat live; the log of the worker says what it does."
        if line.parked:
            bad += 1
            do = "Read why on the page Operations, mend that, and retry there."
            yield WARNING, f"{line.label}: {line.parked} were refused and wait for a person.", do
    if not bad:
        yield OK, "Nothing stands still.", ""


def mails() -> Findings:
    """What did not arrive."""
    found = queries.mails()
    if found.failed or found.unsure:
        text = f"{found.failed} mails were refused, and {found.unsure} perhaps arrived."
        yield WARNING, text, "Read what the server said on the page Operations, and send them again there."
    else:
        yield OK, "Every mail was taken.", ""


def mirror() -> Findings:
    """Whether the rounds over namespaces keep up."""
    bad = 0
    for one in queries.rounds(timezone.now()):
        if one.word in _TROUBLE:
            bad += 1
            why = one.error or one.requests_error or "it is due and was not read"
            if one.word == "stopped":
                why = f"its token is {one.token.replace('_', ' ')}"
            do = "Store a working token on its page." if one.word == "stopped" else "It is read again by itself."
            yield _TROUBLE[one.word], f"{one.namespace}: {one.word}: {why}", do
    if not bad:
        yield OK, "Every namespace is read whole and in time.", ""
