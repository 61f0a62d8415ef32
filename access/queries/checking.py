"""Whether a person may download a repository now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from access import checking, states
from access.models import AccessRequest
from hubgate.accounts.models import HubIdentity, HubMembership
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError
from repos import rights as repo_rights
from repos import rules as repo_rules
from repos.models import Repository

_UNKNOWN = "hubgate runs the gate of no such repository, or it is not for you to know."


@dataclass(frozen=True)
class Checked:
    """The answer about one person and one repository; `hub_seen_at` is when the Hub last showed the request."""

    repository: Repository
    user: str
    answer: checking.Answer
    ends_at: datetime | None
    hub_seen_at: datetime | None


def check(actor: Actor, *, repository: str, kind: str = "", user: str = "") -> Checked:
    """Whether `user` (a name on the Hub; empty: the actor) may download `repository` (a name on the Hub, or hubgate's
    id) now. Only the person themselves and who decides for it may ask. Three queries, whatever the answer.
    NotFoundOrHiddenError for a repository that is unknown, or private and not theirs; NotAllowedError to ask about
    others; InvalidInputError where the name means several and no `kind` is said."""
    person = _person(actor, user)
    found = _repository(actor, person, repository, kind)
    is_self = person is not None and person.user_id is not None and person.user_id == actor.user_id
    decides = bool(found.__dict__["mine"])
    request = AccessRequest.objects.filter(repository=found, person=person).first() if person else None
    role = found.__dict__["role"] or ""
    if not decides and not (is_self or not user):
        if found.private:
            raise NotFoundOrHiddenError(_UNKNOWN)
        raise NotAllowedError(f"Only {user} themselves and who decides for {found.name} may ask that.")
    if found.private and not decides and not role and request is None:
        raise NotFoundOrHiddenError(_UNKNOWN)
    name = person.username if person else user.strip() or actor.label
    status = request.status if request else states.NONE
    facts = checking.Facts(
        repository=found.name,
        is_open=repo_rules.is_open(found.gate),
        private=found.private,
        disabled=found.disabled,
        missing=found.missing_since is not None,
        user=name,
        role=role,
        status=status,
        cause=request.cause if request else "",
        hub_status=request.hub_status if request else states.NONE,
        ends_at=request.ends_at if request else None,
    )
    now = timezone.now()
    return Checked(found, name, checking.answer(facts, now), facts.ends_at, request.hub_seen_at if request else None)


def _person(actor: Actor, user: str) -> HubIdentity | None:
    people = HubIdentity.objects.order_by(F("hub_id").asc(nulls_last=True), "pk")
    if not user:
        return people.filter(user=actor.user_id or 0).first()
    return people.annotate(lowered=Lower("username")).filter(lowered=user.strip().lower()).first()


def _repository(actor: Actor, person: HubIdentity | None, name: str, kind: str) -> Repository:
    role = HubMembership.objects.annotate(lowered=Lower("namespace")).filter(
        identity=person.pk if person else 0, lowered=Lower(OuterRef("namespace__name"))
    )
    rows = Repository.objects.annotate(
        mine=Exists(repo_rights.visible_to(actor).filter(pk=OuterRef("pk"))),
        role=Subquery(role.values("role")[:1]),
    )
    if name.isascii() and name.isdigit() and len(name) < 19:
        rows = rows.filter(pk=int(name))
    else:
        rows = rows.annotate(lowered=Lower("name")).filter(lowered=name.strip().lower())
    if kind:
        rows = rows.filter(kind=kind)
    found = list(rows.order_by("pk")[:3])
    if len(found) > 1:
        visible = [one for one in found if one.__dict__["mine"] or not one.private]
        if len(visible) > 1:
            message = f"{name} is a {' and a '.join(one.kind for one in visible)}: say which as “kind”."
            raise InvalidInputError(message, fields={"kind": message})
        found = visible or found[:1]
    if not found:
        raise NotFoundOrHiddenError(_UNKNOWN)
    return found[0]
