"""What people are told about roles: the one who is named, invited or loses a role, and who invited them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from hubgate.accounts.models import User
from hubgate.notify.actions import Notice, Recipient
from hubgate.notify.catalogue import Message
from repos import invitation_token
from repos.models import Invitation, Namespace, Repository, Role
from repos.notices import recipients
from repos.people import INVITATION
from repos.role_words import WORDS

ROLE_GIVEN = "repos.role-given"
ROLE_ENDED = "repos.role-ended"
INVITED = "repos.invited"
ACCEPTED = "repos.invitation-accepted"


def _link(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The secret of the link is made when the mail is written and is kept nowhere."""
    return {"link": invitation_token.link_of(UUID(data["key"])) if data.get("key") else data.get("link", "")}


def _words(role: str) -> dict[str, str]:
    words = WORDS[role]
    return {
        "role": words.name.lower(),
        "article": words.article,
        "sees": words.sees,
        "does": words.does,
        "not_": words.not_,
    }


_SAMPLE = {"place": "aurora-lab", "by": "Mara Keller", **_words("reviewer")}

CATALOGUE = {
    ROLE_GIVEN: Message(
        "You are {article} of {place} now",
        "repos/mail/role_given.txt",
        "You get this because an author of {place} named you.",
        sample={**_SAMPLE, "link": f"{settings.PUBLIC_URL}/inbox/"},
    ),
    ROLE_ENDED: Message(
        "Your role as {role} of {place} has ended",
        "repos/mail/role_ended.txt",
        "You get this because you had this role.",
        sample={**_SAMPLE, "reason": "The review of spring is over. Thank you."},
    ),
    INVITED: Message(
        "{by} invites you to be {article} of {place}",
        "repos/mail/invitation.txt",
        "You get this once, because {by} entered this address. Nothing happens if you do not answer.",
        sample={**_SAMPLE, "link": f"{settings.PUBLIC_URL}/invitations/…/", "until": "2 Mar 2027, 09:30 UTC"},
        made=_link,
    ),
    ACCEPTED: Message(
        "{who} accepted: {article} of {place}",
        "repos/mail/invitation_accepted.txt",
        "You get this because you invited them.",
        sample={
            **_SAMPLE,
            "who": "Noor Haddad",
            "username": "noor",
            "link": f"{settings.PUBLIC_URL}/namespaces/aurora-lab/people/",
        },
    ),
}


def role_given(role: Role) -> Notice:
    """Somebody learns that they were named."""
    where = {"reviewer": "/inbox/", "auditor": "/inbox/", "steward": "/tags/"}[role.name]
    return _about_role(ROLE_GIVEN, role, role.user, role.given_at, link=settings.PUBLIC_URL + where)


def role_ended(role: Role, by: str) -> Notice:
    """Somebody learns that their role was taken away, by whom and why."""
    assert role.ended_at is not None
    return _about_role(ROLE_ENDED, role, role.user, role.ended_at, by=by, reason=role.end_reason)


def invited(invitation: Invitation) -> Notice:
    """The mail of an invitation. Its notice holds the invitation's key, not the secret of the link."""
    return Notice(
        kind=INVITED,
        subject_type=INVITATION,
        subject_id=invitation.pk,
        occasion=invitation.key.hex,
        recipients=(Recipient(address=invitation.address),),
        data={
            **_words(invitation.role),
            "place": place_of(invitation.namespace, invitation.repository),
            "by": invitation.made_by_label,
            "until": f"{invitation.expires_at:%-d %b %Y, %H:%M} UTC",
            "key": invitation.key.hex,
        },
        namespace_id=invitation.namespace_id,
    )


def accepted(invitation: Invitation, user: User, inviter: User, username: str) -> Notice:
    """Who invited learns who accepted, and what to do if that is somebody else."""
    return Notice(
        kind=ACCEPTED,
        subject_type="namespace",
        subject_id=invitation.namespace_id,
        occasion=invitation.key.hex,
        recipients=recipients([inviter]),
        data={
            **_words(invitation.role),
            "place": place_of(invitation.namespace, invitation.repository),
            "who": str(user),
            "username": username,
            "link": f"{settings.PUBLIC_URL}/namespaces/{invitation.namespace.name}/people/",
        },
        namespace_id=invitation.namespace_id,
    )


def place_of(namespace: Namespace, repository: Repository | None) -> str:
    """The repository or namespace of a role, by name."""
    return repository.name if repository is not None else namespace.name


def _about_role(kind: str, role: Role, user: User, at: datetime, **facts: str) -> Notice:
    return Notice(
        kind=kind,
        subject_type="role",
        subject_id=role.pk,
        occasion=f"{at:%Y%m%dT%H%M%S%f}",
        recipients=recipients([user]),
        data={
            **_words(role.name),
            "place": place_of(role.namespace, role.repository),
            "by": role.given_by_label or "An author",
            **facts,
        },
    )
