"""What stands beside hubgate: Redis, the disk, the mail server."""

from __future__ import annotations

import os
import shutil
import smtplib
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection

from hubgate.operations.doctor.base import is_production
from hubgate.operations.doctor.finding import ERROR, OK, WARNING, Findings

SMALL, TINY = 1_000_000_000, 100_000_000  # bytes
SENDER_OF_NOBODY = "hubgate@localhost"
_KEEPS_MAIL = "hubgate.notify.mailbox.EmailBackend"


def redis() -> Findings:
    """Whether the broker answers."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("memory:"):
        yield OK, "The broker is in the web process; Redis is not used.", ""
        return
    from redis import Redis, RedisError

    try:
        with Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
            version = client.info("server")["redis_version"]
    except (RedisError, ValueError) as error:
        yield (
            ERROR,
            f"Redis does not answer ({type(error).__name__}). Decisions are kept; they go out when it is back.",
            "See that it runs, and that REDIS_URL is right.",
        )
    else:
        yield OK, f"Redis {version}.", ""


def disk() -> Findings:
    """Whether the data folder can be written and has room."""
    folder = Path(settings.DATA_DIR)
    place = next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
    if not os.access(place, os.W_OK):
        level = WARNING if is_production() else ERROR
        yield level, f"{place} cannot be written.", "Give it to the account that hubgate runs as, or set HUBGATE_DATA."
        return
    yield from room(place, shutil.disk_usage(place).free)


def room(place: Path, free: int) -> Findings:
    """What `free` bytes at a place mean."""
    text = f"{free / 1e9:.1f} GB are free at {place}."
    if free < TINY:
        yield ERROR, text, "Make room now: databases stop on a full disk."
    elif free < SMALL:
        yield WARNING, text, "Make room."
    else:
        yield OK, text, ""


def mail() -> Findings:
    """Whether the mail server lets us in. No mail is sent."""
    backend = settings.EMAIL_BACKEND
    if backend == _KEEPS_MAIL:
        if is_production():
            yield (
                WARNING,
                "Mails are kept, not sent.",
                "Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587",
            )
        else:
            yield OK, "Mails are kept in the mail view, not sent (EMAIL_URL is not set).", ""
        return
    server = get_connection(fail_silently=False)
    try:
        server.open()
    except smtplib.SMTPAuthenticationError as error:
        yield ERROR, f"The mail server refuses our account ({error.smtp_code}).", "Correct EMAIL_URL."
        return
    except (OSError, smtplib.SMTPException) as error:
        yield (
            ERROR,
            f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} cannot be reached ({type(error).__name__}).",
            "See that EMAIL_URL names the right server, and that it may be reached from here.",
        )
        return
    finally:
        server.close()
    if settings.DEFAULT_FROM_EMAIL.endswith(SENDER_OF_NOBODY):
        yield WARNING, "Mails come from an address that nobody can answer.", "Set HUBGATE_MAIL_FROM."
    yield OK, f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} lets us in.", ""
