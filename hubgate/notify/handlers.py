"""Mails leave the house here."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from hubgate.notify import actions, mail_text
from hubgate.notify.models import Delivery
from hubgate.outbox import registry
from hubgate.outbox.worker import backoff


def deliver_mail(keys: Sequence[str]) -> Mapping[str, registry.Outcome]:
    """Send each delivery that still waits. A mail that fails never undoes what it tells of."""
    return {key: _deliver(int(key)) for key in keys}


def _deliver(delivery_id: int) -> registry.Outcome:
    known = Delivery.objects.select_related("notification", "digest__user").filter(pk=delivery_id).first()
    if known is None:
        return registry.Done()
    # Before anything is marked: a text that cannot be made is no mail that may have left.
    rendered = mail_text.of_delivery(known)
    delivery = actions.begin(delivery_id)
    if delivery is None:
        return registry.Done()
    if delivery.digest is not None:
        # What stood in it may have been taken back meanwhile; from now on nothing is.
        rendered = mail_text.of_delivery(delivery)
    server = get_connection()
    try:
        server.open()
    except OSError as error:
        server.close()
        return _again(delivery, f"The mail server cannot be reached: {_said(error)}")
    mail = EmailMessage(
        subject=rendered.title,
        body=rendered.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[delivery.address],
        connection=server,
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return _refused(delivery, int(code), text)
    except smtplib.SMTPResponseException as error:
        return _refused(delivery, error.smtp_code, error.smtp_error)
    except OSError as error:
        # The server may have taken the mail: the row stays "sending", and the next try counts it as unsure.
        return registry.Later(f"{type(error).__name__} while sending")
    finally:
        server.close()
    actions.record_outcome(delivery, state=Delivery.State.SENT)
    return registry.Done()


def _said(error: OSError) -> str:
    """What a mail server said when it let nobody in, or the name of what went wrong before it could."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    return type(error).__name__


def _refused(delivery: Delivery, code: int, text: bytes | str) -> registry.Outcome:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    sentence = f"The mail server answered {code}: {said}"
    if 400 <= code < 500 and delivery.attempts < 8:
        return _again(delivery, sentence)
    actions.record_outcome(delivery, state=Delivery.State.FAILED, error=sentence)
    return registry.Done()


def _again(delivery: Delivery, error: str) -> registry.Outcome:
    actions.record_outcome(delivery, state=Delivery.State.WAITING, error=error)
    return registry.Later(error, timezone.now() + max(backoff(delivery.attempts), timedelta(seconds=30)))
