"""A mail backend that keeps mails for the mail view: what hubgate uses when no mail server is configured."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from hubgate.notify.models import KeptMail


class EmailBackend(BaseEmailBackend):
    """Writes each mail to the database instead of sending it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        KeptMail.objects.bulk_create(
            KeptMail(
                to=address,
                sender=message.from_email,
                subject=str(message.subject),
                body=str(message.body),
                message_id=str(message.extra_headers.get("Message-ID", "")),
            )
            for message in email_messages
            for address in message.recipients()
        )
        return len(email_messages)
