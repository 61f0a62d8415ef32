"""What authors are told about their namespaces."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from hubgate.accounts.models import User
from hubgate.notify import rules
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.catalogue import Message, Topic
from repos.models import Namespace

TOKEN_BROKEN = "repos.token-broken"  # noqa: S105

TOKEN = Topic("token", "Hub token", "The token of a namespace stopped working.", rules.AT_ONCE)
TOPICS = (TOKEN,)

CATALOGUE = {
    TOKEN_BROKEN: Message(
        "The Hub token of {namespace} needs you",
        "repos/mail/token_broken.txt",
        "You get this because you run {namespace}.",
        topic=TOKEN.key,
        line="{sentence}",
        one="1 token that needs you",
        many="tokens that need you",
        sample={
            "namespace": "aurora-lab",
            "sentence": "The Hub no longer accepts this token.",
            "link": f"{settings.PUBLIC_URL}/namespaces/",
        },
    ),
}


def token_broken(namespace: Namespace, authors: Iterable[User]) -> Notice:
    """The authors learn that the stored token no longer does its work, once each time it stops."""
    return Notice(
        kind=TOKEN_BROKEN,
        subject_type="namespace",
        subject_id=namespace.pk,
        occasion=f"{namespace.token_checked_at:%Y%m%dT%H%M%S%f}",
        recipients=recipients(authors),
        namespace_id=namespace.pk,
        data={
            "namespace": namespace.name,
            "sentence": namespace.token_note,
            "link": f"{settings.PUBLIC_URL}/namespaces/{namespace.name}/",
        },
    )


def recipients(people: Iterable[User]) -> tuple[Recipient, ...]:
    """Accounts as recipients; a closed account gets no mail."""
    return tuple(Recipient(user_id=user.pk, address=user.email if user.is_active else "") for user in people)
