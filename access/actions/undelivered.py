"""What to do with a mail to a requester that did not arrive."""

from __future__ import annotations

from django.db import transaction

from access import events, queries, rights
from access.subjects import of_request
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import WrongStateError
from hubgate.notify import actions as notify


def send_mail_again(*, actor: Actor, delivery_id: int) -> None:
    """Send it once more, to the address that the request has now. NotFoundOrHiddenError for mails about requests of
    others, NotAllowedError, WrongStateError where somebody was faster or the namespace mails requesters no more."""
    with transaction.atomic(durable=True):
        mail = queries.get_undelivered(actor, delivery_id)
        rights.require(actor, "retry", mail.request.repository)
        namespace = mail.request.repository.namespace
        if not namespace.mail_requesters:
            raise WrongStateError(
                f"{namespace.name} does not mail requesters. Turn that on there first, or set this mail aside.",
                code="mail_is_off",
            )
        notify.send_again(delivery_id=delivery_id, address=mail.new_address)
        log.record(actor, events.MAIL_SENT_AGAIN, of_request(mail.request), data={"about": mail.about})


def set_mail_aside(*, actor: Actor, delivery_id: int) -> None:
    """List it no longer. Errors as `send_mail_again`."""
    with transaction.atomic(durable=True):
        mail = queries.get_undelivered(actor, delivery_id)
        rights.require(actor, "retry", mail.request.repository)
        notify.set_aside(delivery_id=delivery_id)
        log.record(actor, events.MAIL_SET_ASIDE, of_request(mail.request), data={"about": mail.about})
