"""What authors are told about their namespaces."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from hubgate.accounts.models import User
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.catalogue import Message
from repos.models import Namespace

TOKEN_BROKEN = "repos.token-broken"  # noqa: S105

CATALOGUE = {
    TOKEN_BROKEN: Message(
        "The Hub token of {namespace} needs you",
        "repos/mail/token_broken.txt",
        "You get this because you run {namespace}.",
    ),
}


def token_broken(namespace: Namespace, authors: Iterable[User]) -> Notice:
    """The authors learn that the stored token no longer does its work, once each time it stops."""
    return Notice(
        kind=TOKEN_BROKEN,
        subject_type="namespace",
        subject_id=namespace.pk,
        occasion=f"{namespace.token_checked_at:%Y%m%dT%H%M%S%f}",
        recipients=tuple(Recipient(user_id=user.pk, address=user.email) for user in authors),
        data={
            "namespace": namespace.name,
            "sentence": namespace.token_note,
            "link": f"{settings.PUBLIC_URL}/namespaces/{namespace.name}/",
        },
    )
