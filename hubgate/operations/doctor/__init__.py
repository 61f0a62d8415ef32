"""What is wrong with a set-up, and what to do: one function for each thing that may be wrong. Nothing is changed, and
no finding holds personal data or a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.db import Error

from hubgate import logs
from hubgate.operations.doctor import around, base, hub, inside
from hubgate.operations.doctor.finding import ERROR, OK, WARNING, Finding, Findings

__all__ = ["ERROR", "OK", "WARNING", "Finding", "examine", "status_of"]

CHECKS: dict[str, Callable[[], Findings]] = {
    "settings": base.settings_,
    "database": base.database,
    "secrets": base.secrets,
    "static": base.static,
    "redis": around.redis,
    "disk": around.disk,
    "mail": around.mail,
    "hub": hub.reachable,
    "tokens": hub.tokens,
    "webhooks": hub.webhooks,
    "people": inside.people,
    "processes": inside.processes,
    "work": inside.work,
    "mails": inside.mails,
    "mirror": inside.mirror,
}


def examine(checks: Iterable[str] = CHECKS) -> list[Finding]:
    """Look at everything, or at the checks named, in that order."""
    return [finding for name in checks for finding in _looked(name)]


def status_of(findings: Iterable[Finding]) -> int:
    """The exit status: 0 where all is well, 1 with warnings, 2 with errors."""
    levels = {finding.level for finding in findings}
    return 2 if ERROR in levels else 1 if WARNING in levels else 0


def _looked(name: str) -> Iterator[Finding]:
    try:
        for level, text, do in CHECKS[name]():
            yield Finding(name, level, logs.scrub(text), do)
    except Error as error:
        # The database has its own check; here it only means that nobody could look.
        yield Finding(name, WARNING, f"Not looked at: the database does not answer ({type(error).__name__}).", "")
