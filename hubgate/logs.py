"""Log lines: JSON in production, text elsewhere, and in neither an e-mail address, an answer, a secret or the query of
an address.

A line has what its request or task is about (`bind`), whoever writes it. What a message may not hold is cut out here,
once, for our own loggers and for those of all libraries. Texts of exceptions are the way by which data of people gets
into logs, so only those of kinds that cannot hold any are kept; of all others the kind and the places stay.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, merge_contextvars, unbind_contextvars
from structlog.typing import Processor

EventDict = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

HIDDEN = "[hidden]"
# Exceptions whose text is made by a program from names of its own, never from what people typed.
_TELLING = (AttributeError, NameError, TypeError, ImportError, ConnectionError, TimeoutError, MemoryError, SystemExit)
_TELLING_NAMES = {"OperationalError", "InterfaceError", "ImproperlyConfigured", "WorkerLostError", "DisallowedHost"}
_LONGEST = 2000
_HEADERS = "authorization|proxy-authorization|cookie|set-cookie|x-csrftoken"
_ADDRESS = r"[^\s@<>\"'(),;:=\[\]]{1,64}@[^\s@<>\"'(),;:=\[\]/]{1,190}\.[^\s@<>\"'(),;:=\[\]/.\d]{2,30}"
_CUTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?i)\b({_HEADERS})(['\"]?\s*[:=]\s*).*"), r"\1\2" + HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 " + HIDDEN),
    (re.compile(r"\b(hf|hgt|hgw|whsec)_\w+"), r"\1_" + HIDDEN),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,30}://)[^\s/@]{1,300}@"), r"\1" + HIDDEN + "@"),
    (re.compile(r"(?<=[\w/.~%+-])\?[^\s'\"<>]+"), ""),
    (re.compile(r"(/accounts/(?:password/reset/key|confirm-email)/|/hub/webhook/)[^\s/'\"]+"), r"\1" + HIDDEN),
    (re.compile(_ADDRESS), HIDDEN),
)


def config(form: str) -> dict[str, Any]:
    """Django's LOGGING: `form` is `json` (one object in a line) or `text` (for people who read the file)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "hubgate.logs.formatter", "form": form}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "httpx2": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
            # Each 4xx and 5xx is a line of `hubgate.request` already; what follows a 5xx is why.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
            # Otherwise Django would mail errors to its ADMINS past all that is cut out here.
            "django": {"handlers": [], "propagate": True},
        },
    }


def of_gunicorn(form: str) -> dict[str, Any]:
    """The same for gunicorn, whose own messages name addresses with their queries."""
    found = config(form)
    found["loggers"] |= {name: {"handlers": [], "propagate": True} for name in ("gunicorn.error", "gunicorn.access")}
    return found


def formatter(form: str) -> logging.Formatter:
    """What makes the text of each line, whatever logger it comes from."""
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else as_text
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[merge_contextvars],
        processors=[
            _facts,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _exception,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            scrub_all,
            _in_order,
            last,
        ],
        pass_foreign_args=True,
    )


def bind(**facts: Any) -> None:
    """Put these facts into every further line of this request or task."""
    bind_contextvars(**facts)


def unbind(*names: str) -> None:
    """Take facts out of further lines."""
    unbind_contextvars(*names)


def bound(name: str) -> str:
    """A fact that `bind` put in, empty where none did."""
    return str(get_contextvars().get(name, ""))


def scrub(text: str) -> str:
    """The text without e-mail addresses, tokens, passwords in addresses, headers that carry secrets, and the query of
    any address; cut where it is very long."""
    letters, text = len(text), text[: 2 * _LONGEST]
    for pattern, instead in _CUTS:
        text = pattern.sub(instead, text)
    return text if max(letters, len(text)) <= _LONGEST else f"{text[:_LONGEST]}… ({letters} letters)"


def tells(error: BaseException) -> str:
    """An exception as a log line may have it: its kind, and its text where that cannot hold data of people."""
    kind = type(error).__name__
    known = isinstance(error, _TELLING) or kind in _TELLING_NAMES
    first = str(error).partition("\n")[0]
    return f"{kind}: {scrub(first)}" if known and first else kind


def scrub_all(_logger: Any, _name: str, facts: EventDict) -> EventDict:
    """`scrub` over all texts of a line, in lists and dictionaries too."""
    return {key: _scrubbed(value) for key, value in facts.items()}


def as_text(_logger: Any, _name: str, facts: EventDict) -> str:
    """A line for people: time, level, logger, message, then the other facts; a traceback on lines of its own."""
    rest = {
        key: value for key, value in facts.items() if key not in ("time", "level", "logger", "message", "traceback")
    }
    head = f"{facts['time']} {facts['level'].upper()} {facts['logger']} {facts['message']}"
    line = " ".join([head, *(f"{key}={value}" for key, value in rest.items())])
    return "\n".join([line, *(f"    {place}" for place in facts.get("traceback", ()))])


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {key: _scrubbed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else scrub(str(value))


def _facts(_logger: Any, _name: str, facts: EventDict) -> EventDict:
    record: logging.LogRecord = facts["_record"]
    facts["level"] = record.levelname.lower()
    facts["logger"] = record.name
    facts["message"] = str(facts.pop("event", ""))
    facts.update(getattr(record, "facts", {}))
    return facts


def _exception(_logger: Any, _name: str, facts: EventDict) -> EventDict:
    record: logging.LogRecord = facts["_record"]
    found, given = facts.pop("exc_info", None), facts.pop("positional_args", ())
    facts.pop("stack_info", None)
    if not isinstance(found, tuple) or found[1] is None:
        if isinstance(given, dict) and {"exc", "traceback"} <= given.keys():
            # Celery's way of handing an error on: as text, of which nobody knows any more what it may hold.
            facts["message"] = (str(record.msg) % {**given, "exc": HIDDEN, "traceback": ""}).strip()
        return facts
    error = found[1]
    facts["error"] = tells(error)
    facts["traceback"] = list(_places(error))
    message = facts["message"].partition("\nTraceback (most recent call last)")[0]
    for link in _chain(error):
        for text in (repr(link), str(link)):
            if len(text) > 2:
                message = message.replace(text, tells(link))
    facts["message"] = message.strip()
    return facts


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _places(error: BaseException) -> Iterator[str]:
    """Where it went wrong, the outermost call first; for what led to it the same again. No values."""
    for number, link in enumerate(_chain(error)):
        if number:
            yield f"after {tells(link)}"
        for frame in traceback.extract_tb(link.__traceback__)[-40:]:
            yield f"{frame.filename}:{frame.lineno} {frame.name}"


_ORDER = ("time", "level", "logger", "message", "request_id", "task", "task_id", "user_id", "method", "path", "status")


def _in_order(_logger: Any, _name: str, facts: EventDict) -> EventDict:
    found = {name: facts[name] for name in _ORDER if name in facts}
    return {**found, **{name: value for name, value in facts.items() if name not in found}}


def report_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """`sys.excepthook` for a process whose output is a log: what ends it is a line as any other."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("hubgate").critical("The process ends: nobody caught this", exc_info=(kind, error, trace))
